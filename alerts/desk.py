"""Where all that decides about telling comes together: silences, what people know of a light, causes, what is red."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from alerts.causes import CAUSES_KEY, Alarm, Causes, Storm, assign
from alerts.decide import Action, Circumstances, Decision, decide, joins
from alerts.documents import ConflictError, Document, Documents, Key
from alerts.entity import Amendment, Change, Folded
from alerts.inhibition import Reds
from alerts.items import log_sk
from alerts.messages import render
from alerts.open_lights import NOTHING, OpenLight, after, light_key, stored
from alerts.outbox import pending_of
from alerts.routing import Routing
from alerts.selectors import subject_of
from alerts.settings import AlertSettings
from alerts.silences import Silence
from alerts.storms import member_document
from alerts.writes import Decided
from schemas.errors import Transient
from schemas.lights import Alert

SILENCES_KEPT: Final = timedelta(seconds=10)
"""How long a worker goes on with the silences it read: one reading every ten seconds, not one per batch. So a silence
takes hold within ten seconds."""
ROUNDS: Final = 8
"""How often the causes are read and decided anew when another shard was faster. They are written only while a storm
begins and for alarms that stand alone: a few times a minute."""


class Decisions(msgspec.Struct):
    """About one entity: what was decided, and what is stored with it."""

    decided: list[Decided]
    beside: list[Any]


class Desk:
    """Decides about the changes of a batch. Raises Transient when the tables are away."""

    def __init__(self, documents: Documents, settings: AlertSettings, routing: Routing) -> None:
        self._documents = documents
        self._settings = settings
        self._routing = routing
        self._silences: list[Silence] = []
        self._silences_at: datetime | None = None
        self._storm_due_at: datetime | None = None

    def decide(self, entities: Sequence[Folded], reds: Reds, now: datetime) -> list[Decisions]:
        """For each entity in order. The causes are stored before anything that refers to them."""
        lights = {_key(change): None for folded in entities for change in folded.changes}
        if not lights:
            return [Decisions([], []) for _ in entities]
        known = self._documents.get_all([*lights, CAUSES_KEY])
        around = _Around(self._settings, self._routing, self._current_silences(now), reds, known, now)
        alarms = [alarm for one in entities for alarm in _alarms(around.run(one, {}).decided, one.after.flown_by)]
        grouped = self._grouped(alarms, known, now)
        return [self._finished(around.run(one, grouped)) for one in entities]

    def storm_is_due(self, now: datetime) -> bool:
        """Whether a storm that this worker saw begin has settled since; says so once, the rest is the sweeper's."""
        if self._storm_due_at is None or now < self._storm_due_at:
            return False
        self._storm_due_at = None
        return True

    def _finished(self, run: "_Run") -> Decisions:
        actions = [self._documents.action(document) for document in run.lights.values()]
        actions += [self._documents.action(member, conditional=False) for member in run.members.values()]
        return Decisions(run.decided, actions)

    def _grouped(self, alarms: Sequence[Alarm], known: Mapping[Key, Document], now: datetime) -> dict[str, Storm]:
        """The storm of each alarm that has one."""
        if not alarms:
            return {}
        document = known[CAUSES_KEY]
        for _ in range(ROUNDS):
            before = document.read(Causes, Causes())
            causes, found = assign(before, alarms, self._settings, now)
            if untold := [storm.due_at for storm in causes.storms if storm.due_at >= now]:
                self._storm_due_at = max(untold)
            if causes == before:
                return found
            try:
                self._documents.put(document.written(causes))
            except ConflictError:
                document = self._documents.get(CAUSES_KEY)
                continue
            return found
        raise Transient(f"the causes were written by others {ROUNDS} times")

    def _current_silences(self, now: datetime) -> list[Silence]:
        if self._silences_at is None or not timedelta() <= now - self._silences_at < SILENCES_KEPT:
            self._silences = read_silences(self._documents, now)
            self._silences_at = now
        return self._silences


def read_silences(documents: Documents, now: datetime) -> list[Silence]:
    """Those that are not over."""
    found = (msgspec.json.decode(one.body, type=Silence) for one in documents.query("silence"))
    return [one for one in found if one.ends_at > now]


