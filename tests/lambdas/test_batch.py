"""Kinesis events in, answers out: bad records alone are bad, and AWS is told where to go on."""

import base64
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.entity import Defect
from lambdas.batch import done_with, read_batch, respond
from lambdas.quarantine import MOST_DEFECTS, Quarantine, poison
from schemas.errors import Transient
from schemas.rows import pack_rows, rows_json
from tests.alerts.samples import row

GOOD = pack_rows([row(0, 9)])
GOOD_JSON = rows_json([row(0, 9)])


def kinesis_event(*records: bytes) -> dict[str, Any]:
    """An event as the Lambda service makes it; sequence numbers are s0, s1, …"""
    return {
        "Records": [
            {
                "eventID": f"shardId-000000000000:s{number}",
                "eventSourceARN": "arn:aws:kinesis:us-east-1:000000000000:stream/route-kpis",
                "kinesis": {
                    "sequenceNumber": f"s{number}",
                    "partitionKey": "7",
                    "data": base64.b64encode(data).decode(),
                },
            }
            for number, data in enumerate(records)
        ]
    }


def test_good_records_give_their_rows() -> None:
    (record,) = read_batch(kinesis_event(GOOD))
    assert record.rows == [row(0, 9)]
    assert (record.problem, record.sequence_number, record.data) == ("", "s0", GOOD)


def with_fields(**changes: Any) -> dict[str, Any]:
    """The good record with fields of its row replaced."""
    places = {
        "scope": 0,
        "entity": 1,
        "window": 2,
        "at": 3,
        "revision": 4,
        "ingested_at": 5,
        "events": 6,
        "measures": 7,
    }
    whole: dict[str, Any] = msgspec.msgpack.decode(GOOD)
    for name, value in changes.items():
        whole["rows"][0][places[name]] = value
    return whole


WIDTH = len(row(0).measures)
WRONG = {
    "unknown scope": with_fields(scope="planet"),
    "unknown window": with_fields(window="9y"),
    "a window of another scope": with_fields(window="3h"),
    "measures missing": with_fields(measures=[1, 2, 3]),
    "a number that is text": with_fields(measures=["1"] * WIDTH),
    "a carrier that is none": {**with_fields(), "rows": [[*with_fields()["rows"][0], "B6,<b>"]]},
    "a fraction": with_fields(measures=[0.5] * WIDTH),
    "beyond 2**53": with_fields(measures=[2**53 + 1] * WIDTH),
    "revision beyond 2**53": with_fields(revision=2**60),
    "year 30000": with_fields(at=10**15),
    "no entity": with_fields(entity=""),
    "an endless entity": with_fields(entity="A" * 3_000),
    "an entity over two lines": with_fields(entity="JFK\nLAX"),
    "an entity that is not ASCII": with_fields(entity="JFK–LAX"),
    "an entity SQS would refuse": with_fields(entity="\uffff\x01"),
}
POISON = {
    "empty": b"",
    "text": b"hello",
    "binary": b"\xc3\x01\x00\xff",
    "truncated": GOOD[:-3],
    "truncated JSON": GOOD_JSON[:-3],
    "two in one": GOOD + GOOD,
    "two in one JSON": GOOD_JSON + GOOD_JSON,
    "another JSON": b'{"a":1}',
    "a future version": msgspec.msgpack.encode({**with_fields(), "v": 9}),
    "a future version in JSON": msgspec.json.encode({**with_fields(), "v": 9}),
    "beyond 64 bits": msgspec.json.encode({**with_fields(measures=[-(2**70)] * WIDTH), "v": 1}),
    **{name: msgspec.msgpack.encode(record) for name, record in WRONG.items()},
    **{f"{name}, in JSON": msgspec.json.encode({**record, "v": 1}) for name, record in WRONG.items()},
}


