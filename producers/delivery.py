"""Events onto the brokers: idempotent, acknowledged by all in-sync replicas, every delivery counted.

Order per partition is the order of `send`: the idempotent producer keeps it over retries and leader changes.
"""

import logging
import time
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

import msgspec
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from producers.errors import BrokersAway, PublishFailed, UnknownTopic
from schemas.codec import encode
from schemas.events import Event
from schemas.topics import topic_name

log = logging.getLogger(__name__)
# What librdkafka says while brokers start or fail over is for whoever asks (a handler on this name), not for stderr.
log.addHandler(logging.NullHandler())

REACH_SECONDS: Final = 15.0  # brokers that start need about 6 s; beyond this a person should be told
NEW_TOPICS_SECONDS: Final = 3.0  # brokers learn of topics just created one after another, within half a second
FULL_QUEUE_WAIT_SECONDS: Final = 0.05

CLIENT: Final[dict[str, str | int | float | bool]] = {
    "enable.idempotence": True,
    "acks": "all",
    "max.in.flight.requests.per.connection": 5,  # the most that idempotence keeps in order
    # A leader's death costs its session timeout plus an election (seconds); a broker's restart about 10 s.
    # Whatever is not acknowledged in two minutes is reported as failed, not waited for.
    "delivery.timeout.ms": 120_000,
    "linger.ms": 5,  # part of every alert's latency; 50 saves about a tenth of the CPU
    # A week of the replay, bytes a message on a broker's disk: none 122, lz4 43-47, zstd 30, at the same CPU within the
    # noise (24-32 us a message, all in). lz4: readers on the JVM need no native library for it.
    "compression.type": "lz4",
    # Java's partitioner, so that a producer in any language sends a route to the same partition.
    "partitioner": "murmur2_random",
    "retry.backoff.ms": 50,
    "reconnect.backoff.max.ms": 500,
}


class Channel(Protocol):
    """Where `publish` sends: Kafka, or memory in tests."""

    def partitions(self, topic: str) -> int:
        """How many partitions the topic has."""
        ...

    def send(self, topic: str, event: Event, version: int | None = None, partition: int | None = None) -> None:
        """Hand over one event; the record's key chooses the partition unless one is given."""
        ...

    def wait(self, seconds: float) -> None:
        """Serve deliveries for so long. Raises PublishFailed once a message has failed."""
        ...

    def close(self) -> None:
        """Return when everything sent is acknowledged. Raises PublishFailed if something is not."""
        ...


class Deliveries(msgspec.Struct):
    """What the brokers said so far. `offsets` holds [first, last + 1] acknowledged by topic and partition."""

    acked: int = 0
    failed: int = 0
    offsets: dict[str, dict[str, list[int]]] = msgspec.field(default_factory=dict)


class KafkaChannel:
    """A Channel to the topics of one stage. Raises BrokersAway or UnknownTopic when made."""

    def __init__(
        self,
        stage: str,
        bootstrap: str,
        topics: Iterable[str],
        properties: Mapping[str, str | int | float | bool] | None = None,
        reach_seconds: float = REACH_SECONDS,
    ) -> None:
        self.deliveries = Deliveries()
        self._stage = stage
        self._failure: PublishFailed | None = None
        self._producer = Producer(
            {
                **CLIENT,
                **(properties or {}),
                "bootstrap.servers": bootstrap,
                "client.id": "semaforo-producers",
                "logger": log,  # otherwise librdkafka writes every refused connection to stderr
                "error_cb": self._on_error,
            }
        )
        self._partitions = self._look_up(bootstrap, list(topics), reach_seconds)

    def partitions(self, topic: str) -> int:
        return self._partitions[topic]

    def send(self, topic: str, event: Event, version: int | None = None, partition: int | None = None) -> None:
        name = topic_name(self._stage, topic)
        message = encode(event, version)
        while True:
            self._raise_failure()
            try:
                self._producer.produce(
                    name,
                    message,
                    key=event.key or None,
                    partition=-1 if partition is None else partition,
                    on_delivery=self._on_delivery,
                )
            except BufferError:  # the local queue is full: the brokers set the pace
                self._producer.poll(FULL_QUEUE_WAIT_SECONDS)
            except KafkaException as error:
                raise PublishFailed(name, -1 if partition is None else partition, str(error)) from error
            else:
                return

    def wait(self, seconds: float) -> None:
        self._producer.poll(seconds)
        self._raise_failure()

    def close(self) -> None:
        # delivery.timeout.ms bounds this: every message ends acknowledged or failed.
        while (left := self._producer.flush(1.0)) and self._failure is None:
            log.info("%d messages not acknowledged yet", left)
        self._raise_failure()

    def _look_up(self, bootstrap: str, topics: list[str], reach_seconds: float) -> dict[str, int]:
        patience_ends = time.monotonic() + NEW_TOPICS_SECONDS
        while True:
            try:
                cluster = self._producer.list_topics(timeout=reach_seconds)
            except KafkaException as error:
                raise BrokersAway(f"no broker at {bootstrap} answered within {reach_seconds:g} s: {error}") from error
            found = {topic: cluster.topics.get(topic_name(self._stage, topic)) for topic in topics}
            missing = [topic_name(self._stage, topic) for topic, metadata in found.items() if not metadata]
            if not missing:
                return {topic: len(metadata.partitions) for topic, metadata in found.items() if metadata}
            if time.monotonic() > patience_ends:
                names = ", ".join(missing)
                raise UnknownTopic(f"no topic {names} on {bootstrap}; `python -m deploy local up` makes them")
            self._producer.poll(FULL_QUEUE_WAIT_SECONDS)

    def _on_delivery(self, error: KafkaError | None, message: Message) -> None:
        topic, partition, offset = message.topic() or "", message.partition(), message.offset()
        if error is not None:
            self.deliveries.failed += 1
            self._failure = self._failure or PublishFailed(topic, -1 if partition is None else partition, error.str())
            return
        self.deliveries.acked += 1
        if partition is not None and offset is not None:
            span = self.deliveries.offsets.setdefault(topic, {}).setdefault(str(partition), [offset, offset + 1])
            span[0], span[1] = min(span[0], offset), max(span[1], offset + 1)

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            self._failure = self._failure or PublishFailed("all topics", -1, error.str())
        else:  # a broker away, a coordinator loading: librdkafka retries by itself
            log.info("%s", error.str())

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