class _Run(msgspec.Struct):
    decided: list[Decided]
    lights: dict[Key, Document]
    members: dict[Key, Document]


class _Around(msgspec.Struct):
    """What the decisions about one batch look at."""

    settings: AlertSettings
    routing: Routing
    silences: Sequence[Silence]
    reds: Reds
    known: Mapping[Key, Document]
    now: datetime

    def run(self, folded: Folded, grouped: Mapping[str, Storm]) -> _Run:
        """The changes of one entity in order: each looks at what the one before made of its light."""
        run = _Run([], {}, {})
        lights: dict[Key, OpenLight] = {}
        seen: set[str] = set()
        for change in folded.changes:
            transition, key = change.transition, _key(change)
            if transition.alert_id in seen:  # twice to the same light in one instant, by corrections
                continue
            seen.add(transition.alert_id)
            before = lights.get(key) or self.known[key].read(OpenLight, NOTHING)
            decision = self._decision(change, before, folded.after.flown_by, grouped)
            if decision.action is Action.LOG:
                run.decided.append(Decided(change, decision, None, _amended(folded, change)))
                continue
            alert = self._alert(change)
            pending = pending_of(alert, self.routing.receivers_of(subject_of(transition)))
            run.decided.append(Decided(change, decision, pending, _amended(folded, change)))
            light = after(before, transition, decision, alert, log_sk(transition))
            lights[key] = light
            run.lights[key] = stored(self.known[key], light, self.now)
            if light.storm:
                member = member_document(transition, light.storm, self.now)
                run.members[member.key] = member
        return run

    def _decision(
        self, change: Change, before: OpenLight, flown_by: Sequence[str], grouped: Mapping[str, Storm]
    ) -> Decision:
        transition = change.transition
        is_route = transition.scope == "route"
        around = Circumstances(
            age_limit=self.settings.age_limit,
            modelled_alerts=self.settings.modelled_alerts,
            silences=self.silences,
            red=self.reds.of_route(transition.entity, change.rule, flown_by) if is_route else {},
        )
        decision = decide(transition, before, around, self.now)
        storm = grouped.get(transition.alert_id)
        if storm is not None and joins(transition, decision):
            reason = f"{decision.reason}, one of many: {storm.cause}, storm {storm.storm_id}"
            return Decision(Action.GROUP, reason, storm.storm_id)
        return decision

    def _alert(self, change: Change) -> Alert:
        transition, stage = change.transition, self.settings.stage
        message = render(change, stage=stage, alert_id=transition.alert_id, app_url=self.settings.app_url)
        return Alert(
            alert_id=transition.alert_id,
            stage=stage,
            transition=transition,
            subject=message.subject,
            text=message.text,
            text_es=message.text_es,
            decided_at=self.now,
            modelled=transition.evidence.modelled,
            kind="amendment" if change.amends else "alert",
            audience=transition.audience,
        )


def _alarms(decided: Sequence[Decided], flown_by: Sequence[str]) -> list[Alarm]:
    """Those of one entity that are counted by cause. Who flies a route alone can be the cause of its trouble."""
    alone = tuple(flown_by) if len(flown_by) == 1 else ()
    return [
        Alarm(t.alert_id, t.entity, tuple(subject_of(t).airports), t.at, alone)
        for t, decision in ((one.change.transition, one.decision) for one in decided)
        if joins(t, decision)
    ]


def _key(change: Change) -> Key:
    transition = change.transition
    return light_key(transition.scope, transition.entity, transition.rule)


def _amended(folded: Folded, change: Change) -> tuple[str, ...]:
    transition = change.transition
    same = (transition.rule, transition.to_light, transition.at)
    return tuple(one.reason for one in folded.amendments if (one.rule, one.light, one.at) == same)


def standing_amendments(folded: Folded) -> list[Amendment]:
    """The newest for each alarm that stood before this batch; the others are in the log entries of the batch itself."""
    own = {(c.transition.rule, c.transition.to_light, c.transition.at) for c in folded.changes}
    newest = {(one.rule, one.light, one.at): one for one in folded.amendments}
    return [one for key, one in newest.items() if key not in own]
