"""What the brokers say of the pipeline: how much stands on each topic, how far behind the KPI job is, dead letters.

The KPI job commits its offsets with each checkpoint, so what it has left to read, and when it last got further, can be
asked of the brokers. Nothing is consumed: the job's group is only looked at, and messages are read without one.
"""

import logging
from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

import msgspec
from confluent_kafka import Consumer, KafkaException, TopicPartition

from schemas.codec import HEADER_BYTES, by_header, decode
from schemas.errors import InvalidMessage
from schemas.events import AirportWeather, DeadLetter, LateEvent
from schemas.topics import TOPICS, topic_name

LOOK_AGAIN: Final = timedelta(seconds=2)
AWAY_AGAIN: Final = timedelta(seconds=15)
"""Brokers that do not answer are not asked with every pulse of every page."""
TIMEOUT_SECONDS: Final = 2.0
SAMPLES: Final = 900
"""Half an hour of looks."""
PEEKED: Final = 20
"""The newest of each partition."""
WEATHER_AGAIN: Final = timedelta(minutes=1)
"""An airport tells its weather once an hour."""
OBSERVED: Final = 200
"""Of each partition: of fifty airports on it the last four hours."""

_silent = logging.getLogger("streamlit_app.brokers")
_silent.setLevel(logging.CRITICAL)  # librdkafka prints every refused connection


class TopicFlow(msgspec.Struct, frozen=True, kw_only=True):
    """`kept` messages stand on it, `written` have ever been; `lag`: those the KPI job has left (None: not its)."""

    topic: str
    kept: int
    written: int
    lag: int | None


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """One look. `moved_at`: when the job's committed offsets were last seen further than before (None: not yet)."""

    at: datetime
    topics: tuple[TopicFlow, ...] = ()
    moved_at: datetime | None = None
    problem: str = ""


