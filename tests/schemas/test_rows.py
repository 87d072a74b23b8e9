"""Packed rows: what goes in comes out, older and newer writers are understood, nonsense is refused."""

import json
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InvalidRow
from schemas.measures import MEASURE_NAMES
from schemas.rows import (
    FLAT_COLUMNS,
    SCOPES,
    WINDOWS_OF_SCOPE,
    KpiRow,
    flat,
    from_ms,
    pack_rows,
    rows_json,
    to_ms,
    unpack_rows,
)

N = len(MEASURE_NAMES)
instants = st.integers(0, 4_102_444_800_000).map(from_ms)
# Drawn at once, not number by number; every third is 0, as most are in a row.
measures = st.binary(min_size=8 * N, max_size=8 * N).map(
    lambda drawn: tuple(0 if n % 3 == 2 else one for n, one in enumerate(struct.unpack(f"<{N}q", drawn)))
)
keys = st.sampled_from([(scope, window) for scope in SCOPES for window in WINDOWS_OF_SCOPE[scope]])
carriers = st.lists(st.from_regex(r"[A-Z0-9]{2}", fullmatch=True), max_size=6, unique=True).map(tuple)
rows = st.builds(
    lambda key, *rest: KpiRow(key[0], rest[0], key[1], *rest[1:]),
    keys,
    *(st.sampled_from(["JFK-LAX", "JFK", "B6"]), instants, st.integers(0, 9), instants, st.integers(0, 99), measures),
    carriers,
)  # fmt: skip


@given(st.lists(rows, max_size=5))
def test_rows_survive_the_stream_and_tables(batch: list[KpiRow]) -> None:
    assert unpack_rows(pack_rows(batch)) == batch
    assert unpack_rows(rows_json(batch)) == batch


def whole(**change: Any) -> dict[str, Any]:
    row = ["route", "JFK-LAX", "24h", 1_360_324_800_000, 0, 1_360_324_800_123, 3, list(range(N))]
    return {"v": 2, "n": N, "rows": [row]} | change


def packed(**change: Any) -> bytes:
    return msgspec.msgpack.encode(whole(**change))


def in_json(**change: Any) -> bytes:
    """As tables have it, and streams had."""
    return json.dumps(whole(v=1) | change).encode()


@pytest.mark.parametrize("record", [packed, in_json])
def test_a_row_as_the_job_writes_it(record: Callable[[], bytes]) -> None:
    (row,) = unpack_rows(record())
    assert (row.key, row.at) == (("route", "JFK-LAX", "24h"), datetime(2013, 2, 8, 12, tzinfo=UTC))
    assert row.ingested_at - row.at == timedelta(milliseconds=123)
    assert row["flights"] == 0
    assert row[MEASURE_NAMES[7]] == 7
    with pytest.raises(KeyError):
        row["no_such_measure"]


def test_a_row_in_a_table_has_every_value_under_its_name() -> None:
    (row,) = unpack_rows(packed())
    at_ms = 1_360_324_800_000
    assert flat(row) == ("route", "JFK-LAX", "24h", at_ms, 0, at_ms + 123, 3, *range(N), "")
    flattened = dict(zip(FLAT_COLUMNS, flat(row), strict=True))
    assert all(flattened[name] == row[name] for name in MEASURE_NAMES)
    assert all(isinstance(flattened[name], kind) for name, kind in FLAT_COLUMNS.items())


HEAD: list[Any] = ["route", "JFK-LAX", "24h", 0, 0, 0, 1, [0] * N]


def test_a_24_hour_row_of_a_route_may_say_who_flies_there() -> None:
    named, unnamed = unpack_rows(packed(rows=[[*HEAD, "9E,B6,DL"], HEAD]))
    assert named.flown_by == ("9E", "B6", "DL")
    assert flat(named)[-1] == "9E,B6,DL"
    assert unnamed.flown_by == ()
    assert json.loads(rows_json([named, unnamed])) == whole(v=1, rows=[[*HEAD, "9E,B6,DL"], HEAD])
    assert msgspec.msgpack.decode(pack_rows([named, unnamed])) == whole(rows=[[*HEAD, "9E,B6,DL"], HEAD])


