"""Alerts as they wait in the outbox: the JSON that is published, to whom, and where the log tells of it.

`pending_shard` is there only while an alert waits to be sent; what is done with leaves by its time to live.
"""

import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from alerts.decide import Action, Decision
from alerts.items import Item, decision_attribute, log_sk
from alerts.settings import AlertSettings
from schemas.lights import Alert, Member, StageNotice

PENDING_SHARDS: Final = 4
"""The pending index is read by as many queries. One key of an index takes 1,000 writes a second; a storm of a whole
network is 2,000 alerts at once."""
SENT_KEPT: Final = timedelta(days=28)
"""How long `explain` finds a sent alert by its id alone; the log keeps it for good."""

MOST_LISTED: Final = 2_500
"""Lights in the log entry of a summary: 120 bytes each, and an item takes 400 KB."""

_alert_decoder = msgspec.json.Decoder(Alert)
_notice_decoder = msgspec.json.Decoder(StageNotice)


class Pending(msgspec.Struct, frozen=True):
    """An alert on its way, to whom, where its log entry stands, and how often it was tried before."""

    message: Alert | StageNotice
    receivers: tuple[str, ...]
    log_entity: str
    log_sk: str
    attempts: int = 0

    @property
    def log_key(self) -> Item:
        """The key of its log entry."""
        return {"entity": {"S": self.log_entity}, "sk": {"S": self.log_sk}}


def pending_of(alert: Alert, receivers: tuple[str, ...]) -> Pending:
    """An alert about a transition, whose log entry is that transition's."""
    transition = alert.transition
    return Pending(alert, receivers, f"{transition.scope}#{transition.entity}", log_sk(transition))


def outbox_item(pending: Pending, decision: Decision) -> Item:
    """The alert as it waits to be sent, or as it is held back."""
    message = pending.message
    sends = decision.action is Action.SEND
    item: Item = {
        "alert_id": {"S": message.alert_id},
        "kind": {"S": message.kind},
        "alert": {"S": msgspec.json.encode(message).decode()},
        "receivers": {"S": msgspec.json.encode(pending.receivers).decode()},
        "log_entity": {"S": pending.log_entity},
        "log_sk": {"S": pending.log_sk},
        "created_at": {"S": message.decided_at.isoformat()},
        "attempts": {"N": "0"},
        "status": {"S": "pending" if sends else "held"},
        "reason": {"S": decision.reason},
    }
    if sends:
        item["pending_shard"] = {"S": pending_shard(message.alert_id)}
    else:
        item["expires_at"] = {"N": str(expires_at(message.decided_at))}
    return item


def read_outbox_item(item: Mapping[str, Any]) -> Pending:
    """The alert of an outbox item."""
    about_stage = item["kind"]["S"].startswith("outage")
    decoder: msgspec.json.Decoder[Any] = _notice_decoder if about_stage else _alert_decoder
    return Pending(
        message=decoder.decode(item["alert"]["S"]),
        receivers=tuple(msgspec.json.decode(item["receivers"]["S"], type=list[str])),
        log_entity=item["log_entity"]["S"],
        log_sk=item["log_sk"]["S"],
        attempts=int(item["attempts"]["N"]),
    )


class Told(msgspec.Struct, frozen=True):
    """What is said beside the transitions: about a storm with its full list, or about the stage."""

    pending: Pending
    decision: Decision
    members: tuple[Member, ...] = ()


def told_item(told: Told, settings: AlertSettings) -> list[Any]:
    """Its log entry and its outbox entry, as part of a transaction."""
    message, reason = told.pending.message, told.decision.reason
    log: Item = {
        **told.pending.log_key,
        "alert_id": {"S": message.alert_id},
        "decision": {"S": message.kind},
        "decided_at": {"S": message.decided_at.isoformat()},
        "reason": {"S": reason},
        "text": {"S": message.text},
        "decisions": {"L": [decision_attribute(message.decided_at, message.kind, reason)]},
        "members": {"S": msgspec.json.encode([_listed(one) for one in told.members[:MOST_LISTED]]).decode()},
    }
    return [
        {"Put": {"TableName": settings.light_log_table, "Item": log}},
        outbox_put(told.pending, told.decision, settings),
    ]


def outbox_put(pending: Pending, decision: Decision, settings: AlertSettings) -> Any:
    """The outbox entry as part of a transaction; refused if it is there already."""
    return {
        "Put": {
            "TableName": settings.outbox_table,
            "Item": outbox_item(pending, decision),
            "ConditionExpression": "attribute_not_exists(alert_id)",
        }
    }


def _listed(one: Member) -> tuple[str, ...]:
    return (
        f"{one.scope}#{one.entity}",
        one.rule,
        one.light,
        f"{one.usd_per_hour:.0f}",
        one.at.isoformat(),
        one.alert_id,
    )


def pending_shard(alert_id: str) -> str:
    """Which of the pending index's keys an alert waits under."""
    return str(zlib.crc32(alert_id.encode()) % PENDING_SHARDS)


def expires_at(now: datetime) -> int:
    """When an alert that is done with leaves the outbox, in epoch seconds as DynamoDB wants it."""
    return int((now + SENT_KEPT).timestamp())
