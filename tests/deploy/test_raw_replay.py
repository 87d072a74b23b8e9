"""Raw lines in the order in which they were appended, whatever day and object they lie in; each once."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from deploy.errors import DeployError
from deploy.raw_replay import REPLAYED, messages
from schemas.raw import RawMessage, raw_line
from schemas.rows import to_ms


class Bucket:
    """S3 as far as it is asked here."""

    def __init__(self, objects: Mapping[str, bytes]) -> None:
        self._objects = objects

    def get_paginator(self, _name: str) -> Bucket:
        return self

    def paginate(self, **request: str) -> Iterator[Any]:
        yield {"Contents": [{"Key": key} for key in self._objects if key.startswith(request["Prefix"])]}

    def get_object(self, **request: str) -> Any:
        return {"Body": io.BytesIO(self._objects[request["Key"]])}


def message(at: str, offset: int, topic: str = "flight-status") -> RawMessage:
    when = to_ms(datetime.fromisoformat(at).replace(tzinfo=UTC))
    return RawMessage(topic=topic, partition=0, offset=offset, appended_at_ms=when, value=b"x")


LATE = message("2026-03-02T23:59:59", 2)
"""Delivered only after midnight, behind one of another topic that was appended after it."""
OTHER = message("2026-03-02T23:59:59.500", 7, "route-heartbeat")
OBJECTS = {
    "topic=flight-status/date=2026-03-02/b": raw_line(message("2026-03-02T10:00:00", 1)),
    "topic=flight-status/date=2026-03-02/a": raw_line(message("2026-03-02T09:00:00", 0)) * 2,
    "topic=route-heartbeat/date=2026-03-02/a": raw_line(OTHER),
    "topic=flight-status/date=2026-03-03/a": raw_line(LATE) + raw_line(message("2026-03-03T01:00:00", 3)),
    "topic=dead-letters/date=2026-03-02/a": raw_line(message("2026-03-02T09:30:00", 0, "dead-letters")),
}


def found(first: str, last: str) -> list[tuple[str, int]]:
    days = (date.fromisoformat(first), date.fromisoformat(last))
    return [(one.topic, one.offset) for one in messages(Bucket(OBJECTS), "raw", *days)]


def test_they_come_as_they_were_appended_and_once() -> None:
    assert found("2026-03-02", "2026-03-03") == [
        ("flight-status", 0),
        ("flight-status", 1),
        ("flight-status", 2),
        ("route-heartbeat", 7),
        ("flight-status", 3),
    ]


def test_a_day_is_the_one_they_were_appended_in() -> None:
    assert found("2026-03-03", "2026-03-03") == [("flight-status", 3)]
    assert ("flight-status", 2) in found("2026-03-02", "2026-03-02")


def test_what_the_job_writes_it_finds_again() -> None:
    assert set(REPLAYED).isdisjoint({"dead-letters", "late-events"})
    assert {"flight-status", "route-heartbeat", "flight-finance"} <= set(REPLAYED)


def test_what_is_no_raw_line_stops_it() -> None:
    bucket = Bucket({"topic=flight-status/date=2026-03-02/a": b"garbage\n"})
    with pytest.raises(DeployError, match="flight-status of 2026-03-02"):
        list(messages(bucket, "raw", date(2026, 3, 2), date(2026, 3, 2)))
