"""The poller other tests trust, against AWS's documented rules."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.kinesis_destination import message, on_failure_queue
from tests.kinesis_mapping import KinesisMapping
from tests.kinesis_poller import PAYLOAD_BYTES, Discarded, KinesisPoller, Record

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/route-kpis"
BISECTING = KinesisMapping("semaforo", "quarantine", batch_size=100, bisect=True, reports=True, retry_attempts=10)


def record(number: int, data: str = "", arrived_at: datetime = NOON) -> Record:
    return {
        "eventID": f"shardId-000000000000:{number}",
        "eventSourceARN": STREAM,
        "kinesis": {
            "sequenceNumber": str(number),
            "data": data,
            "approximateArrivalTimestamp": arrived_at.timestamp(),
        },
    }


RECORDS = [record(number) for number in range(8)]


def numbers(records: Sequence[Record]) -> list[int]:
    return [int(one["kinesis"]["sequenceNumber"]) for one in records]


class Handler:
    """Answers by a function of the numbers it got, and remembers them."""

    def __init__(self, answer: Callable[[list[int]], Any]) -> None:
        self.seen: list[list[int]] = []
        self._answer = answer

    def __call__(self, event: dict[str, Any], _context: None) -> Any:
        self.seen.append(numbers(event["Records"]))
        return self._answer(self.seen[-1])


def report(*failed: int | str | None) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": None if one is None else str(one)} for one in failed]}


def raises_on(bad: int) -> Callable[[list[int]], None]:
    def answer(seen: list[int]) -> None:
        if bad in seen:
            raise ValueError(bad)

    return answer


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_empty_answer_is_success(answer: Any) -> None:
    handler = Handler(lambda _numbers: answer)
    KinesisPoller(handler, BISECTING._replace(batch_size=4)).read(RECORDS)
    assert handler.seen == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_a_report_goes_on_from_the_lowest_number() -> None:
    answers = iter([report(5, 3), None])
    handler = Handler(lambda _numbers: next(answers))
    KinesisPoller(handler, BISECTING).read(RECORDS)
    assert handler.seen == [[0, 1, 2, 3, 4, 5, 6, 7], [3, 4, 5, 6, 7]]


def test_a_report_is_not_looked_at_where_the_mapping_asks_for_none() -> None:
    handler = Handler(lambda _numbers: report(3))
    KinesisPoller(handler, BISECTING._replace(reports=False)).read(RECORDS)
    assert handler.seen == [[0, 1, 2, 3, 4, 5, 6, 7]]


@pytest.mark.parametrize("name", ["", None, "99"])
def test_a_malformed_report_fails_the_whole_batch(name: str | None) -> None:
    answers = iter([report(name), None])
    handler = Handler(lambda _numbers: next(answers))
    KinesisPoller(handler, BISECTING._replace(bisect=False)).read(RECORDS)
    assert handler.seen == [list(range(8)), list(range(8))]


def test_bisecting_finds_the_one_record_that_raises() -> None:
    poller = KinesisPoller(handler := Handler(raises_on(5)), BISECTING._replace(retry_attempts=2))
    poller.read(RECORDS)
    assert poller.discarded == ["5"]
    # Halved three times, and only the record that is alone uses up its two retries.
    assert handler.seen == [
        [0, 1, 2, 3, 4, 5, 6, 7],
        [0, 1, 2, 3], [4, 5, 6, 7],
        [4, 5],
        [4], [5], [5], [5],
        [6, 7],
    ]  # fmt: skip


def test_without_a_retry_bisecting_still_finds_it() -> None:
    poller = KinesisPoller(handler := Handler(raises_on(0)), BISECTING._replace(retry_attempts=0))
    poller.read(RECORDS[:4])
    assert poller.discarded == ["0"]
    assert handler.seen == [[0, 1, 2, 3], [0, 1], [0], [1], [2, 3]]


def test_without_bisecting_a_bad_record_takes_its_batch_with_it() -> None:
    handler = Handler(raises_on(5))
    poller = KinesisPoller(handler, BISECTING._replace(batch_size=4, retry_attempts=2, bisect=False))
    poller.read(RECORDS)
    assert poller.discarded == ["4", "5", "6", "7"]
    assert poller.invocations == 1 + 3


def test_what_is_reported_for_ever_is_discarded_in_the_end() -> None:
    handler = Handler(lambda seen: report(2) if 2 in seen else None)
    poller = KinesisPoller(handler, BISECTING._replace(batch_size=3, retry_attempts=3))
    poller.read(RECORDS)
    assert poller.discarded == ["2"]
    assert handler.seen == [[0, 1, 2], [2], [2], [2], [3, 4, 5], [6, 7]]


def test_a_report_that_fails_takes_with_it_what_is_behind_it() -> None:
    """A report cuts before the record and not behind it: who never gets beyond it loses the rest of the batch."""
    handler = Handler(lambda seen: report(2) if 2 in seen else None)
    poller = KinesisPoller(handler, BISECTING._replace(batch_size=4, retry_attempts=1))
    poller.read(RECORDS)
    assert poller.discarded == ["2", "3"]
    assert handler.seen == [[0, 1, 2, 3], [2, 3], [4, 5, 6, 7]]


def test_without_a_retry_limit_it_goes_on_till_it_succeeds() -> None:
    left = iter(range(1_000))
    handler = Handler(lambda _numbers: report(0) if next(left) < 999 else None)
    poller = KinesisPoller(handler, BISECTING._replace(retry_attempts=None))
    poller.read(RECORDS[:1])
    assert (poller.invocations, poller.discarded) == (1_000, [])


class Wall:
    """A clock that a minute passes on with every invocation."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


