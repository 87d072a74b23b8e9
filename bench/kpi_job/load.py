"""A load onto the topics of a stage of its own, and off them again."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.cimpl import NewTopic

from bench.kpi_job.made_up import KINDS, RECORDS, VARIANTS, event, routes
from bench.kpi_job.shape import PANE_MS, START_MS, Shape, Slot
from bench.kpi_job.templates import Encoding, Template, event_id, instant_bytes, template
from deploy.local.brokers import KafkaCluster
from producers.heartbeat import clock_beat
from producers.publish import TOPIC_OF
from schemas.codec import encode
from schemas.rows import from_ms
from schemas.topics import KPI_TOPICS, PARTITIONS, TOPICS, topic_name

FACT_TOPICS: Final = tuple(dict.fromkeys(TOPIC_OF[record.__name__] for record in RECORDS))

# One copy of each partition: what a copy costs the brokers is not what is measured. Idempotent, as in production: what
# is on a partition is in order and once. Large batches, since nobody waits for one event.
PRODUCER: Final[dict[str, str | int | bool]] = {
    "enable.idempotence": True,
    "linger.ms": 50,
    "batch.size": 1_000_000,
    "queue.buffering.max.messages": 500_000,
}
POLL_EVERY: Final = 1_000
CLOSING_MARGIN: Final = timedelta(minutes=2)
"""The last beat is so far behind the last event that its pane comes out."""


class LoadError(Exception):
    """The brokers do not hold what was sent."""


def fact_topic(stage: str, topic: str, encoding: Encoding) -> str:
    """The topic's name on the brokers; only single objects are on the stage's real topics."""
    return topic_name(stage, topic) if encoding is Encoding.SINGLE_OBJECT else f"{stage}.{encoding}.{topic}"


@contextmanager
def published(kafka: KafkaCluster, shape: Shape, encodings: set[Encoding]) -> Iterator[None]:
    """The load on its topics in each of these encodings; the topics are gone afterwards. Raises LoadError."""
    names = _create(kafka, shape.stage, encodings)
    try:
        _publish(kafka, shape, encodings)
        yield
    finally:
        admin = kafka.admin()  # named: futures die with it
        for future in admin.delete_topics(names, operation_timeout=30).values():
            future.result()


def _create(kafka: KafkaCluster, stage: str, encodings: set[Encoding]) -> list[str]:
    stored = {fact_topic(stage, topic, encoding): TOPICS[topic] for encoding in encodings for topic in FACT_TOPICS}
    names = {**stored, **{topic_name(stage, name): topic for name, topic in TOPICS.items()}}
    # Deleted files would stay for a minute, while the next load is written.
    settings = {"min.insync.replicas": "1", "file.delete.delay.ms": "1000"}
    topics = [
        NewTopic(name, num_partitions=PARTITIONS, replication_factor=1, config={**topic.config(), **settings})
        for name, topic in names.items()
    ]
    admin = kafka.admin()
    for future in admin.create_topics(topics, operation_timeout=30).values():
        future.result()
    return list(names)


def _publish(kafka: KafkaCluster, shape: Shape, encodings: set[Encoding]) -> None:
    started = time.monotonic()
    producer = Producer({**PRODUCER, "bootstrap.servers": kafka.bootstrap, "log_level": 0})
    beats = send(producer, shape, encodings)
    if unsent := producer.flush(120):
        raise LoadError(f"{shape.stage}: {unsent} messages were not taken within 120 s")
    _check(kafka, shape, encodings, beats)
    seconds = time.monotonic() - started
    print(f"  loaded in {', '.join(sorted(encodings))}: {seconds:.0f} s", file=sys.stderr)


def send(producer: Producer, shape: Shape, encodings: set[Encoding]) -> int:
    """Hand over the whole load in order of time; how many clock beats each partition of the KPI topics was sent."""
    lanes = [_Lane(producer, shape, encoding) for encoding in encodings]
    slots, number = shape.slots(), 0
    beats = _Beats(producer, shape.stage)
    beats.send(START_MS)
    for minute in range(shape.minutes):
        variant, begin_ms = shape.variant(minute), START_MS + minute * PANE_MS
        for slot in slots[: shape.events_in(minute)]:
            name = event_id(slot.kind, number).encode()
            number += 1
            for lane in lanes:
                lane.send(slot, variant, name, begin_ms)
            if number % POLL_EVERY == 0:
                producer.poll(0)
        beats.send(begin_ms + PANE_MS)
    beats.send(shape.last_at_ms + CLOSING_MARGIN // timedelta(milliseconds=1))
    return beats.sent


class _Lane:
    """All messages of one encoding."""

    def __init__(self, producer: Producer, shape: Shape, encoding: Encoding) -> None:
        self._producer = producer
        self._encoding = encoding
        self._topics = [fact_topic(shape.stage, TOPIC_OF[record.__name__], encoding) for record in RECORDS]
        self._keys = [route.entity for route in routes(shape.routes)]
        self._templates = _templates(shape, encoding)

    def send(self, slot: Slot, variant: int, name: bytes, begin_ms: int) -> None:
        """One event. Its partition goes by the route's number: ten routes by hash might leave a partition empty."""
        instant = instant_bytes(begin_ms + slot.offset_ms, self._encoding)
        message = self._templates[variant][slot.kind][slot.route].fill(name, instant)
        topic, key, partition = self._topics[slot.kind], self._keys[slot.route], slot.route % PARTITIONS
        while True:
            try:
                return self._producer.produce(topic, message, key, partition)
            except BufferError:
                self._producer.poll(0.1)


