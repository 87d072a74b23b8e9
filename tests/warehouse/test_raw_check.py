"""What is missing, what never was, what came twice, what cannot be read."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import InvalidMessage
from schemas.raw import KPI_STREAM, RawKpiRecord, RawMessage, prefix, raw_line
from warehouse import raw_objects
from warehouse.raw_check import stream_completeness, topic_completeness
from warehouse.storage import Store

TOPIC = "flight-status"


def message(partition: int, offset: int) -> RawMessage:
    return RawMessage(topic=TOPIC, partition=partition, offset=offset, appended_at_ms=0, value=b"v")


def record(number: int) -> RawKpiRecord:
    return RawKpiRecord(shard="s-0", sequence_number=str(number), arrived_at_ms=0, data=b"")


def found(*lines: Any, **marks: Any) -> tuple[int, int, int, int]:
    one = topic_completeness(TOPIC, iter(lines), marks.get("marks", {0: (0, 3)}))
    assert one.whole == (one.missing == one.extra == one.unreadable == 0)
    return one.missing, one.extra, one.repeated, one.unreadable


def test_all_there_and_one_twice_is_whole() -> None:
    assert found(*(message(0, n) for n in (0, 1, 2, 1))) == (0, 0, 1, 0)


def test_a_gap_is_missing_and_what_the_brokers_dropped_is_not() -> None:
    assert found(message(0, 0), message(0, 2)) == (1, 0, 0, 0)
    assert found(message(0, 0), message(0, 2), marks={0: (2, 3)}) == (0, 0, 0, 0)


def test_what_never_was_is_extra() -> None:
    other = RawMessage(topic="late-events", partition=0, offset=0, appended_at_ms=0)
    assert found(*(message(0, n) for n in range(4)), message(7, 0), other) == (0, 3, 0, 0)


def test_what_came_while_it_looked_is_neither() -> None:
    one = topic_completeness(TOPIC, iter([message(0, 0), message(0, 1)]), {0: (0, 1)}, lambda: {0: (0, 2)})
    assert one.whole


def test_records_of_the_stream_are_counted_alike() -> None:
    lines = [record(number) for number in (1, 20, 30, 30, 35, 50)]
    one = stream_completeness(iter(lines), {"s-0": ["20", "30", "40"]})
    assert (one.missing, one.extra, one.repeated) == (1, 1, 1), "40; 35; 30. 1 is older, 50 newer than what it keeps"


def test_a_line_that_is_none_hides_no_other(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    good = raw_line(message(0, 0))
    store.write(f"{prefix(TOPIC, '2026-03-02')}a", gzip.compress(good + b"{half\n" + raw_line(message(0, 1))))
    store.write(f"{prefix(TOPIC, '2026-03-02')}b", gzip.compress(good)[:-9])
    store.write(f"topic={TOPIC}/c", good)
    read = list(raw_objects.read(store, TOPIC))
    assert [line.offset for line in read if isinstance(line, RawMessage)] == [0, 1]
    reasons = sorted(line.reason for line in read if isinstance(line, InvalidMessage))
    assert len(reasons) == 3
    assert sum("a, line 2" in reason for reason in reasons) == 1
    assert sum("lies in no date" in reason for reason in reasons) == 1


def test_an_empty_store_has_nothing(tmp_path: Path) -> None:
    assert list(raw_objects.read(Store(str(tmp_path)), KPI_STREAM)) == []


@pytest.mark.parametrize("data", [b"", b"\n"])
def test_an_empty_object_has_no_lines(tmp_path: Path, data: bytes) -> None:
    store = Store(str(tmp_path))
    store.write(f"{prefix(TOPIC, '2026-03-02')}a", data)
    assert list(raw_objects.read(store, TOPIC)) == []