@pytest.mark.parametrize(
    "flown_by",
    [
        ",",
        "B",
        "B66",
        "b6",
        "B6,",
        ",B6",
        "B6, DL",
        "B6;DL",
        "B6\n",
        "ＢＢ",
        "٣٣",
        '"}',
        ",".join(["B6"] * 1_297),
        "B" * 10**6,
    ],
)
def test_carriers_that_are_none_are_refused(flown_by: str) -> None:
    with pytest.raises(InvalidRow, match="route JFK-LAX: flown_by is no list") as refused:
        unpack_rows(packed(rows=[[*HEAD, flown_by]]))
    assert len(refused.value.reason) < 200


def test_a_route_flown_by_every_code_there_is_holds_up_no_other() -> None:
    codes = ["".join(code) for code in product("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", repeat=2)]
    full, other = unpack_rows(packed(rows=[[*HEAD, ",".join(codes)], HEAD]))
    assert (full.flown_by, other.flown_by) == (tuple(codes), ())


@pytest.mark.parametrize("flown_by", [None, 6, ["B6"], {}])
def test_carriers_are_text(flown_by: object) -> None:
    with pytest.raises(InvalidRow, match="not packed"):
        unpack_rows(packed(rows=[[*HEAD, flown_by]]))


def test_an_older_writer_has_zeros_for_what_it_does_not_know() -> None:
    (row,) = unpack_rows(packed(n=2, rows=[["route", "JFK-LAX", "24h", 0, 0, 0, 1, [5, 4]]]))
    assert row.measures == (5, 4) + (0,) * (N - 2)


def test_a_newer_writer_is_read_as_far_as_this_reader_knows() -> None:
    (row,) = unpack_rows(packed(n=N + 1, rows=[["route", "JFK-LAX", "24h", 0, 0, 0, 1, list(range(N + 1))]]))
    assert row.measures == tuple(range(N))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not packed"),
        (b"\xff\xfe", "not packed"),
        (b"{}", "not packed"),
        (b"[1]", "not packed"),
        (packed(v=1), "packed version 1"),
        (packed(v=3), "packed version 3"),
        (in_json(v=2), "packed version 2"),
        (packed()[:-1], "not packed"),
        (packed() + b"\0", "not packed"),
        (in_json()[:-1], "not packed"),
        (packed(extra=1), "not packed"),
        (in_json(extra=1), "not packed"),
        (packed(n=N - 1), "48 measures, the record promises 47"),
        (packed(rows=[["route", "A-B", "3h", 0, 0, 0, 1, [0] * N]]), "no window 3h in this scope"),
        (packed(rows=[["route", "A-B", "24h", 0, 0, 0, 1, [0] * N, "B6", 1]]), "not packed"),
        (packed(rows=[["planet", "A-B", "24h", 0, 0, 0, 1, [0] * N]]), "not packed"),
        (packed(rows=[["route", "A-B", "24h", 10**18, 0, 0, 1, [0] * N]]), "time out of range"),
        (packed(rows=[["route", "A-B", "24h", 0, 0, 0, 1, [0.5] * N]]), "not packed"),
        (packed(rows=[["route", "A-B", "24h", 0, 0, 0, 1, [None] * N]]), "not packed"),
    ],
)
def test_what_is_not_rows_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(InvalidRow, match=reason):
        unpack_rows(data)


@given(st.binary(max_size=100))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    with pytest.raises(InvalidRow):
        unpack_rows(data)


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_milliseconds_are_exact(instant: datetime) -> None:
    whole = instant.replace(microsecond=instant.microsecond // 1000 * 1000)
    assert from_ms(to_ms(whole)) == whole