@pytest.mark.parametrize("name", POISON)
@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_bad_record_has_a_reason_and_its_neighbours_their_rows(name: str, position: int) -> None:
    records = [GOOD, GOOD]
    records.insert(position, POISON[name])
    batch = read_batch(kinesis_event(*records))
    assert [bool(record.problem) for record in batch] == [number == position for number in range(3)]
    assert [len(record.rows) for record in batch] == [0 if number == position else 1 for number in range(3)]
    assert batch[position].data == POISON[name]


def test_data_that_is_not_base64_is_a_bad_record() -> None:
    event = kinesis_event(GOOD)
    event["Records"][0]["kinesis"]["data"] = "!"
    assert "base64" in read_batch(event)[0].problem


@given(st.binary(max_size=400))
def test_any_bytes_are_rows_or_a_problem(data: bytes) -> None:
    (record,) = read_batch(kinesis_event(data))
    assert record.problem or isinstance(record.rows, list)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_any_byte_of_a_record_may_be_wrong(position: int, byte: int) -> None:
    read_batch(kinesis_event(GOOD[:position] + bytes([byte]) + GOOD[position + 1 :]))


def test_all_done_is_an_empty_report() -> None:
    batch = read_batch(kinesis_event(GOOD, GOOD))
    for mode in ("report", "raise"):
        assert respond(batch, {}, mode) == {"batchItemFailures": []}
        assert list(done_with(batch, {}, mode)) == [0, 1]


def test_the_lowest_failed_record_is_reported_and_those_before_it_are_done() -> None:
    batch = read_batch(kinesis_event(GOOD, GOOD, GOOD, GOOD))
    failed = {3: "late", 1: "early"}
    assert respond(batch, failed, "report") == {"batchItemFailures": [{"itemIdentifier": "s1"}]}
    assert list(done_with(batch, failed, "report")) == [0]


def test_where_reports_are_ignored_the_batch_fails_whole() -> None:
    batch = read_batch(kinesis_event(GOOD, GOOD))
    with pytest.raises(Transient, match="1 of 2 records not processed; DynamoDB is away"):
        respond(batch, {1: "DynamoDB is away"}, "raise")
    assert list(done_with(batch, {1: "x"}, "raise")) == []


def test_quarantined_is_what_is_bad_and_will_not_come_again() -> None:
    batch = read_batch(kinesis_event(b"bad", GOOD, b"bad", GOOD))
    defects = [Defect(1, "first"), Defect(1, "second"), Defect(3, "later")]
    assert {n: reason for n, (_, reason) in poison(batch, defects, range(2)).items()} == {
        0: batch[0].problem,
        1: "first",
    }
    assert sorted(poison(batch, defects, range(4))) == [0, 1, 2, 3]


def test_a_defect_that_meets_every_record_does_not_flood_the_quarantine() -> None:
    batch = read_batch(kinesis_event(*[GOOD] * 100, b"bad"))
    kept = poison(batch, [Defect(number, "ours") for number in range(100)], range(101))
    assert len(kept) == MOST_DEFECTS + 1
    assert 100 in kept, "what the stream itself got wrong is always kept"


class Queue:
    """Takes what SQS takes: at most 256 KiB of ASCII, to be on the safe side."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803 - SQS's names
        assert QueueUrl == "q"
        assert MessageBody.isascii()
        assert len(MessageBody) <= 256 * 1024
        self.bodies.append(MessageBody)


@given(st.binary(max_size=300) | st.sampled_from([b"\xff" * 1_000_000, *POISON.values()]))
def test_whatever_is_bad_fits_the_quarantine(data: bytes) -> None:
    batch = read_batch(kinesis_event(data))
    queue = Queue()
    bad = poison(batch, [], range(1))
    assert Quarantine(queue, "q").put_all(bad) == {}  # type: ignore[arg-type]
    assert len(queue.bodies) == len(bad)
    for body in map(msgspec.json.decode, queue.bodies):
        assert (body["sequence_number"], body["shard"], body["bytes"]) == ("s0", "shardId-000000000000", len(data))
        assert data.startswith(base64.b64decode(body["data"]))
        assert body["reason"]
