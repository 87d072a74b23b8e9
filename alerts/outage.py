"""When nothing comes in any more: noticed by wall clock, outside the stream that fell silent.

The semáforo notes now and then that rows come. Once none has for longer than the grace, the sweeper sends one alert for
the outage, turns lights GREY whose evidence is older than their rule allows, which go out as one summary, and says when
rows come again. Each step is one transaction, so none is done twice and none is half done.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from alerts.causes import Storm
from alerts.decide import Action, Decision
from alerts.documents import ConflictError, Document, Documents, Key
from alerts.entity import ALARMS, Change, EntityLights, RuleLight
from alerts.history import History
from alerts.messages import ascii_line
from alerts.notify import Notifier
from alerts.open_lights import NOTHING, OpenLight, light_key, stored
from alerts.outbox import Pending, Told, told_item
from alerts.routing import Routing
from alerts.selectors import Subject
from alerts.settings import AlertSettings
from alerts.store import LightStore
from alerts.storms import Storms, member_document
from alerts.writes import MOST_CHANGES, Decided, Write
from rules.durations import format_duration
from rules.load import Catalog
from rules.rule import Rule
from schemas.lights import Evidence, Light, LightState, Severity, StageNotice, Transition
from schemas.rows import KpiRow

ROWS_KEY: Final = Key("stage", "rows")
AUDIENCE: Final = ("operations",)
NOTED_EVERY: Final = timedelta(seconds=10)
"""By each worker: six writes a minute, and a grace of minutes need not know it better."""
CAUSE: Final = "no rows"


class RowsSeen(msgspec.Struct, frozen=True):
    """When rows last came (wall clock), and since when none does, if that was said."""

    seen_at: datetime
    silent_since_at: datetime | None = None


class RowsNote:
    """The semáforo's side: notes that rows come."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._noted_at: datetime | None = None

    def note(self, now: datetime) -> None:
        """At most every ten seconds. Raises Transient when the table is away."""
        if self._noted_at is not None and now - self._noted_at < NOTED_EVERY:
            return
        self._noted_at = now
        document = self._documents.get(ROWS_KEY)
        seen = document.read(RowsSeen, RowsSeen(now))
        try:
            self._documents.put(document.written(msgspec.structs.replace(seen, seen_at=max(now, seen.seen_at))))
        except ConflictError:
            return  # another shard noted it


class Outage:
    """The sweeper's side. Methods raise Transient when the tables or SNS are away."""

    def __init__(
        self,
        documents: Documents,
        store: LightStore,
        history: History,
        storms: Storms,
        notifier: Notifier,
        catalog: Catalog,
        routing: Routing,
        settings: AlertSettings,
    ) -> None:
        self._documents = documents
        self._store = store
        self._history = history
        self._storms = storms
        self._notifier = notifier
        self._catalog = catalog
        self._routing = routing
        self._settings = settings

    def watch(self, now: datetime) -> int:
        """How many alerts went out."""
        grace = timedelta(minutes=self._settings.silence_grace_minutes)
        document = self._documents.get(ROWS_KEY)
        if not grace or not document.version:
            return 0
        seen = document.read(RowsSeen, RowsSeen(now))
        silent = now - seen.seen_at > grace
        told = 0
        if silent and seen.silent_since_at is None:
            told += self._say("outage", document, seen, now)
        if not silent and seen.silent_since_at is not None:
            told += self._say("outage over", document, seen, now)
        return told + (self._turn_grey(seen.seen_at, now) if silent else 0)

    def _say(self, kind: Literal["outage", "outage over"], document: Document, seen: RowsSeen, now: datetime) -> int:
        begins = kind == "outage"
        since = seen.seen_at if begins else seen.silent_since_at or seen.seen_at
        after = msgspec.structs.replace(seen, silent_since_at=since if begins else None)
        notice = _notice(kind, since, now, self._settings.stage)
        subject = Subject(
            scope="stage", entity="", rule="outage", light=Light.GREY, severity="very-high", audience=AUDIENCE
        )
        receivers = self._routing.receivers_of(subject)
        pending = Pending(notice, receivers, f"stage#{self._settings.stage}", f"{now.isoformat()}#{kind}")
        told = Told(pending, Decision(Action.SEND, f"no row since {since.isoformat()}"))
        try:
            self._documents.transact(
                [self._documents.action(document.written(after)), *told_item(told, self._settings)]
            )
        except ConflictError:
            return 0  # a row came, or another sweeper was faster
        self._notifier.deliver(pending)
        return 1

    def _turn_grey(self, since: datetime, now: datetime) -> int:
        storm = Storm(
            storm_id=f"silent-{since:%Y%m%dT%H%M%S}",
            cause=CAUSE,
            airport="",
            began_at=since,
            joined_at=since,
            due_at=since,
        )
        turned = False
        for lights in self._history.lights():
            stale = list(self._stale(lights, now))[:MOST_CHANGES]
            if stale:
                self._store_grey(lights, stale, storm, now)
                turned = True
        members = self._storms.members(storm) if turned else []
        return int(self._storms.tell(storm, members, now)) if members else self._finish(storm, now)

    def _finish(self, storm: Storm, now: datetime) -> int:
        """A summary that a sweep which died did not get to."""
        members = self._storms.members(storm)
        return int(bool(members) and self._storms.tell(storm, members, now))

    def _stale(self, lights: EntityLights, now: datetime) -> Iterator["_Stale"]:
        for name, light in lights.rules.items():
            rule, evidence = self._catalog.rules.get(name), light.state.evidence
            row = lights.rows.get(rule.window) if rule else None
            if rule is None or row is None or evidence is None or light.state.light is Light.GREY:
                continue
            if rule.max_age is not None and now - row.ingested_at > rule.max_age:
                yield _Stale(rule, light, row, evidence)

    def _store_grey(self, before: EntityLights, stale: "list[_Stale]", storm: Storm, now: datetime) -> None:
        rules, decided, beside = dict(before.rules), [], []
        known = self._documents.get_all([light_key(before.scope, before.name, one.rule.id) for one in stale])
        for one in stale:
            rule, light = one.rule, one.light
            change = _to_grey(before, one, now)
            transition = change.transition
            rules[rule.id] = RuleLight(_grey_state(light, transition), None)
            reason = f"{transition.reason}; one of many: {CAUSE}, storm {storm.storm_id}"
            decided.append(Decided(change, Decision(Action.GROUP, reason, storm.storm_id), None))
            beside.append(self._documents.action(member_document(transition, storm.storm_id, now), conditional=False))
            document = known[light_key(before.scope, before.name, rule.id)]
            open_light = document.read(OpenLight, NOTHING)
            if open_light.alarm:
                closed = OpenLight(light=Light.GREY, action=Action.GROUP, storm=open_light.storm, reason=reason)
                beside.append(self._documents.action(stored(document, closed, now)))
                if open_light.storm:
                    member = member_document(transition, open_light.storm, now)
                    beside.append(self._documents.action(member, conditional=False))
        after = msgspec.structs.replace(before, version=before.version + 1, rules=rules)
        try:
            self._store.commit([Write(before, after, decided, beside)], now)
        except ConflictError:
            return  # a row came for it: it is judged anew


