"""What is stored, for people: the lights now, the alerts, the log of an entity. Reads only."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from alerts.entity import EntityLights
from alerts.items import LogEntry, read_lights, read_log_entry
from alerts.outbox import read_outbox_item
from alerts.settings import AlertSettings
from schemas.errors import Transient
from schemas.lights import Alert, StageNotice

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class StoredAlert(msgspec.Struct, frozen=True):
    """An alert of the outbox: "pending", "sent" or "held", and why."""

    message: Alert | StageNotice
    status: str
    reason: str
    sent_at: datetime | None


class Said(msgspec.Struct, frozen=True):
    """One summary of a storm in the log: its alert id, when it was decided and sent, and how many lights it lists."""

    alert_id: str
    decided_at: datetime
    sent_at: datetime | None
    lights: int
    listed: frozenset[str]


class History:
    """The three tables of a stage. Every method raises Transient when DynamoDB does not answer or refuses."""

    def __init__(self, dynamodb: "DynamoDBClient", settings: AlertSettings) -> None:
        self._dynamodb = dynamodb
        self._settings = settings

    def lights(self) -> list[EntityLights]:
        """Every entity with its lights, in no order. Reads all of them: a few hundred to a few thousand."""
        return [read_lights(item) for item in self._pages("scan", TableName=self._settings.lights_table)]

    def alerts(self) -> list[StoredAlert]:
        """The alerts of the outbox (unsent ones, and 28 days of the others), newest decision first."""
        found = [_stored_alert(item) for item in self._pages("scan", TableName=self._settings.outbox_table)]
        return sorted(found, key=lambda one: one.message.decided_at, reverse=True)

    def log(self, entity: str, until: datetime) -> list[LogEntry]:
        """The transitions of an entity ("route#JFK-LAX") with event time up to `until`, oldest first."""
        # "~" sorts behind every character of a sort key: the transitions at `until` itself are in.
        keys = {":entity": {"S": entity}, ":until": {"S": f"{until.isoformat()}~"}}
        pages = self._pages(
            "query",
            TableName=self._settings.light_log_table,
            KeyConditionExpression="entity = :entity AND sk <= :until",
            ExpressionAttributeValues=keys,
            ConsistentRead=True,
        )
        return [read_log_entry(item) for item in pages if "transition" in item]

    def summaries(self, entry: LogEntry) -> list[Said]:
        """What was said of the storm that the entry is grouped under since then, oldest first; empty if it is not."""
        if not entry.held_by:
            return []
        pages = self._pages(
            "query",
            TableName=self._settings.light_log_table,
            KeyConditionExpression="entity = :storm AND sk >= :since",
            ExpressionAttributeValues={
                ":storm": {"S": f"storm#{entry.held_by}"},
                ":since": {"S": entry.decided_at.isoformat()},
            },
        )
        return [_said(item) for item in pages]

    def entry(self, alert_id: str) -> LogEntry | None:
        """The log entry of an alert; None if no transition has this id.

        The outbox knows where it stands. One that left it, or was never news to people, is looked for in the whole log.
        """
        key = self._log_key(alert_id)
        if key is None:
            found = self._pages(
                "scan",
                TableName=self._settings.light_log_table,
                FilterExpression="alert_id = :alert_id",
                ExpressionAttributeValues={":alert_id": {"S": alert_id}},
            )
            item = next(found, None)
        else:
            item = self._get(self._settings.light_log_table, key)
        return None if item is None or "transition" not in item else read_log_entry(item)

    def _log_key(self, alert_id: str) -> Any:
        item = self._get(self._settings.outbox_table, {"alert_id": {"S": alert_id}})
        if item is None:
            return None
        return {"entity": item["log_entity"], "sk": item["log_sk"]}

    def _get(self, table: str, key: Any) -> Any:
        try:
            return self._dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
        except (ClientError, BotoCoreError) as error:
            raise Transient(str(error)) from error

    def _pages(self, operation: Any, **request: Any) -> Iterator[Any]:
        try:
            for page in self._dynamodb.get_paginator(operation).paginate(**request):
                yield from page["Items"]
        except (ClientError, BotoCoreError) as error:
            raise Transient(str(error)) from error


def _stored_alert(item: Any) -> StoredAlert:
    sent_at = item.get("sent_at")
    return StoredAlert(
        message=read_outbox_item(item).message,
        status=item["status"]["S"],
        reason=item["reason"]["S"],
        sent_at=datetime.fromisoformat(sent_at["S"]) if sent_at else None,
    )


def _said(item: Any) -> Said:
    listed = msgspec.json.decode(item["members"]["S"], type=list[list[str]])
    sent_at = item.get("sent_at")
    return Said(
        alert_id=item["alert_id"]["S"],
        decided_at=datetime.fromisoformat(item["decided_at"]["S"]),
        sent_at=datetime.fromisoformat(sent_at["S"]) if sent_at else None,
        lights=len(listed),
        listed=frozenset(one[-1] for one in listed),
    )
