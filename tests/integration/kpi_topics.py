"""What the KPI job's tests do with real topics and a real stream: send, beat, read everything back."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition

from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import LocalCloud
from schemas.codec import decode, encode
from schemas.events import Event, RouteHeartbeat
from schemas.rows import KpiRow, to_ms, unpack_rows
from schemas.topics import KPI_TOPICS, PARTITIONS, topic_name
from tests.flink_jobs.reference import Expected, Key

STAGE = "test"
RECORD_TOPIC = {
    "FlightStatus": "flight-status",
    "FlightFinance": "flight-finance",
    "FlightOperation": "flight-operations",
    "PassengerFeedback": "passenger-feedback",
    "RouteHeartbeat": "route-heartbeat",
}
Place = tuple[str, int, int]
"""Topic, partition and offset of a message."""
PARTITIONS_BEATEN = [(topic, partition) for topic in KPI_TOPICS for partition in range(PARTITIONS)]


class Stored(NamedTuple):
    """A message as the brokers hold it."""

    topic: str
    partition: int
    offset: int
    appended_at_ms: int
    value: bytes | None

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.topic, self.partition, self.offset


def value(stored: Stored) -> Event:
    """The event of a message. Raises InvalidMessage."""
    return decode(stored.value)


def is_clock_beat(event: Event) -> bool:
    """Whether an event only says what time it is."""
    return isinstance(event, RouteHeartbeat) and event.origin is None


class Topics:
    """Sends to the KPI topics of a stage, and reads topics whole."""

    def __init__(self, kafka: KafkaCluster, stage: str = STAGE) -> None:
        self.stage = stage
        self._bootstrap = kafka.bootstrap
        config = {"bootstrap.servers": kafka.bootstrap, "enable.idempotence": True, "log_level": 0}
        self._producer = Producer({**config, "delivery.timeout.ms": 120_000})
        self._failed: list[KafkaError] = []
        self.beats = 0
        self._beat_at: datetime | None = None

    def send(self, event: Event, version: int | None = None) -> None:
        """The event to its record's topic, under its key."""
        self.send_bytes(encode(event, version), RECORD_TOPIC[type(event).__name__], event.key)

    def send_bytes(self, message: bytes | None, topic: str = "flight-status", key: str = "JFK-LAX") -> None:
        """Anything at all to a topic."""
        self._producer.produce(topic_name(self.stage, topic), message, key=key, on_delivery=self._delivered)
        self._producer.poll(0)

    def beat(self, at: datetime, partitions: Iterable[tuple[str, int]] = PARTITIONS_BEATEN) -> None:
        """A clock beat to every given partition, behind everything sent before."""
        self._beat_at = at
        self._send_beats(at, partitions)

    def _send_beats(self, at: datetime, partitions: Iterable[tuple[str, int]]) -> None:
        for topic, partition in partitions:
            beat = RouteHeartbeat(event_id=f"beat-{self.beats}", event_at=at, source="test")
            name = topic_name(self.stage, topic)
            self._producer.produce(name, encode(beat), partition=partition, on_delivery=self._delivered)
            self.beats += 1
        self.flush()

    @contextmanager
    def kept_beating(self, partitions: Iterable[tuple[str, int]] = PARTITIONS_BEATEN) -> Iterator[None]:
        """As a publisher that has nothing to say: the newest beat again and again, so that no partition turns idle."""
        over = threading.Event()

        def beat_on() -> None:
            while not over.wait(1):
                if self._beat_at is not None:
                    self._send_beats(self._beat_at, partitions)

        with ThreadPoolExecutor(1) as beater:
            beating = beater.submit(beat_on)
            try:
                yield
            finally:
                over.set()
            beating.result()

    def flush(self) -> None:
        """Wait till the brokers have everything."""
        assert self._producer.flush(120) == 0
        assert not self._failed

    def read(self, topic: str) -> list[Stored]:
        """All messages of a topic."""
        name = topic_name(self.stage, topic)
        consumer = Consumer({"bootstrap.servers": self._bootstrap, "group.id": "read", "log_level": 0})
        try:
            spans = [consumer.get_watermark_offsets(TopicPartition(name, p), 30) for p in range(PARTITIONS)]
            consumer.assign([TopicPartition(name, p, begin) for p, (begin, _) in enumerate(spans)])
            stored: list[Stored] = []
            while (left := sum(end - begin for begin, end in spans) - len(stored)) > 0:
                for message in consumer.consume(min(left, 500), 1):  # no more than there are: it would wait for them
                    assert message.error() is None, message.error()
                    stored.append(stored_as(topic, message))
            return stored
        finally:
            consumer.close()

    def facts(self) -> dict[Place, tuple[Event, int]]:
        """All events that count for something, each with its append time in ms. Raises InvalidMessage."""
        sent = (
            (stored.place, value(stored), stored.appended_at_ms) for name in KPI_TOPICS for stored in self.read(name)
        )
        return {place: (event, at_ms) for place, event, at_ms in sent if not is_clock_beat(event)}

    def _delivered(self, error: KafkaError | None, _message: Any) -> None:
        if error is not None:
            self._failed.append(error)


