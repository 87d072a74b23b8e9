"""The poller other tests trust, against AWS's documented rules."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.kinesis_poller import KinesisPoller

RECORDS = [{"kinesis": {"sequenceNumber": str(number)}} for number in range(8)]


def numbers(event: dict[str, Any]) -> list[int]:
    return [int(record["kinesis"]["sequenceNumber"]) for record in event["Records"]]


class Handler:
    """Answers by a function of the numbers it got, and remembers them."""

    def __init__(self, answer: Callable[[list[int]], Any]) -> None:
        self.seen: list[list[int]] = []
        self._answer = answer

    def __call__(self, event: dict[str, Any], _context: None) -> Any:
        self.seen.append(numbers(event))
        return self._answer(self.seen[-1])


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_empty_answer_is_success(answer: Any) -> None:
    handler = Handler(lambda _numbers: answer)
    KinesisPoller(handler, batch_size=4).read(RECORDS)
    assert handler.seen == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_a_report_goes_on_from_the_lowest_number() -> None:
    answers = iter([{"batchItemFailures": [{"itemIdentifier": "5"}, {"itemIdentifier": "3"}]}, None])
    handler = Handler(lambda _numbers: next(answers))
    KinesisPoller(handler).read(RECORDS)
    assert handler.seen == [[0, 1, 2, 3, 4, 5, 6, 7], [3, 4, 5, 6, 7]]


@pytest.mark.parametrize("name", ["", None, "99"])
def test_a_malformed_report_fails_the_whole_batch(name: str | None) -> None:
    answers = iter([{"batchItemFailures": [{"itemIdentifier": name}]}, None])
    handler = Handler(lambda _numbers: next(answers))
    KinesisPoller(handler, bisect=False).read(RECORDS)
    assert handler.seen == [list(range(8)), list(range(8))]


def test_bisecting_finds_the_one_record_that_raises() -> None:
    def answer(seen: list[int]) -> None:
        if 5 in seen:
            raise ValueError

    poller = KinesisPoller(handler := Handler(answer), retry_attempts=2)
    poller.read(RECORDS)
    assert poller.discarded == ["5"]
    assert [seen for seen in handler.seen if 5 not in seen] == [[0, 1, 2, 3], [4], [6, 7]]
    assert handler.seen.count([5]) == 3


def test_without_bisecting_a_bad_record_takes_its_batch_with_it() -> None:
    def answer(seen: list[int]) -> None:
        if 5 in seen:
            raise ValueError

    poller = KinesisPoller(Handler(answer), batch_size=4, retry_attempts=2, bisect=False)
    poller.read(RECORDS)
    assert poller.discarded == ["4", "5", "6", "7"]
    assert poller.invocations == 1 + 3


def test_what_is_reported_for_ever_is_discarded_in_the_end() -> None:
    handler = Handler(lambda seen: {"batchItemFailures": [{"itemIdentifier": "2"}]} if 2 in seen else None)
    poller = KinesisPoller(handler, batch_size=3, retry_attempts=3)
    poller.read(RECORDS)
    assert poller.discarded == ["2"]
    assert handler.seen == [[0, 1, 2], [2], [2], [2], [3, 4, 5], [6, 7]]
