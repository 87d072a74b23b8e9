"""One summary instead of a storm of alerts: the list of its lights, what was said of it, and when to say more.

Each light that joins is an entry of the list, written in the transaction of its own transition, so that the list is
whole whatever dies. A summary is due once the storm has settled; then when it doubled, after an interval, when nobody
took it on, and when it is over. What was said is stored with the summary in the outbox, in one transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from alerts.causes import CAUSES_KEY, Causes, Storm
from alerts.decide import Action, Decision
from alerts.documents import KEPT, ConflictError, Document, Documents, Key
from alerts.entity import ALARMS
from alerts.notify import Notifier
from alerts.open_lights import Acknowledged, due
from alerts.outbox import Pending, Told, told_item
from alerts.routing import Routing
from alerts.selectors import Subject, severity_bucket
from alerts.settings import AlertSettings
from alerts.store import LightStore
from alerts.summary_text import summary_text
from schemas.lights import WORST_FIRST, Alert, Group, Light, Member, Transition

EMPTY_KEPT: Final = timedelta(hours=1)
"""A storm nobody joined: its worker died, and whoever got its batch found other causes."""
MOST_SHOWN: Final = 20


class Said(msgspec.Struct, frozen=True):
    """What people know of a storm: after `number` summaries, the last of `entities` with these lights."""

    number: int = 0
    first_told_at: datetime | None = None
    told_at: datetime | None = None
    entities: int = 0
    lights: dict[Light, int] = {}
    escalated: int = 0
    acknowledged: Acknowledged | None = None
    absorbed: tuple[str, ...] = ()


class Storms:
    """Tells of storms. Methods raise Transient when the tables or SNS are away."""

    def __init__(
        self,
        documents: Documents,
        store: LightStore,
        notifier: Notifier,
        routing: Routing,
        settings: AlertSettings,
    ) -> None:
        self._documents = documents
        self._store = store
        self._notifier = notifier
        self._routing = routing
        self._settings = settings

    def going_on(self) -> Sequence[Storm]:
        """Those that new alarms join, or that are not over."""
        return self._documents.get(CAUSES_KEY).read(Causes, Causes()).storms

    def tell_all(self, now: datetime) -> int:
        """Of each storm what is due; how many summaries went out. Those that are over are closed."""
        told, over = 0, []
        for storm in self.going_on():
            if now < storm.due_at:
                continue
            members = self.members(storm)
            told += self.tell(storm, members, now)
            if not _alarms(members) and (members or now - storm.began_at > EMPTY_KEPT):
                over.append(storm.storm_id)
        if over:
            self._close(over)
        return told

    def tell(self, storm: Storm, members: Sequence[Member], now: datetime) -> bool:
        """The summary that is due, if one is."""
        document = self._documents.get(Key("summary", storm.storm_id))
        said = document.read(Said, Said())
        worst = _worst(members)
        if worst is None:
            return False
        route = self._routing.route_of(_subject(worst))
        step = route.escalate[said.escalated] if said.escalated < len(route.escalate) else None
        group = _group(storm, members, said.number + 1)
        reason = self._reason(said, group, now)
        escalates = (
            bool(group.lights.get(Light.RED))
            and said.acknowledged is None
            and step is not None
            and due(said.first_told_at, step.after, now)
        )
        if not reason and not escalates:
            return False
        audience = (step.audience,) if escalates and step else _audience(members)
        reason = f"nobody acknowledged it: to {step.audience}" if escalates and step else reason
        receivers = (escalates and step and step.receivers) or self._receivers(members)
        pending = self._pending(storm, group, worst, tuple(receivers), audience, reason, now)
        after = msgspec.structs.replace(
            said,
            number=group.number,
            first_told_at=said.first_told_at or now,
            told_at=now,
            entities=group.entities,
            lights=group.lights,
            escalated=said.escalated + escalates,
            absorbed=storm.absorbed,
        )
        told = Told(pending, Decision(Action.SEND, reason), tuple(members))
        try:
            self._documents.transact(
                [self._documents.action(document.written(after)), *told_item(told, self._settings)]
            )
        except ConflictError:
            return False  # another worker tells it
        self._notifier.deliver(pending)
        return True

    def members(self, storm: Storm) -> list[Member]:
        """The full list, one entry per light, the dearest of the worst first."""
        return list_of(self._documents, (*storm.absorbed, storm.storm_id))

    def _reason(self, said: Said, group: Group, now: datetime) -> str:
        standing = sum(group.lights.get(light, 0) for light in ALARMS)
        were = sum(said.lights.get(light, 0) for light in ALARMS)
        if not said.number:
            return "first summary"
        if were and not standing:
            return "over"
        if group.entities >= 2 * said.entities:
            return "it doubled"
        if due(said.told_at, timedelta(minutes=self._settings.storm_update_minutes), now) and standing:
            if group.lights != said.lights:
                return "it changed"
            return "" if said.acknowledged else "it goes on"
        return ""

    def _pending(
        self,
        storm: Storm,
        group: Group,
        worst: Member,
        receivers: tuple[str, ...],
        audience: tuple[str, ...],
        reason: str,
        now: datetime,
    ) -> Pending:
        transition: Transition = self._store.transition(worst)
        text = summary_text(storm, group, reason, self._settings.stage, now, self._settings.app_url)
        alert = Alert(
            alert_id=f"{storm.storm_id}.{group.number}",
            stage=self._settings.stage,
            transition=transition,
            subject=text.subject,
            text=text.text,
            text_es=text.text_es,
            decided_at=now,
            modelled=transition.evidence.modelled,
            kind="summary",
            about=storm.storm_id,
            audience=audience,
            group=group,
        )
        return Pending(alert, receivers, f"storm#{storm.storm_id}", f"{now.isoformat()}#{group.number:04d}")

    def _receivers(self, members: Sequence[Member]) -> tuple[str, ...]:
        """All who would have heard of any of them."""
        return tuple(dict.fromkeys(name for m in members for name in self._routing.receivers_of(_subject(m))))

    def _close(self, storm_ids: Sequence[str]) -> None:
        document = self._documents.get(CAUSES_KEY)
        causes = document.read(Causes, Causes())
        left = tuple(storm for storm in causes.storms if storm.storm_id not in storm_ids)
        try:
            self._documents.put(document.written(msgspec.structs.replace(causes, storms=left)))
        except ConflictError:
            return  # the next minute


def list_of(documents: Documents, storm_ids: Sequence[str]) -> list[Member]:
    """The lights that stand in these lists; the newest entry of each light counts."""
    found: dict[tuple[str, str, str], Member] = {}
    for storm_id in storm_ids:
        for document in documents.query(f"storm#{storm_id}"):
            one = msgspec.json.decode(document.body, type=Member)
            key = (one.scope, one.entity, one.rule)
            if key not in found or found[key].at <= one.at:
                found[key] = one
    return sorted(found.values(), key=lambda one: (WORST_FIRST[one.light], -one.usd_per_hour, one.entity))


def member_document(transition: Transition, storm_id: str, now: datetime) -> Document:
    """A light as an entry of a storm's list; the newest change of a light replaces the one before."""
    member = Member(
        scope=transition.scope,
        entity=transition.entity,
        rule=transition.rule,
        light=transition.to_light,
        usd_per_hour=transition.severity.usd_per_hour,
        modelled=transition.severity.modelled,
        at=transition.at,
        alert_id=transition.alert_id,
        audience=transition.audience,
    )
    key = Key(f"storm#{storm_id}", f"{transition.scope}#{transition.entity}#{transition.rule}")
    return Document(key).written(member, expires_at=now + KEPT)