class Peek(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter or late event as people read it; `record` is what the refused message says it is ("?": unknown),
    `text` the message itself, decoded if it can be."""

    at: datetime
    topic: str
    partition: int
    offset: int
    record: str
    reason: str
    text: str


class Brokers:
    """`bootstrap` "" is a stage whose brokers the app was not told of. Safe for threads; nothing of it raises."""

    def __init__(self, bootstrap: str, stage: str) -> None:
        self._bootstrap = bootstrap
        self._stage = stage
        self._lock = Lock()
        self._flows: deque[Flow] = deque(maxlen=SAMPLES)
        self._committed = -1
        self._moved_at: datetime | None = None
        self._weather: dict[str, AirportWeather] = {}
        self._weather_at: datetime | None = None
        self._weather_problem = ""

    def flows(self, now: datetime) -> list[Flow]:
        """The looks of the last half hour in which a page was open, oldest first; the newest is of now."""
        with self._lock:
            last = self._flows[-1] if self._flows else None
            if last is None or now - last.at >= (AWAY_AGAIN if last.problem else LOOK_AGAIN):
                self._flows.append(self._look(now))
            return list(self._flows)

    def peek(self, topic: str) -> tuple[list[Peek], str]:
        """The newest of "dead-letters" or "late-events", newest first; and why there are none, if nobody answers."""
        try:
            with _Reader(self._bootstrap, f"{self._stage}.app") as reader:
                found = [_peek(message) for message in reader.newest(topic_name(self._stage, topic), PEEKED)]
        except (KafkaException, _NoBrokersError) as error:
            return [], _words(error)
        return sorted((one for one in found if one), key=lambda one: one.at, reverse=True), ""

    def weather(self, now: datetime) -> tuple[dict[str, AirportWeather], str]:
        """The newest weather that stands on the topic, by airport; and why there is none, if nobody answers."""
        with self._lock:
            if self._weather_at is None or now - self._weather_at >= WEATHER_AGAIN:
                self._weather_at = now
                self._weather, self._weather_problem = self._observed()
            return self._weather, self._weather_problem

    def _observed(self) -> tuple[dict[str, AirportWeather], str]:
        found: dict[str, AirportWeather] = {}
        try:
            with _Reader(self._bootstrap, f"{self._stage}.app") as reader:
                for message in reader.newest(topic_name(self._stage, "airport-weather"), OBSERVED):
                    one = _weather(message)
                    if one and (one.airport not in found or one.observed_at >= found[one.airport].observed_at):
                        found[one.airport] = one
        except (KafkaException, _NoBrokersError) as error:
            return {}, _words(error)
        return found, ""

    def _look(self, now: datetime) -> Flow:
        try:
            with _Reader(self._bootstrap, f"{self._stage}.kpi-job") as reader:
                names = {topic_name(self._stage, name): topic for name, topic in TOPICS.items()}
                found = [reader.flow(full, topic.name, topic.feeds_kpis) for full, topic in names.items()]
                committed = reader.committed
        except (KafkaException, _NoBrokersError) as error:
            return Flow(at=now, problem=_words(error))
        if committed > self._committed:
            self._moved_at = now if self._committed >= 0 else None
            self._committed = committed
        return Flow(at=now, topics=tuple(one for one in found if one), moved_at=self._moved_at)


class _NoBrokersError(Exception):
    """The app was not told of any."""


class _Reader:
    """A consumer that belongs to a group only by name."""

    def __init__(self, bootstrap: str, group: str) -> None:
        if not bootstrap:
            raise _NoBrokersError("SEMAFORO_KAFKA_BOOTSTRAP names no brokers")
        settings = {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "socket.connection.setup.timeout.ms": round(1000 * TIMEOUT_SECONDS),
        }
        self._consumer = Consumer(settings, logger=_silent)
        self._known = self._consumer.list_topics(timeout=TIMEOUT_SECONDS).topics
        self.committed = 0

    def __enter__(self) -> "_Reader":
        return self

    def __exit__(self, *_raised: object) -> None:
        self._consumer.close()

    def flow(self, full: str, topic: str, of_job: bool) -> TopicFlow | None:
        """None for a topic that this stage has not."""
        parts = self._parts(full)
        if not parts:
            return None
        ends = [self._consumer.get_watermark_offsets(part, timeout=TIMEOUT_SECONDS) for part in parts]
        lag = None
        if of_job:
            passed = self._consumer.committed(parts, timeout=TIMEOUT_SECONDS)
            at = [max(one.offset, low) for one, (low, _) in zip(passed, ends, strict=True)]
            self.committed += sum(at)
            lag = sum(high - one for one, (_, high) in zip(at, ends, strict=True))
        return TopicFlow(
            topic=topic, kept=sum(high - low for low, high in ends), written=sum(high for _, high in ends), lag=lag
        )

    def newest(self, full: str, most: int) -> Iterable[bytes]:
        """The last messages of each partition, as they stand."""
        parts = self._parts(full)
        for part in parts:
            low, high = self._consumer.get_watermark_offsets(part, timeout=TIMEOUT_SECONDS)
            part.offset = max(low, high - most)
        self._consumer.assign(parts)
        at_end = 0
        while at_end < len(parts):
            message = self._consumer.poll(TIMEOUT_SECONDS)
            if message is None:
                return
            if message.error() is not None:
                at_end += 1
            elif (value := message.value()) is not None:
                yield value

    def _parts(self, full: str) -> list[TopicPartition]:
        known = self._known.get(full)
        return [TopicPartition(full, number) for number in sorted(known.partitions)] if known else []


def _words(error: Exception) -> str:
    kafka = error.args[0] if error.args else error
    return str(kafka.str()) if hasattr(kafka, "str") else str(kafka)


def _weather(message: bytes) -> AirportWeather | None:
    try:
        event = decode(message)
    except InvalidMessage:
        return None
    return event if isinstance(event, AirportWeather) else None


def _peek(message: bytes) -> Peek | None:
    try:
        event = decode(message)
    except InvalidMessage:
        return None
    if not isinstance(event, DeadLetter | LateEvent):
        return None
    record, text = read_payload(event.payload)
    reason = event.reason if isinstance(event, DeadLetter) else f"behind the watermark: {event.fact_at.isoformat()}"
    return Peek(
        at=event.event_at, topic=event.topic, partition=event.partition, offset=event.offset, record=record,
        reason=reason, text=text,
    )  # fmt: skip


def read_payload(payload: bytes) -> tuple[str, str]:
    """ "FlightStatus v1" and what it says; of what no reader understands the beginning of its bytes."""
    writer = by_header().get(payload[:HEADER_BYTES])
    record = f"{writer.record} v{writer.version}" if writer else "?"
    try:
        return record, msgspec.json.format(msgspec.json.encode(decode(payload)), indent=1).decode()
    except InvalidMessage:
        return record, f"{len(payload):,} bytes: {payload[:200]!r}"