def _templates(shape: Shape, encoding: Encoding) -> list[list[list[Template]]]:
    """By variant, kind and route."""
    flown = routes(shape.routes)
    return [
        [
            [template(event(route, kind, variant, event_id(kind, 0)), encoding) for route in flown]
            for kind in range(KINDS)
        ]
        for variant in range(min(VARIANTS, shape.minutes))
    ]


class _Beats:
    """Clock beats to every partition of the topics that the KPI job reads."""

    def __init__(self, producer: Producer, stage: str) -> None:
        self._producer = producer
        self._topics = [topic_name(stage, topic) for topic in KPI_TOPICS]
        self.sent = 0
        """To each partition."""

    def send(self, at_ms: int) -> None:
        """One to each partition, behind all that was sent before."""
        message = encode(clock_beat(from_ms(at_ms)))
        for topic in self._topics:
            for partition in range(PARTITIONS):
                self._producer.produce(topic, message, partition=partition)
        self.sent += 1


def messages_on(kafka: KafkaCluster, topics: list[str]) -> dict[str, int]:
    """How many messages each topic holds."""
    consumer = Consumer({"bootstrap.servers": kafka.bootstrap, "group.id": "bench-count", "log_level": 0})
    try:
        held = Counter[str]()
        for topic in topics:
            for partition in range(PARTITIONS):
                low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=30)
                held[topic] += high - low
        return dict(held)
    finally:
        consumer.close()


def _check(kafka: KafkaCluster, shape: Shape, encodings: set[Encoding], beats: int) -> None:
    """No delivery report is read, so the offsets must say that all arrived, once."""
    kinds = Counter(slot.kind for slot in shape.slots())
    rest = Counter(slot.kind for slot in shape.slots()[: shape.events_in(shape.minutes - 1)])
    wanted = Counter[str]()
    for encoding in encodings:
        for kind, record in enumerate(RECORDS):
            sent = kinds[kind] * (shape.minutes - 1) + rest[kind]
            wanted[fact_topic(shape.stage, TOPIC_OF[record.__name__], encoding)] += sent
    for topic in KPI_TOPICS:
        wanted[topic_name(shape.stage, topic)] += beats * PARTITIONS
    held = messages_on(kafka, list(wanted))
    if held != wanted:
        raise LoadError(f"{shape.stage}: the topics hold {held}, sent were {dict(wanted)}")