def stored_as(topic: str, message: Message) -> Stored:
    """A message without its client."""
    partition, offset = message.partition(), message.offset()
    assert partition is not None
    assert offset is not None
    return Stored(topic, partition, offset, message.timestamp()[1], message.value())


class Rows:
    """The KPI rows of a stream, as they come."""

    def __init__(self, cloud: LocalCloud, stream: str) -> None:
        self._client = cloud.client("kinesis")
        self._client.create_stream(StreamName=stream, ShardCount=1)
        self._client.get_waiter("stream_exists").wait(StreamName=stream)
        (shard,) = self._client.list_shards(StreamName=stream)["Shards"]
        self._iterator = self._client.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        self.rows: dict[Key, Expected] = {}
        self.arrived: list[KpiRow] = []  # in the stream's order, repeats included
        self.stored_at_ms: dict[Key, int] = {}  # when the stream took a row first, by its own clock
        self.changed: dict[Key, tuple[Expected, Expected]] = {}
        self.disordered: list[Key] = []
        self._newest: dict[tuple[str, str, str], int] = {}
        self.count = 0

    def read(self) -> int:
        """Take in what is new; the number of stream records."""
        answer = self._client.get_records(ShardIterator=self._iterator, Limit=1_000)
        self._iterator = answer["NextShardIterator"]
        for record in answer["Records"]:
            for row in unpack_rows(record["Data"]):
                self._take(row, to_ms(record["ApproximateArrivalTimestamp"]))
        return len(answer["Records"])

    def _take(self, row: KpiRow, stored_at_ms: int) -> None:
        key = Key(row.scope, row.entity, row.window, to_ms(row.at))
        value = Expected(row.events, to_ms(row.ingested_at), row.measures, row.flown_by)
        if self.rows.setdefault(key, value) != value:
            self.changed[key] = (self.rows[key], value)
            self.rows[key] = value
        if self._newest.get(key[:3], 0) > key.at_ms:
            self.disordered.append(key)
        self._newest[key[:3]] = key.at_ms
        self.arrived.append(row)
        self.stored_at_ms.setdefault(key, stored_at_ms)
        self.count += 1

    def wait(self, enough: Callable[["Rows"], bool], what: str, seconds: float = 180) -> None:
        """Read till there is enough; AssertionError naming `what` after the deadline."""
        deadline = time.monotonic() + seconds
        while not enough(self):
            if self.read():
                continue
            assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s, {len(self.rows)} rows"
            time.sleep(0.05)

    def wait_for(self, keys: Iterable[Key], seconds: float = 180) -> None:
        """Read till these rows are there; AssertionError that names the first that are missing."""
        wanted = set(keys)
        try:
            self.wait(lambda rows: wanted <= rows.rows.keys(), f"{len(wanted)} rows", seconds)
        except AssertionError as error:
            missing = sorted(wanted - self.rows.keys(), key=lambda key: key.at_ms)
            raise AssertionError(f"{error}; missing {len(missing)}: {missing[:3]}") from None

    def differences(self, expected: Mapping[Key, Expected]) -> str:
        """What is not as expected, the first of each kind; "" if every row is there, exact, and no other."""
        kinds = {
            "missing": expected.keys() - self.rows.keys(),
            "not expected": self.rows.keys() - expected.keys(),
            "wrong": {key for key in expected.keys() & self.rows.keys() if self.rows[key] != expected[key]},
        }
        return "; ".join(
            f"{len(keys)} of {len(expected)} {kind}, first {first}: {self.rows.get(first)}, not {expected.get(first)}"
            for kind, keys in kinds.items()
            if (first := min(keys, key=lambda key: key.at_ms, default=None))
        )


def newest_at(rows: Iterable[Key]) -> int:
    """The newest `at` of some rows, in ms."""
    return max((key.at_ms for key in rows), default=0)
