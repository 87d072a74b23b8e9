"""Is raw complete? Every offset of every partition and every record of the KPI stream against what lies there."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec
from confluent_kafka import Consumer, KafkaException, TopicPartition

from schemas.errors import InvalidMessage, Transient
from schemas.raw import KPI_STREAM, LIGHT_LOG, RawKpiRecord, RawMessage
from schemas.topics import TOPICS, topic_name
from warehouse import raw_objects
from warehouse.storage import Store

Marks = Mapping[int, tuple[int, int]]
"""First offset and end by partition."""

SHOWN: Final = 5
"""Of each kind of trouble, as examples."""


class Completeness(msgspec.Struct, frozen=True, kw_only=True):
    """One topic, or the KPI stream. `kept` is what the source still has; older lines in raw are no extra."""

    topic: str
    kept: int
    lines: int
    missing: int = 0
    extra: int = 0
    repeated: int = 0
    unreadable: int = 0
    examples: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Nothing is missing, nothing is there that never was, and every line can be read."""
        return not (self.missing or self.extra or self.unreadable)


def check(store: Store, bootstrap: str, stage: str, kinesis: Any, stream: str) -> Iterator[Completeness]:
    """Topic by topic, then the KPI stream, then whether the light log can be read.

    The ends are asked for before raw is read, so that what moves meanwhile is not missing. Raises Transient if the
    brokers do not answer, botocore's errors if the cloud does not.
    """
    ends = {topic: watermarks(bootstrap, topic_name(stage, topic)) for topic in TOPICS}
    records = stream_records(kinesis, stream)
    for topic, marks in ends.items():
        name = topic_name(stage, topic)
        yield topic_completeness(topic, raw_objects.read(store, topic), marks, lambda n=name: watermarks(bootstrap, n))  # type: ignore[misc]
    yield stream_completeness(raw_objects.read(store, KPI_STREAM), records)
    yield readable(LIGHT_LOG, raw_objects.read(store, LIGHT_LOG))


def topic_completeness(
    topic: str, lines: Iterator[Any], marks: Marks, marks_now: Callable[[], Marks] | None = None
) -> Completeness:
    """`marks` are of before the lines were read, `marks_now` asks again once they are: what moved meanwhile is new."""
    seen: dict[int, Counter[int]] = {partition: Counter() for partition in marks}
    strangers: list[str] = []
    unreadable: list[str] = []
    for line in lines:
        if isinstance(line, InvalidMessage):
            unreadable.append(line.reason)
        elif not isinstance(line, RawMessage) or line.topic != topic or line.partition not in seen:
            strangers.append(f"{topic}: a line of {getattr(line, 'position', line)}")
        else:
            seen[line.partition][line.offset] += 1
    ends = {partition: high for partition, (_low, high) in (marks_now() if marks_now else marks).items()}
    strangers += [
        f"{topic}[{partition}]@{offset} is beyond the end"
        for partition, offsets in seen.items()
        for offset in offsets
        if offset >= ends[partition]
    ]
    missing = [
        f"{topic}[{partition}]@{offset} is missing"
        for partition, (low, high) in marks.items()
        for offset in range(low, high)
        if offset not in seen[partition]
    ]
    return Completeness(
        topic=topic,
        kept=sum(high - low for low, high in marks.values()),
        lines=sum(map(len, seen.values())),
        missing=len(missing),
        extra=len(strangers),
        repeated=sum(count - 1 for offsets in seen.values() for count in offsets.values()),
        unreadable=len(unreadable),
        examples=(*missing[:SHOWN], *strangers[:SHOWN], *unreadable[:SHOWN]),
    )


def stream_completeness(lines: Iterator[Any], records: Mapping[str, list[str]]) -> Completeness:
    """`records` are the sequence numbers of each shard that the stream keeps, in order."""
    seen: Counter[tuple[str, str]] = Counter()
    unreadable: list[str] = []
    for line in lines:
        if isinstance(line, RawKpiRecord):
            seen[line.shard, line.sequence_number] += 1
        else:
            unreadable.append(line.reason if isinstance(line, InvalidMessage) else str(line))
    there = {(shard, number) for shard, numbers in records.items() for number in numbers}
    spans = {shard: (int(numbers[0]), int(numbers[-1])) for shard, numbers in records.items() if numbers}
    missing = sorted(there - seen.keys())
    # Outside of what the stream keeps it cannot tell any more, or not yet.
    strangers = sorted(
        (shard, number)
        for shard, number in seen.keys() - there
        if shard not in records or (shard in spans and spans[shard][0] <= int(number) <= spans[shard][1])
    )
    return Completeness(
        topic=KPI_STREAM,
        kept=len(there),
        lines=len(seen),
        missing=len(missing),
        extra=len(strangers),
        repeated=sum(seen.values()) - len(seen),
        unreadable=len(unreadable),
        examples=(
            *(f"{shard} {number} is missing" for shard, number in missing[:SHOWN]),
            *(f"{shard} {number} is not on the stream" for shard, number in strangers[:SHOWN]),
            *unreadable[:SHOWN],
        ),
    )


def readable(topic: str, lines: Iterator[Any]) -> Completeness:
    """A topic without positions: only whether its lines can be read."""
    found = list(lines)
    unreadable = [line.reason for line in found if isinstance(line, InvalidMessage)]
    good = len(found) - len(unreadable)
    return Completeness(
        topic=topic, kept=good, lines=good, unreadable=len(unreadable), examples=tuple(unreadable[:SHOWN])
    )


def watermarks(bootstrap: str, topic: str) -> dict[int, tuple[int, int]]:
    """First offset and end of each partition of a topic, by its name on the brokers. Raises Transient."""
    settings: dict[str, Any] = {"bootstrap.servers": bootstrap, "group.id": "warehouse-raw-check", "log_level": 0}
    consumer = Consumer({**settings, "error_cb": lambda _error: None})
    try:
        metadata = consumer.list_topics(topic, timeout=30).topics[topic]
        if metadata.error is not None:
            raise Transient(f"{topic}: {metadata.error}")
        found = {}
        for partition in metadata.partitions:
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=30)
            found[partition] = (low, high)
        return found
    except KafkaException as error:
        raise Transient(f"{topic}: {error}") from error
    finally:
        consumer.close()


def stream_records(kinesis: Any, stream: str) -> dict[str, list[str]]:
    """The sequence numbers of each shard of a Kinesis stream, oldest first."""
    found = {}
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        name = shard["ShardId"]
        iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=name, ShardIteratorType="TRIM_HORIZON")
        numbers: list[str] = []
        token = iterator["ShardIterator"]
        while token:
            answer = kinesis.get_records(ShardIterator=token)
            numbers += [record["SequenceNumber"] for record in answer["Records"]]
            at_end = not answer["Records"] and not answer.get("MillisBehindLatest")
            token = None if at_end else answer.get("NextShardIterator")
        found[name] = numbers
    return found
