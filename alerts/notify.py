"""Alerts out of the outbox to the topics of their receivers, then marked sent.

Promise: every alert that is stored to be sent is published at least once to each receiver, and exactly once unless a
worker dies, or loses the answer, between SNS taking the alert for the first receiver and the outbox saying so. In that
window the sweeper publishes it once more, with the same `alert_id`, by which a subscriber can tell. Up to ten alerts of
a batch share a call, and so a window: one by one, a hundred cost a hundred publications and as many marks.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from alerts.items import decision_attribute
from alerts.outbox import PENDING_SHARDS, Pending, expires_at, read_outbox_item
from alerts.publisher import PUBLISHED_AT_ONCE, Publisher
from alerts.routing import Routing
from alerts.settings import AlertSettings
from schemas.errors import Transient

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sns import SNSClient

CLAIM_LASTS: Final = timedelta(seconds=50)
"""The sweeper's time limit: an alert that a sweep took longer ago was not sent by it, and the next sweep may."""

Clock = Callable[[], datetime]


class _RefusedError(Transient):
    """DynamoDB answered, and did not mark."""


class Swept(msgspec.Struct):
    """What one sweep did. `oldest_seconds` is how long the oldest alert found had waited; `said` counts what was due
    by wall clock: repeats, escalations, summaries, alarms held back no longer."""

    found: int = 0
    sent: int = 0
    failed: int = 0
    oldest_seconds: float = 0.0
    said: int = 0


class Notifier:
    """Publishes and marks. Methods raise Transient when SNS or DynamoDB is away, busy or refuses."""

    def __init__(
        self,
        sns: "SNSClient",
        dynamodb: "DynamoDBClient",
        settings: AlertSettings,
        clock: Clock,
        routing: Routing | None = None,
    ) -> None:
        if not settings.alerts_topic_arn:
            raise ValueError("SEMAFORO_ALERTS_TOPIC_ARN is not set: nobody would be told")
        self._publisher = Publisher(sns, settings, routing or Routing())
        self._dynamodb = dynamodb
        self._settings = settings
        self._clock = clock

    def deliver(self, pending: Pending) -> datetime:
        """Publish and mark sent; when SNS took it."""
        _, problem = self._publisher.publish([pending])
        if problem:
            raise Transient(problem)
        sent_at = self._clock()
        self._mark([pending], sent_at)
        return sent_at

    def deliver_all(self, pendings: Sequence[Pending]) -> dict[str, datetime]:
        """Publish and mark sent, ten at once; when SNS took each, by alert id. What is missing is the sweeper's."""
        sent: dict[str, datetime] = {}
        for start in range(0, len(pendings), PUBLISHED_AT_ONCE):
            taken, problem = self._publisher.publish(pendings[start : start + PUBLISHED_AT_ONCE])
            sent_at = self._clock()
            try:
                sent |= {one.message.alert_id: sent_at for one in self._mark_all(taken, sent_at)}
            except Transient:
                break
            if problem:
                break
        return sent

    def sweep(self) -> Swept:
        """Send what waits for longer than `resend_after_seconds`, oldest first; one that fails does not stop others."""
        swept = Swept()
        now = self._clock()
        for pending in self._waiting(now - timedelta(seconds=self._settings.resend_after_seconds)):
            swept.found += 1
            swept.oldest_seconds = max(swept.oldest_seconds, (now - pending.message.decided_at).total_seconds())
            try:
                if (claimed := self._claim(pending, now)) is not None:
                    self.deliver(claimed)
                    swept.sent += 1
            except Transient as error:
                swept.failed += 1
                if swept.failed > swept.sent + _FAILURES_BORNE:
                    raise Transient(f"{swept.failed} alerts could not be sent: {error}") from error
        return swept

    def _mark_all(self, pendings: Sequence[Pending], sent_at: datetime) -> list[Pending]:
        """Those that could be marked: one that cannot (a person writes to its log entry) does not stop the others."""
        try:
            self._mark(pendings, sent_at)
        except _RefusedError:
            return [one for one in pendings if self._marked_alone(one, sent_at)]
        return list(pendings)

    def _marked_alone(self, pending: Pending, sent_at: datetime) -> bool:
        try:
            self._mark([pending], sent_at)
        except _RefusedError:
            return False
        return True

    def _mark(self, pendings: Sequence[Pending], sent_at: datetime) -> None:
        """Take them off the pending index and say in the log that they went. Marking one again changes nothing."""
        if not pendings:
            return
        updates = [update for one in pendings for update in self._updates(one, sent_at)]
        try:
            self._dynamodb.transact_write_items(TransactItems=updates)
        except ClientError as error:
            if len(pendings) > 1 or not _was_taken(error):
                raise _RefusedError(f"DynamoDB: {error}") from error
        except BotoCoreError as error:
            raise Transient(f"DynamoDB: {error}") from error

    def _updates(self, pending: Pending, sent_at: datetime) -> list[Any]:
        values: Any = {
            ":sent_at": {"S": sent_at.isoformat()},
            ":expires_at": {"N": str(expires_at(sent_at))},
            ":sent": {"S": "sent"},
        }
        outbox: Any = {
            "TableName": self._settings.outbox_table,
            "Key": {"alert_id": {"S": pending.message.alert_id}},
            "UpdateExpression": (
                "SET sent_at = :sent_at, expires_at = :expires_at, #status = :sent REMOVE pending_shard"
            ),
            "ConditionExpression": "attribute_exists(pending_shard)",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": values,
        }
        how = "by the sweeper" if pending.attempts else "published"
        kind = pending.message.kind
        sent = decision_attribute(sent_at, "sent", how if kind in ("alert", "amendment") else f"{how}: {kind}")
        log: Any = {
            "TableName": self._settings.light_log_table,
            "Key": pending.log_key,
            "UpdateExpression": (
                "SET sent_at = if_not_exists(sent_at, :sent_at), decisions = list_append(decisions, :sent)"
            ),
            "ExpressionAttributeValues": {":sent_at": values[":sent_at"], ":sent": {"L": [sent]}},
        }
        return [{"Update": outbox}, {"Update": log}]

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
                Key={"alert_id": {"S": pending.message.alert_id}},
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


def _was_taken(error: ClientError) -> bool:
    """Whether the transaction was refused because the alert is marked already."""
    answer: Any = error.response
    reasons = answer.get("CancellationReasons", [])
    return bool(reasons) and reasons[0].get("Code") == "ConditionalCheckFailed"
