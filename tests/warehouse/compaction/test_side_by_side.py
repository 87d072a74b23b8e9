"""Messages decoded side by side say what they say one by one, and what one by one refuses is never taken."""

import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import fastavro
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from schemas.check import EXAMPLES_FOLDER, load_example
from schemas.codec import HEADER_BYTES, encode, newest, registry
from schemas.raw import RawMessage, raw_line
from warehouse.compaction import decode
from warehouse.compaction.accepted import accepted
from warehouse.compaction.raw_objects import RawObject

GOOD = {
    record: [
        encode(load_example(path))
        for path in sorted(EXAMPLES_FOLDER.glob(f"{record}.v*/*.json"))
        if not path.stem.startswith("bad-")
    ]
    for record in registry()
}
SIDE_BY_SIDE = [record for record in GOOD if accepted(record) is not None]
EVENT_AT = datetime(2013, 2, 8, 12, tzinfo=UTC)


def decoded(messages: Sequence[bytes]) -> decode.Decoded:
    lines = [
        RawMessage(topic="flight-status", partition=0, offset=offset, appended_at_ms=offset, value=message)
        for offset, message in enumerate(messages)
    ]
    data = b"".join(map(raw_line, lines))
    return decode.decode_objects([RawObject("a", len(data), "flight-status", "2013-02-08")], lambda _name: data)


def one_by_one(messages: Sequence[bytes]) -> decode.Decoded:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decode, "accepted", lambda _record: None)
        return decoded(messages)


def assert_same(messages: Sequence[bytes]) -> None:
    ours, theirs = decoded(messages), one_by_one(messages)
    assert ours.undecodable == theirs.undecodable
    assert_frame_equal(pl.concat(ours.seen), pl.concat(theirs.seen))
    tables, expected = ({name: rows for name, rows in one.tables().items() if len(rows)} for one in (ours, theirs))
    assert tables.keys() == expected.keys()
    for name, rows in tables.items():
        assert_frame_equal(rows.sort("offset"), expected[name].sort("offset"))


def another(kind: Any, named: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values of an Avro type, among them those that a record would refuse."""
    if isinstance(kind, str):
        kind = named.get(kind, kind)
    if isinstance(kind, list):
        return st.one_of(*(another(one, named) for one in kind))
    if isinstance(kind, dict) and kind.get("logicalType"):
        shifts = st.sampled_from([0, 1, -1, 7 * 24, 7 * 24 + 1, -8 * 24, 24 * 365 * 100, -24 * 365 * 50])
        return shifts.map(lambda hours: EVENT_AT + timedelta(hours=hours))
    if isinstance(kind, dict):
        named[f"semaforo.{kind.get('name')}"] = kind
        match kind["type"]:
            case "enum":
                return st.sampled_from(kind["symbols"])
            case "array":
                return st.lists(another(kind["items"], named), max_size=4)
            case "record":
                return st.fixed_dictionaries({f["name"]: another(f["type"], named) for f in kind["fields"]})
    simple: dict[str, st.SearchStrategy[Any]] = {
        "null": st.none(),
        "double": st.floats(),
        "string": st.sampled_from(
            ["", "B6", "b6", "JFK", "LAX", "JFK\n", "USD", "MXN", "usd", "Zürich", "É1", "x" * 70]
        ),
    }
    longest = 2**31 - 1 if kind == "int" else 2**63 - 1
    return simple.get(kind, st.sampled_from([0, 1, -1, 63, 64, 1440, 1441, 1_000_000, longest, -longest]))


@st.composite
def changed(draw: st.DrawFn) -> bytes:
    """A good message of which some fields or bytes are others."""
    record = draw(st.sampled_from(SIDE_BY_SIDE))
    message = draw(st.sampled_from(GOOD[record]))
    schema = newest(record)
    fields: list[dict[str, Any]] = json.loads(schema.text)["fields"]
    named: dict[str, Any] = {}
    for field in fields:
        another(field["type"], named)
    plain: Any = fastavro.schemaless_reader(io.BytesIO(message[HEADER_BYTES:]), schema.parsed, None)
    for field in draw(st.lists(st.sampled_from(fields), max_size=3)):
        plain[field["name"]] = draw(another(field["type"], named))
    body = io.BytesIO()
    fastavro.schemaless_writer(body, schema.parsed, plain)
    data = schema.header + body.getvalue()
    match draw(st.sampled_from(["whole", "whole", "cut", "longer", "other"])):
        case "cut":
            return data[: draw(st.integers(1, len(data)))]
        case "longer":
            return data + draw(st.binary(min_size=1, max_size=12))
        case "other":
            place = draw(st.integers(0, len(data) - 1))
            return data[:place] + draw(st.binary(max_size=11)) + data[place + 1 :]
    return data


@settings(max_examples=80, deadline=None)
@given(st.lists(changed(), min_size=1, max_size=12))
def test_whatever_was_changed(messages: list[bytes]) -> None:
    assert_same(messages)


@pytest.mark.parametrize("record", SIDE_BY_SIDE)
def test_good_ones_need_no_second_look(record: str) -> None:
    found = decoded(GOOD[record] * 3)
    assert found.rows == {}
    assert_same(GOOD[record] * 3)


def test_the_bad_one_among_many_alone_is_looked_at_again() -> None:
    """Its garbage shifts none of its neighbours."""
    good = GOOD["FlightStatus"][0]
    bad = good[:HEADER_BYTES] + b"\xff" * 30
    found = decoded([good, bad, good + b"\x00", good[:-1], good])
    assert found.undecodable == 3
    assert found.frames["flight_status"][0]["offset"].to_list() == [0, 4]
    assert pl.concat(found.seen)["kind"].to_list() == ["events", *["undecodable"] * 3, "events"]


def test_numbers_and_letters_that_are_not_read_side_by_side_are_read_one_by_one() -> None:
    schema = newest("FlightStatus")
    plain: Any = fastavro.schemaless_reader(io.BytesIO(GOOD["FlightStatus"][0][HEADER_BYTES:]), schema.parsed, None)
    body = io.BytesIO()
    fastavro.schemaless_writer(body, schema.parsed, {**plain, "source": "Aeropuerto de Cancún", "distance_km": 2})
    found = decoded([schema.header + body.getvalue()])
    assert found.frames["flight_status"][0].is_empty()
    assert found.tables()["flight_status"].select("source", "distance_km").rows() == [("Aeropuerto de Cancún", 2)]
