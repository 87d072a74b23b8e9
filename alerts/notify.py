"""Alerts out of the outbox to the SNS topic, then marked sent.

Promise: every alert that is stored to be sent is published at least once, and exactly once unless a worker dies, or
loses the answer, between SNS taking the alert and the outbox saying so. In that window the sweeper publishes it once
more, with the same `alert_id`, by which a subscriber can tell.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from alerts.items import PENDING_SHARDS, Pending, decision_attribute, expires_at, read_outbox_item
from alerts.settings import AlertSettings
from schemas.errors import Transient
from schemas.lights import Alert

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sns import SNSClient

CLAIM_LASTS: Final = timedelta(seconds=50)
"""The sweeper's time limit: an alert that a sweep took longer ago was not sent by it, and the next sweep may."""

SEVERITY_BUCKETS: Final = ((100_000, "very-high"), (10_000, "high"), (1_000, "medium"), (0, "low"))
"""US$ per hour, for filter policies that cannot name a figure."""

Clock = Callable[[], datetime]


class Swept(msgspec.Struct):
    """What one sweep did. `oldest_seconds` is how long the oldest alert found had waited."""

    found: int = 0
    sent: int = 0
    failed: int = 0
    oldest_seconds: float = 0.0


class Notifier:
    """Publishes and marks. Methods raise Transient when SNS or DynamoDB is away, busy or refuses."""

    def __init__(self, sns: "SNSClient", dynamodb: "DynamoDBClient", settings: AlertSettings, clock: Clock) -> None:
        if not settings.alerts_topic_arn:
            raise ValueError("SEMAFORO_ALERTS_TOPIC_ARN is not set: nobody would be told")
        self._sns = sns
        self._dynamodb = dynamodb
        self._settings = settings
        self._clock = clock

    def deliver(self, pending: Pending) -> datetime:
        """Publish and mark sent; when SNS took it."""
        sent_at = self._publish(pending.alert)
        self.mark_sent(pending, sent_at)
        return sent_at

    def sweep(self) -> Swept:
        """Send what waits for longer than `resend_after_seconds`, oldest first; one that fails does not stop others."""
        swept = Swept()
        now = self._clock()
        for pending in self._waiting(now - timedelta(seconds=self._settings.resend_after_seconds)):
            swept.found += 1
            swept.oldest_seconds = max(swept.oldest_seconds, (now - pending.alert.decided_at).total_seconds())
            try:
                if (claimed := self._claim(pending, now)) is not None:
                    self.deliver(claimed)
                    swept.sent += 1
            except Transient as error:
                swept.failed += 1
                if swept.failed > swept.sent + _FAILURES_BORNE:
                    raise Transient(f"{swept.failed} alerts could not be sent: {error}") from error
        return swept

    def mark_sent(self, pending: Pending, sent_at: datetime) -> None:
        """Take it off the pending index and say in the log that it went. Marking again changes nothing."""
        values: Any = {
            ":sent_at": {"S": sent_at.isoformat()},
            ":expires_at": {"N": str(expires_at(sent_at))},
            ":sent": {"S": "sent"},
        }
        outbox: Any = {
            "TableName": self._settings.outbox_table,
            "Key": {"alert_id": {"S": pending.alert.alert_id}},
            "UpdateExpression": (
                "SET sent_at = :sent_at, expires_at = :expires_at, #status = :sent REMOVE pending_shard"
            ),
            "ConditionExpression": "attribute_exists(pending_shard)",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": values,
        }
        sent = decision_attribute(sent_at, "sent", "by the sweeper" if pending.attempts else "published")
        log: Any = {
            "TableName": self._settings.light_log_table,
            "Key": pending.log_key,
            "UpdateExpression": "SET sent_at = :sent_at, decisions = list_append(decisions, :sent)",
            "ExpressionAttributeValues": {":sent_at": values[":sent_at"], ":sent": {"L": [sent]}},
        }
        try:
            self._dynamodb.transact_write_items(TransactItems=[{"Update": outbox}, {"Update": log}])
        except ClientError as error:
            if not _was_taken(error):
                raise Transient(f"DynamoDB: {error}") from error
        except BotoCoreError as error:
            raise Transient(f"DynamoDB: {error}") from error

    def _publish(self, alert: Alert) -> datetime:
        try:
            self._sns.publish(
                TopicArn=self._settings.alerts_topic_arn,
                Subject=alert.subject,
                Message=msgspec.json.encode(alert).decode(),
                MessageAttributes=message_attributes(alert),
            )
        except (ClientError, BotoCoreError) as error:
            raise Transient(f"SNS: {error}") from error
        return self._clock()

    def _waiting(self, until: datetime) -> Iterator[Pending]:
        for shard in range(PENDING_SHARDS):
            pages = self._dynamodb.get_paginator("query").paginate(
                TableName=self._settings.outbox_table,
                IndexName="pending",
                KeyConditionExpression="pending_shard = :shard AND created_at < :until",
                ExpressionAttributeValues={":shard": {"S": str(shard)}, ":until": {"S": until.isoformat()}},
            )
            try:
                for page in pages:
                    yield from map(read_outbox_item, page["Items"])
            except (ClientError, BotoCoreError) as error:
                raise Transient(f"DynamoDB: {error}") from error

    def _claim(self, pending: Pending, now: datetime) -> Pending | None:
        """Take it for this sweep and count the attempt; None if another sweep has it, or it was sent meanwhile."""
        try:
            self._dynamodb.update_item(
                TableName=self._settings.outbox_table,
                Key={"alert_id": {"S": pending.alert.alert_id}},
                UpdateExpression="SET attempts = attempts + :one, tried_at = :now",
                ConditionExpression=(
                    "attribute_exists(pending_shard) AND (attribute_not_exists(tried_at) OR tried_at <= :free)"
                ),
                ExpressionAttributeValues={
                    ":one": {"N": "1"},
                    ":now": {"S": now.isoformat()},
                    ":free": {"S": (now - CLAIM_LASTS).isoformat()},
                },
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return None
            raise Transient(f"DynamoDB: {error}") from error
        except BotoCoreError as error:
            raise Transient(f"DynamoDB: {error}") from error
        return msgspec.structs.replace(pending, attempts=pending.attempts + 1)


_FAILURES_BORNE: Final = 3
"""An alert that SNS refuses must not stop the others; but when all fail, waiting for each would take the minute."""


def message_attributes(alert: Alert) -> Any:
    """What filter policies look at. Ten at most: a raw delivery to SQS with more is dropped by SNS without a word."""
    transition = alert.transition
    attributes = {
        "alert_id": _text(alert.alert_id),
        "stage": _text(alert.stage),
        "scope": _text(transition.scope),
        "light": _text(transition.to_light.value),
        "rule": _text(transition.rule),
        transition.scope: _text(transition.entity),
        "severity": _text(severity_bucket(transition.severity.usd_per_hour)),
        "modelled": _text("true" if alert.modelled else "false"),
    }
    if transition.audience:
        attributes["audience"] = _list(transition.audience)
    if transition.scope == "route":
        attributes["airports"] = _list(transition.entity.split("-"))
    return attributes


def severity_bucket(usd_per_hour: float) -> str:
    """The bucket of an amount."""
    return next((name for least, name in SEVERITY_BUCKETS if usd_per_hour >= least), "low")


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}


def _list(values: Iterator[str] | tuple[str, ...] | list[str]) -> dict[str, str]:
    return {"DataType": "String.Array", "StringValue": msgspec.json.encode(list(values)).decode()}


def _was_taken(error: ClientError) -> bool:
    """Whether the transaction was refused because the alert is marked already."""
    answer: Any = error.response
    reasons = answer.get("CancellationReasons", [])
    return bool(reasons) and reasons[0].get("Code") == "ConditionalCheckFailed"
