"""The process that stands for Firehose's own reading of brokers and KPI stream: all of it, as raw lines, at least once.

Positions move only after the lines are stored: Kafka's offsets are committed, Kinesis's sequence numbers written down.
One that is killed in between stores some lines twice, never none.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from deploy.local.brokers import SILENT
from deploy.local.delivery import Delivery, Stopped
from deploy.local.kpi_shards import KpiShards
from schemas.raw import KPI_STREAM, RawMessage, raw_line
from schemas.topics import TOPICS, topic_name

FLUSH_BYTES: Final = 4 * 1024 * 1024
FLUSH_SECONDS: Final = 5.0
"""Whatever comes first. A live stage makes 10 objects in five seconds so; a replay some megabytes each."""

POLL_SECONDS: Final = 0.5
KPI_SECONDS: Final = 1.0
"""Between two looks at a shard that had nothing: each costs the local cloud some 3 ms of CPU."""

MESSAGES: Final = 2_000
PATIENCE_SECONDS: Final = 30

CLIENT: Final = Config(
    connect_timeout=2,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 2},
    parameter_validation=False,
)


def group(stage: str) -> str:
    """The consumer group whose offsets say how far it came."""
    return f"{stage}.raw-forwarder"


def consumer(bootstrap: str, stage: str) -> Consumer:
    """A client that reads and commits by hand. It joins no group: a killed one would keep the next waiting for 45 s."""
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group(stage),
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
            # Nobody waits for history: fewer, larger answers cost the brokers and this process less.
            "fetch.wait.max.ms": 500,
            "fetch.min.bytes": 65_536,
            "queued.max.messages.kbytes": 16_384,
        },
        logger=SILENT,
    )


def partitions(stage: str) -> list[TopicPartition]:
    """Every partition of every topic of a stage."""
    return [
        TopicPartition(topic_name(stage, name), number)
        for name, topic in TOPICS.items()
        for number in range(topic.partitions)
    ]


class Forwarder:
    """Reads, buffers and delivers; `step` does a little of each."""

    def __init__(self, stage: str, kafka: Consumer, shards: KpiShards, delivery: Delivery) -> None:
        self._stage = stage
        self._kafka = kafka
        self._shards = shards
        self._delivery = delivery
        self._lines: dict[str, list[bytes]] = {}
        self._bytes = 0
        self._next: dict[tuple[str, int], int] = {}
        self._since = time.monotonic()
        self._look_at = 0.0

    def start(self) -> None:
        """Go on where the committed offsets stand. Raises KafkaException if the brokers stay away."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self._kafka.assign(self._kafka.committed(partitions(self._stage), timeout=PATIENCE_SECONDS))
                return
            except KafkaException:  # a coordinator that is just loading its offsets refuses for a second
                if time.monotonic() > deadline:
                    raise
                time.sleep(POLL_SECONDS)

    def step(self) -> None:
        """Take what has come, and deliver it when it is much or has waited."""
        for message in self._kafka.consume(MESSAGES, POLL_SECONDS):
            self._take(message)
        self._take_rows()
        if self._bytes >= FLUSH_BYTES or time.monotonic() - self._since >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Store what is buffered, then say so to Kafka and to the file of sequence numbers."""
        for topic, lines in self._lines.items():
            self._delivery.put(topic, lines)
        if KPI_STREAM in self._lines:
            self._shards.remember()
        self._lines, self._bytes, self._since = {}, 0, time.monotonic()
        if self._next:
            self._commit()

    def _commit(self) -> None:
        offsets = [TopicPartition(topic, number, offset) for (topic, number), offset in self._next.items()]
        try:
            self._kafka.commit(offsets=offsets, asynchronous=False)
            self._next = {}
        except KafkaException as error:  # stored and not said: said with the next ones, or stored once more
            print(f"forwarder: offsets not committed: {error}", flush=True)

    def _take(self, message: Message) -> None:
        if (error := message.error()) is not None:
            if not error.retriable():
                print(f"forwarder: {error}", flush=True)
            return
        topic, partition, offset = message.topic(), message.partition(), message.offset()
        if topic is None or partition is None or offset is None:
            return  # no message without an error lacks one of them
        name = topic.removeprefix(f"{self._stage}.")
        line = RawMessage(
            topic=name,
            partition=partition,
            offset=offset,
            appended_at_ms=message.timestamp()[1],
            key=_bytes(message.key()),
            value=_bytes(message.value()),
        )
        self._add(name, raw_line(line))
        self._next[topic, partition] = offset + 1

    def _take_rows(self) -> None:
        if time.monotonic() < self._look_at:
            return
        before = self._bytes
        try:
            for record in self._shards.read():
                self._add(KPI_STREAM, raw_line(record))
        except (ClientError, BotoCoreError):
            self._shards.forget()  # an iterator lasts five minutes; a cloud that is away answers later
        if self._bytes == before:
            self._look_at = time.monotonic() + KPI_SECONDS

    def _add(self, topic: str, line: bytes) -> None:
        self._lines.setdefault(topic, []).append(line)
        self._bytes += len(line)


def _bytes(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value


def main(stage: str, bootstrap: str, stream: str, bucket: str, positions: Path) -> int:
    """Forward until SIGTERM, then deliver what is left."""
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: told.append(number))
    delivery = Delivery(_client("firehose"), _client("s3"), stage, bucket, stopping=lambda: bool(told))
    kafka = consumer(bootstrap, stage)
    forwarder = Forwarder(stage, kafka, KpiShards(_client("kinesis"), stream, positions), delivery)
    try:
        forwarder.start()
        print(f"forwarder: {len(partitions(stage))} partitions and {stream} to {bucket}", flush=True)
        while not told:
            forwarder.step()
        forwarder.flush()
    except Stopped:
        print("forwarder: told to end before all was stored; what is left is read again", flush=True)
    except KafkaException as error:
        print(f"forwarder: {error}", flush=True)
        return 1
    finally:
        kafka.close()
    return 0


def _client(service: str) -> Any:
    return boto3.client(service, config=CLIENT)  # type: ignore[call-overload]


if __name__ == "__main__":
    settings = os.environ
    sys.exit(
        main(
            settings["SEMAFORO_STAGE"],
            settings["SEMAFORO_KAFKA_BOOTSTRAP"],
            settings["SEMAFORO_KPI_STREAM"],
            settings["SEMAFORO_RAW_BUCKET"],
            Path(settings["SEMAFORO_FORWARDER_POSITIONS"]),
        )
    )
