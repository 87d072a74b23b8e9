"""Events as raw lines, without brokers: a past that never was live, on its way into history.

A line is as if its topic had held it: a partition by the record's key, offsets that rise by one there, and an append
time that is the event's own: a backfill knows each fact when it became known. A clock beat says only to readers of a
topic that nothing older follows, so none is written.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final
from zlib import crc32

from producers.delivery import Deliveries
from schemas.codec import encode
from schemas.events import Event, RouteHeartbeat
from schemas.raw import PARTIAL_SUFFIX, RawMessage, prefix, raw_line
from schemas.rows import to_ms
from schemas.topics import TOPICS

OBJECT_BYTES: Final = 8_000_000
"""At most; a day of New York's flights is a megabyte or two of all topics."""


class RawChannel:
    """A Channel into a folder of raw objects. An object is there whole once its topic's day is over."""

    def __init__(self, folder: Path, name: str) -> None:
        """`name` stands in every object's name: the same events written twice are the same objects."""
        self.deliveries = Deliveries()
        self._folder = folder
        self._name = name
        self._days: dict[str, _Day] = {}
        self._offsets: dict[tuple[str, int], int] = {}
        self._partition_of: dict[tuple[str, str], int] = {}

    def partitions(self, topic: str) -> int:
        return TOPICS[topic].partitions

    def send(self, topic: str, event: Event, version: int | None = None, partition: int | None = None) -> None:
        if isinstance(event, RouteHeartbeat) and event.origin is None:
            return
        key = event.key
        if partition is None:
            partition = self._partition(topic, key)
        offset = self._offsets.get((topic, partition), 0)
        self._offsets[topic, partition] = offset + 1
        line = RawMessage(
            topic=topic,
            partition=partition,
            offset=offset,
            appended_at_ms=to_ms(event.event_at),
            key=key.encode() or None,
            value=encode(event, version),
        )
        self._day(topic, event.event_at.date()).add(raw_line(line))
        self.deliveries.acked += 1

    def wait(self, seconds: float) -> None:
        """Nothing is under way."""

    def close(self) -> None:
        for day in self._days.values():
            day.write()
        for (topic, partition), end in self._offsets.items():
            self.deliveries.offsets.setdefault(topic, {})[str(partition)] = [0, end]

    def _partition(self, topic: str, key: str) -> int:
        found = self._partition_of.get((topic, key))
        if found is None:
            found = self._partition_of[topic, key] = crc32(key.encode()) % TOPICS[topic].partitions
        return found

    def _day(self, topic: str, day: date) -> "_Day":
        current = self._days.get(topic)
        if current is None or current.day != day:
            if current is not None:
                current.write()
            current = self._days[topic] = _Day(day, lambda number: self._path(topic, day, number))
        return current

    def _path(self, topic: str, day: date, number: int) -> Path:
        return self._folder / prefix(topic, day.isoformat()) / f"{self._name}-{number:03}.jsonl"


class _Day:
    """The lines of a topic's day that are not written yet."""

    def __init__(self, day: date, path: Callable[[int], Path]) -> None:
        self.day = day
        self._path = path
        self._lines: list[bytes] = []
        self._bytes = 0
        self._written = 0

    def add(self, line: bytes) -> None:
        if self._bytes + len(line) > OBJECT_BYTES:
            self.write()
        self._lines.append(line)
        self._bytes += len(line)

    def write(self) -> None:
        if not self._lines:
            return
        path = self._path(self._written)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}{PARTIAL_SUFFIX}")
        partial.write_bytes(b"".join(self._lines))
        partial.replace(path)
        self._lines.clear()
        self._bytes = 0
        self._written += 1
