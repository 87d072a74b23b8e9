"""Messages back from raw onto brokers: the very bytes, each to the partition it had, in the order they were appended.

What a stage in another region begins with, where nobody mirrored the topics; and one whose brokers lost more than they
keep. Clock beats are among them, so time passes as it did and nothing turns late. A fact counts once by its `event_id`,
whatever is on the brokers already. The account's client says which region the bucket is in, its properties who logs in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from deploy.errors import DeployError, NoAccountError
from schemas.errors import InvalidMessage
from schemas.raw import RawMessage, prefix, read_lines
from schemas.rows import to_ms
from schemas.topics import TOPICS, topic_name

REPLAYED: Final = tuple(name for name, topic in TOPICS.items() if "kpi-job" not in topic.written_by)
"""All but what the job itself writes: it finds the dead and the late ones again."""

DAY: Final = timedelta(days=1)
CLIENT: Final[dict[str, Any]] = {
    "enable.idempotence": True,
    "acks": "all",
    "linger.ms": 20,
    "compression.type": "lz4",
    "delivery.timeout.ms": 120_000,
}


def messages(s3: Any, bucket: str, first: date, last: date) -> Iterator[RawMessage]:
    """What was appended from the first to the last day (UTC), each once, in that order; NoAccountError, DeployError.

    An object lies in the day that it was delivered, up to a day after its messages were appended; held are two days.
    """
    begin, end = (to_ms(datetime.combine(day, time(), UTC)) for day in (first, last + DAY))
    waiting: dict[tuple[str, int, int], RawMessage] = {}
    day = first
    while day <= last + DAY:
        for topic in REPLAYED:
            for one in _delivered(s3, bucket, topic, day):
                if begin <= one.appended_at_ms < end:
                    waiting.setdefault(one.position, one)
        over = to_ms(datetime.combine(day, time(), UTC))
        yield from _sorted(one for one in waiting.values() if one.appended_at_ms < over)
        waiting = {key: one for key, one in waiting.items() if one.appended_at_ms >= over}
        day += DAY
    yield from _sorted(waiting.values())


def put_back(
    found: Iterable[RawMessage],
    bootstrap: str,
    stage: str,
    properties: Mapping[str, str],
    say: Callable[[int], None] = lambda _count: None,
) -> int:
    """Send them to a stage's topics; how many all in-sync replicas have. `say` is told now and then how many were sent.

    Raises DeployError when one is not taken.
    """
    failed: list[str] = []

    def delivered(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            failed.append(f"{message.topic()} {message.partition()}: {error}")

    producer = Producer({**CLIENT, **properties, "bootstrap.servers": bootstrap, "client.id": "semaforo-raw-replay"})
    sent = 0
    try:
        for one in found:
            name = topic_name(stage, one.topic)
            while True:
                try:
                    producer.produce(name, one.value, key=one.key, partition=one.partition, on_delivery=delivered)
                    break
                except BufferError:  # the brokers set the pace
                    producer.poll(0.1)
            producer.poll(0)
            sent += 1
            if failed:
                break
            if sent % 10_000 == 0:
                say(sent)
        while producer.flush(1.0) and not failed:
            continue
    except KafkaException as error:
        raise DeployError(f"not taken: {error}") from error
    if failed:
        raise DeployError(f"not taken: {failed[0]}")
    return sent


def _sorted(found: Iterable[RawMessage]) -> Sequence[RawMessage]:
    return sorted(found, key=lambda one: (one.appended_at_ms, *one.position))


def _delivered(s3: Any, bucket: str, topic: str, day: date) -> Iterator[RawMessage]:
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix(topic, day.isoformat())}")
        for page in pages:
            for stored in page.get("Contents", []):
                body = s3.get_object(Bucket=bucket, Key=stored["Key"])["Body"].read()
                yield from read_lines(topic, body)
    except (BotoCoreError, ClientError) as error:
        raise NoAccountError(f"{bucket}: {error}") from error
    except InvalidMessage as error:
        raise DeployError(f"{bucket}, {topic} of {day}: {error.reason}") from error