def _group(storm: Storm, members: Sequence[Member], number: int) -> Group:
    """Counted by entity: rules of one route look at the same trouble, so its worst light and largest stake count."""
    of_entity: dict[str, list[Member]] = {}
    for one in members:
        of_entity.setdefault(f"{one.scope}#{one.entity}", []).append(one)
    lights: dict[Light, int] = {}
    for own in of_entity.values():
        light = min((one.light for one in own), key=WORST_FIRST.__getitem__)
        lights[light] = lights.get(light, 0) + 1
    at_stake = [max((m.usd_per_hour for m in own if m.light in ALARMS), default=0.0) for own in of_entity.values()]
    return Group(
        storm_id=storm.storm_id,
        cause=storm.cause,
        number=number,
        lights=dict(sorted(lights.items(), key=lambda one: WORST_FIRST[one[0]])),
        entities=len(of_entity),
        usd_per_hour=round(sum(at_stake), 2),
        modelled=any(one.modelled for one in members),
        worst=tuple(members[:MOST_SHOWN]),
    )


def _worst(members: Sequence[Member]) -> Member | None:
    return members[0] if members else None


def _alarms(members: Sequence[Member]) -> bool:
    return any(one.light in ALARMS for one in members)


def _audience(members: Sequence[Member]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in members for name in one.audience))


def _subject(member: Member) -> Subject:
    return Subject(
        scope=member.scope,
        entity=member.entity,
        rule=member.rule,
        light=member.light,
        severity=severity_bucket(member.usd_per_hour),
        audience=member.audience,
    )


def storm_names(storms: Sequence[Storm]) -> set[str]:
    """The ids that lights may be grouped under."""
    return {name for storm in storms for name in (storm.storm_id, *storm.absorbed)}