def test_records_that_grow_too_old_while_they_are_retried_are_discarded_and_younger_ones_are_not() -> None:
    """A minute an invocation, records a minute apart, five minutes at most; the limit of retries is far away."""
    wall = Wall()

    def answer(seen: list[int]) -> Any:
        wall.at += timedelta(minutes=1)
        return report(seen[0]) if wall.at < NOON + timedelta(minutes=8) else None

    records = [record(number, arrived_at=NOON + timedelta(minutes=number)) for number in range(3)]
    mapping = BISECTING._replace(retry_attempts=None, max_record_age=timedelta(minutes=5))
    poller = KinesisPoller(handler := Handler(answer), mapping, clock=wall)
    poller.read(records)
    # At 12:05 the first is five minutes old, which is not too old; at 12:06 it is, and at 12:07 the second.
    assert handler.seen == [[0, 1, 2]] * 6 + [[1, 2]] + [[2]]
    assert [(one.condition, numbers(one.records), one.invocations) for one in poller.given_up] == [
        ("RecordAgeExceeded", [0], 6),
        ("RecordAgeExceeded", [1], 7),
    ]


def test_what_is_too_old_at_once_is_never_delivered() -> None:
    records = [record(0, arrived_at=NOON - timedelta(minutes=2)), record(1)]
    mapping = BISECTING._replace(max_record_age=timedelta(minutes=1))
    poller = KinesisPoller(handler := Handler(lambda _numbers: None), mapping, clock=lambda: NOON)
    poller.read(records)
    assert (handler.seen, poller.discarded) == ([[1]], ["0"])
    assert "responseContext" not in message(poller.given_up[0], mapping)


def test_a_batch_has_no_more_than_six_megabytes() -> None:
    """Records of 1 MiB: five fit with what is around them, six do not. One that is larger than a batch comes alone."""
    mebibyte = "x" * 1024 * 1024
    records = [record(number, mebibyte) for number in range(7)]
    records += [record(7, mebibyte * 7), record(8), record(9)]
    handler = Handler(lambda _numbers: None)
    sizes: list[int] = []

    def measured(event: dict[str, Any], context: None) -> Any:
        sizes.append(len(json.dumps(event)))
        return handler(event, context)

    KinesisPoller(measured, BISECTING).read(records)
    assert handler.seen == [[0, 1, 2, 3, 4], [5, 6], [7], [8, 9]]
    assert [size <= PAYLOAD_BYTES for size in sizes] == [True, True, False, True]


def test_a_batch_may_fill_six_megabytes_to_the_byte() -> None:
    around = len(json.dumps({"Records": [record(0), record(1)]}))
    for spare, batches in ((0, [[0, 1]]), (-1, [[0], [1]])):
        handler = Handler(lambda _numbers: None)
        large = record(0, "x" * (PAYLOAD_BYTES - around - spare))
        KinesisPoller(handler, BISECTING).read([large, record(1)])
        assert handler.seen == batches


@pytest.mark.parametrize(("raised", "error"), [(True, {"functionError": "Unhandled"}), (False, {})])
def test_the_destination_is_told_where_the_records_are(raised: bool, error: dict[str, str]) -> None:
    """The document of AWS's guide, field by field."""
    last = record(9, arrived_at=NOON + timedelta(milliseconds=1_745))
    told = message(Discarded([record(7), last], "RetryAttemptsExhausted", 11, raised), BISECTING)
    assert told["requestContext"].pop("requestId")
    assert datetime.fromisoformat(told.pop("timestamp")).tzinfo
    assert told == {
        "requestContext": {
            "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:semaforo",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 11,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", **error},
        "version": "1.0",
        "KinesisBatchInfo": {
            "shardId": "shardId-000000000000",
            "startSequenceNumber": "7",
            "endSequenceNumber": "9",
            "approximateArrivalOfFirstRecord": "2026-03-01T12:00:00.000Z",
            "approximateArrivalOfLastRecord": "2026-03-01T12:00:01.745Z",
            "batchSize": 2,
            "streamArn": STREAM,
        },
    }


class Queues:
    """Two queues, as far as a destination needs them."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []

    def get_queue_url(self, *, QueueName: str) -> dict[str, str]:  # noqa: N803 - SQS's names
        return {"QueueUrl": f"http://queues/{QueueName}"}

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803
        self.sent.append((QueueUrl, json.loads(MessageBody)["KinesisBatchInfo"]["batchSize"]))


def test_each_piece_that_is_given_up_is_a_message_to_the_mappings_queue() -> None:
    mapping, queues = BISECTING._replace(batch_size=4, retry_attempts=0), Queues()

    def answer(seen: list[int]) -> Any:
        return raises_on(1)(seen) or (report(5) if 5 in seen else None)

    KinesisPoller(Handler(answer), mapping, on_failure_queue(queues, mapping)).read(RECORDS)
    assert queues.sent == [("http://queues/quarantine", 1), ("http://queues/quarantine", 3)]


def test_without_a_destination_nobody_is_told() -> None:
    mapping, queues = BISECTING._replace(on_failure_queue=None, retry_attempts=0), Queues()
    poller = KinesisPoller(Handler(raises_on(1)), mapping, on_failure_queue(queues, mapping))
    poller.read(RECORDS)
    assert (poller.discarded, queues.sent) == (["1"], [])
