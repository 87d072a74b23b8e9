"""What flows through a running stack, one item after the other: KPI rows, alerts, dead letters.

Each generator goes on for ever and yields None when nothing came for a moment, so that its reader can stop.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Generator
from typing import Any, Final

import msgspec
from confluent_kafka import Consumer

from deploy.local.brokers import SILENT
from deploy.local.stack import Stack
from schemas.codec import decode
from schemas.errors import InvalidMessage
from schemas.events import DeadLetter
from schemas.kpis import KPIS
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow, unpack_rows
from schemas.topics import topic_name

POLL_SECONDS: Final = 0.2
"""A shard may be read five times a second."""

SHOWN_KPIS: Final = ("on_time_arrival", "completion", "mean_arrival_delay", "load_factor", "margin")


def kpi_rows(stack: Stack, *, from_start: bool) -> Generator[KpiRow | None]:
    """The rows on the KPI stream: new ones, or all that are kept. A record that holds no rows is skipped."""
    kinesis = stack.cloud.client("kinesis")
    name = stack.outputs["KpiStream"]
    kind = "TRIM_HORIZON" if from_start else "LATEST"
    iterators = [
        kinesis.get_shard_iterator(StreamName=name, ShardId=shard["ShardId"], ShardIteratorType=kind)["ShardIterator"]
        for shard in kinesis.list_shards(StreamName=name)["Shards"]
    ]
    while True:
        answers = [kinesis.get_records(ShardIterator=iterator) for iterator in iterators]
        iterators = [answer["NextShardIterator"] for answer in answers]
        records = [record for answer in answers for record in answer["Records"]]
        for record in records:
            try:
                yield from unpack_rows(record["Data"])
            except InvalidMessage:
                continue  # the semáforo quarantines it, with its reason
        if not records:
            yield None
            time.sleep(POLL_SECONDS)


def alerts(stack: Stack) -> Generator[dict[str, Any] | None]:
    """The alerts from now on, as one more subscriber of the SNS topic gets them; nobody else misses any."""
    sqs, sns = stack.cloud.client("sqs"), stack.cloud.client("sns")
    topic_arn = stack.outputs["AlertsTopicArn"]
    queue = sqs.create_queue(QueueName=f"semaforo-{stack.stage}-tail-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": _may_send(topic_arn, queue_arn)})
    subscription = sns.subscribe(
        TopicArn=topic_arn,
        Protocol="sqs",
        Endpoint=queue_arn,
        Attributes={"RawMessageDelivery": "true"},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    try:
        while True:
            received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in received.get("Messages", []):
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                alert: dict[str, Any] = json.loads(message["Body"])
                yield alert
            if "Messages" not in received:
                yield None
    finally:
        sns.unsubscribe(SubscriptionArn=subscription)
        sqs.delete_queue(QueueUrl=queue)


def _may_send(topic_arn: str, queue_arn: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def dead_letters(stack: Stack, *, from_start: bool) -> Generator[DeadLetter | None]:
    """The dead letters of the stage: new ones, or all that are kept."""
    settings = {
        "bootstrap.servers": stack.kafka_bootstrap,
        "group.id": f"tail-{uuid.uuid4().hex}",
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest" if from_start else "latest",
    }
    consumer = Consumer(settings, logger=SILENT)
    consumer.subscribe([topic_name(stack.stage, "dead-letters")])
    try:
        while True:
            message = consumer.poll(POLL_SECONDS)
            if message is None or message.error() is not None:
                yield None
                continue
            event = decode(message.value())
            if isinstance(event, DeadLetter):
                yield event
    finally:
        consumer.close()


def row_line(row: KpiRow) -> str:
    """A row for a person: what, when, how much evidence, the main KPIs."""
    values = {name: KPIS[name].value(row) for name in SHOWN_KPIS}
    shown = "  ".join(f"{name} {value:.1f} {KPIS[name].unit}" for name, value in values.items() if value is not None)
    when = f"{row.at:%Y-%m-%d %H:%M:%S}Z"
    return f"{when}  {row.scope} {row.entity:<8} {row.window:>3}  {row['flights']:>5} flights  {shown}"


def row_json(row: KpiRow) -> str:
    """A row for a program; measures by name."""
    fields = {**msgspec.to_builtins(row), "measures": dict(zip(MEASURE_NAMES, row.measures, strict=True))}
    return json.dumps(fields)


def alert_line(alert: dict[str, Any]) -> str:
    """An alert, or the advice beside one, for a person: when it was decided, its subject."""
    return f"{alert.get('decided_at') or alert.get('given_at', '')}  {alert.get('subject', alert)}"


def dead_letter_line(letter: DeadLetter) -> str:
    """A dead letter for a person: where it stood, why it is dead, how it begins."""
    where = f"{letter.topic}/{letter.partition}@{letter.offset}"
    return f"{letter.event_at:%Y-%m-%d %H:%M:%S}Z  {where}  {letter.reason}  [{letter.payload[:16].hex()}…]"