class _Stale(msgspec.Struct, frozen=True):
    """A light whose newest row is too old for its rule."""

    rule: Rule
    light: RuleLight
    row: KpiRow
    evidence: Evidence


def _to_grey(lights: EntityLights, stale: _Stale, now: datetime) -> Change:
    rule, row, state = stale.rule, stale.row, stale.light.state
    age = format_duration(timedelta(minutes=(now - row.ingested_at) // timedelta(minutes=1)))
    limit = format_duration(rule.max_age or timedelta())
    transition = Transition(
        rule=rule.id,
        rule_version=rule.version,
        scope=lights.scope,
        entity=lights.name,
        window=rule.window,
        at=now,
        revision=0,
        from_light=state.light,
        to_light=Light.GREY,
        evidence=stale.evidence,
        severity=state.severity or Severity(usd_per_hour=0.0),
        reason=f"no row has come: the newest is {age} old, older than {limit}",
        audience=rule.audience,
        runbook=rule.runbook,
        ingested_at=row.ingested_at,
        previous_since_at=state.since_at,
    )
    return Change(transition, row, rule, stale.light.episode if state.light in ALARMS else None)


def _grey_state(light: RuleLight, transition: Transition) -> LightState:
    return msgspec.structs.replace(
        light.state,
        light=Light.GREY,
        since_at=transition.at,
        pending=None,
        pending_since_at=None,
        leaving_since_at=None,
        reason=transition.reason,
    )


def _notice(kind: Literal["outage", "outage over"], since: datetime, now: datetime, stage: str) -> StageNotice:
    lasted = format_duration(timedelta(minutes=(now - since) // timedelta(minutes=1)))
    if kind == "outage":
        subject = f"SILENT: no KPI row for {lasted} [{stage}]"
        text = (
            f"No KPI row has come since {since:%Y-%m-%d %H:%M} UTC ({lasted}). Lights that rest on older evidence than"
            " their rule allows turn GREY. Look at the brokers, the KPI job and the stream, in this order."
        )
        text_es = (
            f"No llega ninguna fila de KPI desde las {since:%Y-%m-%d %H:%M} UTC ({lasted}). Los semáforos con evidencia"
            " más vieja de lo que su regla admite pasan a GRIS. Revise los brokers, el job y el stream, en ese orden."
        )
    else:
        subject = f"BACK: KPI rows come again after {lasted} [{stage}]"
        text = f"KPI rows come again. None came from {since:%Y-%m-%d %H:%M} UTC on, for {lasted}."
        text_es = f"Vuelven a llegar filas de KPI. No llegó ninguna desde las {since:%Y-%m-%d %H:%M} UTC, en {lasted}."
    return StageNotice(
        alert_id=f"{kind.replace(' ', '-')}-{since:%Y%m%dT%H%M%S%f}",
        stage=stage,
        kind=kind,
        subject=ascii_line(subject),
        text=text,
        text_es=text_es,
        decided_at=now,
        silent_since_at=since,
        audience=AUDIENCE,
    )
