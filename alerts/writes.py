"""What is stored of an entity in one transaction: its state, the log entries of its transitions, their outbox entries.

Entities of a batch are written together as far as one transaction takes them: a call costs as much as ten entities. All
of such a transaction is stored or nothing, so whoever is refused tries each entity by itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from alerts.decide import Action, Decision
from alerts.entity import Change, EntityLights
from alerts.items import Item, lights_item, log_item
from alerts.outbox import Pending, outbox_put
from alerts.settings import AlertSettings

MOST_ACTIONS: Final = 100
"""TransactWriteItems takes no more."""
MOST_CHANGES: Final = 24
"""Transitions of an entity stored at once: beside the state, each transition needs its log and its outbox entry, and
may be the one to change the alarm that stands on a light and the list of a storm."""


class Decided(msgspec.Struct, frozen=True):
    """A change, what is done about it, and the alert if people hear of it (now or later)."""

    change: Change
    decision: Decision
    pending: Pending | None
    amended: tuple[str, ...] = ()


class Write(msgspec.Struct, frozen=True):
    """One entity as it was read and as it shall be. `beside`: actions that take effect with it or not at all."""

    before: EntityLights
    after: EntityLights
    decided: Sequence[Decided] = ()
    beside: Sequence[Any] = ()

    @property
    def size(self) -> int:
        """How many actions it takes."""
        return 1 + len(self.beside) + sum(2 if _in_outbox(one) else 1 for one in self.decided)


class WriteAction(NamedTuple):
    """An action of a transaction, and the alert that a refusal of it would be about; "" for a version that moved on."""

    action: Any
    alert_id: str = ""


def together(writes: Iterable[Write]) -> Iterator[list[Write]]:
    """As many as fit one transaction, in their order."""
    group: list[Write] = []
    size = 0
    for write in writes:
        if group and size + write.size > MOST_ACTIONS:
            yield group
            group, size = [], 0
        group.append(write)
        size += write.size
    if group:
        yield group


def actions(write: Write, now: datetime, settings: AlertSettings) -> Iterator[WriteAction]:
    """The actions of one entity."""
    table, before = settings.lights_table, write.before
    yield WriteAction({"Put": {"TableName": table, "Item": lights_item(write.after), **_unchanged_since(before)}})
    for action in write.beside:
        yield WriteAction(action)
    for one in write.decided:
        entry = log_item(one.change, one.decision, now, one.amended)
        yield WriteAction({"Put": {"TableName": settings.light_log_table, "Item": entry}})
        if one.pending is not None and _in_outbox(one):
            outbox = outbox_put(one.pending, one.decision, settings)
            yield WriteAction(outbox, one.pending.message.alert_id)


def _in_outbox(one: Decided) -> bool:
    """Sent or held back, not only logged."""
    return one.pending is not None and one.decision.action is not Action.LOG


def _unchanged_since(before: EntityLights) -> dict[str, Any]:
    if before.version == 0:
        return {"ConditionExpression": "attribute_not_exists(entity)"}
    values: Item = {":seen": {"N": str(before.version)}}
    return {
        "ConditionExpression": "#version = :seen",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": values,
    }
