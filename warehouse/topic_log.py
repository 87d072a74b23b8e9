"""A topic as it stands on the brokers, read from its first message to its last."""

from collections.abc import Iterator
from typing import Any

import msgspec
from confluent_kafka import Consumer, KafkaException, TopicPartition

from schemas.errors import Transient

# A partition that hands over nothing for this long while messages are left: brokers away.
PATIENCE_S = 60.0


class Message(msgspec.Struct, frozen=True):
    """One message; `append_ms` is the brokers' append time, `value` None for a tombstone."""

    topic: str
    partition: int
    offset: int
    append_ms: int
    value: bytes | None

    @property
    def position(self) -> tuple[str, int, int]:
        """Where it stands: topic, partition, offset."""
        return (self.topic, self.partition, self.offset)


def read(bootstrap: str, topic: str) -> Iterator[Message]:
    """All messages of a topic up to its end as of now, partition by partition.

    Raises Transient if the brokers cannot be reached or a partition stops answering.
    """
    settings: dict[str, Any] = {
        "bootstrap.servers": bootstrap,
        "group.id": "warehouse-read",
        "enable.auto.commit": False,
        "enable.partition.eof": False,
        "log_level": 0,
        "error_cb": lambda _error: None,
    }
    consumer = Consumer(settings)
    try:
        metadata = consumer.list_topics(topic, timeout=30).topics[topic]
        if metadata.error is not None:
            raise Transient(f"{topic}: {metadata.error}")
        for partition in sorted(metadata.partitions):
            yield from _read_partition(consumer, topic, partition)
    except KafkaException as error:
        raise Transient(f"{topic}: {error}") from error
    finally:
        consumer.close()


def _read_partition(consumer: Consumer, topic: str, partition: int) -> Iterator[Message]:
    low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=30)
    position = low
    consumer.assign([TopicPartition(topic, partition, low)])
    while position < high:
        messages = consumer.consume(num_messages=min(5000, high - position), timeout=PATIENCE_S)
        if not messages:
            raise Transient(f"{topic}[{partition}]: nothing for {PATIENCE_S:.0f} s at offset {position} of {high}")
        for message in messages:
            if message.error() is not None:
                raise Transient(f"{topic}[{partition}]: {message.error()}")
            offset = message.offset()
            if offset is None or offset >= high:
                return
            position = offset + 1
            yield Message(topic, partition, offset, message.timestamp()[1], message.value())
