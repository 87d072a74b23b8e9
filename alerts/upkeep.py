"""What is due by wall clock on the alarms that stand: sent when nothing holds them back any more, repeated, escalated.

The sweeper goes through them each minute. Each step is one transaction (the alarm, what is said, the log), conditional
on the alarm as it was read; so two sweepers, or a sweeper and a new row, never do it twice, and none dies in between.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from alerts.decide import TOO_OLD, Action, Decision
from alerts.documents import ConflictError, Document, Documents
from alerts.entity import EntityLights, entity_key
from alerts.inhibition import Reds, inhibiting
from alerts.items import Item, decision_update
from alerts.notify import Notifier
from alerts.open_lights import NOTHING, OPEN_KIND, OpenLight, due, stored
from alerts.outbox import Pending, outbox_put
from alerts.reminders import again
from alerts.routing import Routing
from alerts.selectors import subject_of
from alerts.settings import AlertSettings
from alerts.silences import Silence, silencing
from alerts.store import LightStore
from rules.load import Catalog
from schemas.errors import Transient
from schemas.lights import Alert, AlertKind, Light
from schemas.rows import ends_of

_HELD: Final = (Action.SILENCE, Action.INHIBIT, Action.HOLD, Action.GROUP)


class Step(msgspec.Struct, frozen=True):
    """What is due: how the alarm stands then, what is said to whom; without a `kind` it is held by something else."""

    light: OpenLight
    reason: str
    kind: AlertKind | None = None
    audience: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()


class Upkeep:
    """One pass over the alarms that stand. Raises Transient when the tables are away."""

    def __init__(
        self,
        documents: Documents,
        store: LightStore,
        notifier: Notifier,
        catalog: Catalog,
        routing: Routing,
        settings: AlertSettings,
    ) -> None:
        self._documents = documents
        self._store = store
        self._notifier = notifier
        self._catalog = catalog
        self._routing = routing
        self._settings = settings

    def run(self, silences: Sequence[Silence], storms: set[str], now: datetime) -> int:
        """How many alerts went out. One that fails is stored and left to the next sweep."""
        documents = list(self._documents.open(OPEN_KIND))
        lights = {one.key: one.read(OpenLight, NOTHING) for one in documents}
        entities = self._entities(light.alert for light in lights.values() if light.alert and light.action in _HELD)
        reds = Reds(entities.values(), self._catalog)
        around = _Around(self._catalog, self._routing, self._settings, silences, storms, entities, reds, now)
        told = 0
        for document in documents:
            step = around.step(lights[document.key])
            if step is not None and self._take(document, step, now):
                told += 1
        return told

    def _entities(self, alerts: Iterable[Alert]) -> Mapping[str, EntityLights]:
        wanted: dict[str, EntityLights] = {}
        for alert in alerts:
            transition = alert.transition
            own = EntityLights(scope=transition.scope, name=transition.entity)
            wanted[own.key] = own
            if transition.scope == "route":
                for airport in ends_of(transition.entity):
                    wanted[entity_key("airport", airport)] = EntityLights(scope="airport", name=airport)
        known = self._store.load(wanted.values())
        if "carrier" in inhibiting(self._catalog):
            flying = sorted({carrier for one in known for carrier in one.flown_by})
            known += self._store.load(EntityLights(scope="carrier", name=carrier) for carrier in flying)
        return {one.key: one for one in known}

    def _take(self, document: Document, step: Step, now: datetime) -> bool:
        """Whether something was said."""
        before, alert = document.read(OpenLight, NOTHING), step.light.alert
        if alert is None:
            return False
        transition = alert.transition
        key: Item = {"entity": {"S": entity_key(transition.scope, transition.entity)}, "sk": {"S": before.log_sk}}
        actions = [
            self._documents.action(stored(document, step.light, now)),
            decision_update(key, now, step.kind or step.light.action.value, step.reason, self._settings),
        ]
        pending = None
        if step.kind is not None:
            said = again(alert, step.kind, f"{alert.alert_id}.{document.version}", step.reason, step.audience, now)
            pending = Pending(said, step.receivers, key["entity"]["S"], before.log_sk)
            actions.append(outbox_put(pending, Decision(Action.SEND, step.reason), self._settings))
        try:
            self._documents.transact(actions)
        except ConflictError:
            return False  # a row or another sweeper was faster
        if pending is None:
            return False
        try:
            self._notifier.deliver(pending)
        except Transient:
            return False  # stored: a later sweep sends it
        return True


class _Around(msgspec.Struct):
    catalog: Catalog
    routing: Routing
    settings: AlertSettings
    silences: Sequence[Silence]
    storms: set[str]
    entities: Mapping[str, EntityLights]
    reds: Reds
    now: datetime

    def step(self, light: OpenLight) -> Step | None:
        """What is due on this alarm."""
        if light.alert is None or not light.alarm:
            return None
        if light.action in _HELD:
            return self._held(light, light.alert)
        silenced = silencing(self.silences, subject_of(light.alert.transition), self.now)
        if light.action is not Action.SEND or light.light is not Light.RED or light.acknowledged or silenced:
            return None
        return self._again(light, light.alert)

    def _held(self, light: OpenLight, alert: Alert) -> Step | None:
        """Sent once nothing holds it back; what held it may have been followed by something else."""
        if light.action is Action.GROUP:
            held = light.by in self.storms
            over = "its storm is over"
        elif light.action is Action.HOLD:
            held = light.by != TOO_OLD or not self._current(alert)
            over = "the rows have caught up"
        else:
            held, over = False, f"what held it back ({light.by}) is over"
        if held:
            return None
        transition = alert.transition
        subject = subject_of(transition)
        if silence := silencing(self.silences, subject, self.now):
            return self._held_by(light, Action.SILENCE, silence.silence_id, silence.words(self.now))
        for name, rule in self._red(alert).items():
            return self._held_by(light, Action.INHIBIT, name, f"{name} is RED on {rule}: one cause, one alarm")
        return Step(
            msgspec.structs.replace(
                light, action=Action.SEND, by="", reason=over, first_told_at=self.now, told_at=self.now
            ),
            f"{over}, and it is still {light.light}",
            "released",
            transition.audience,
            self.routing.receivers_of(subject),
        )

    def _held_by(self, light: OpenLight, action: Action, by: str, reason: str) -> Step | None:
        if (light.action, light.by) == (action, by):
            return None
        return Step(msgspec.structs.replace(light, action=action, by=by, reason=reason), reason)

    def _again(self, light: OpenLight, alert: Alert) -> Step | None:
        subject = subject_of(alert.transition)
        route = self.routing.route_of(subject)
        if light.escalated < len(route.escalate):
            step = route.escalate[light.escalated]
            if due(light.first_told_at, step.after, self.now):
                after = msgspec.structs.replace(light, escalated=light.escalated + 1, told_at=self.now)
                receivers = step.receivers or self.routing.receivers_of(subject)
                reason = f"nobody acknowledged it in {_minutes(self.now, light.first_told_at)}: to {step.audience}"
                return Step(after, reason, "escalation", (step.audience,), receivers)
        if due(light.told_at, route.repeat, self.now):
            after = msgspec.structs.replace(light, repeats=light.repeats + 1, told_at=self.now)
            reason = f"still {light.light} after {_minutes(self.now, light.first_told_at)}"
            return Step(after, reason, "repeat", alert.transition.audience, self.routing.receivers_of(subject))
        return None

    def _red(self, alert: Alert) -> Mapping[str, str]:
        transition = alert.transition
        rule = self.catalog.rules.get(transition.rule)
        route = self.entities.get(entity_key(transition.scope, transition.entity))
        if transition.scope != "route" or rule is None or route is None:
            return {}
        return self.reds.of_route(transition.entity, rule, route.flown_by)

    def _current(self, alert: Alert) -> bool:
        """Whether the newest row of the entity is of now: then its light is, too."""
        limit, transition = self.settings.age_limit, alert.transition
        entity = self.entities.get(entity_key(transition.scope, transition.entity))
        newest = max((row.at for row in entity.rows.values()), default=None) if entity else None
        return limit is None or (newest is not None and self.now - newest <= limit)


def _minutes(now: datetime, since: datetime | None) -> str:
    return f"{(now - since) // timedelta(minutes=1) if since else 0} min"
