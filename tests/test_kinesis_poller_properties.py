"""Whatever fails and whatever the mapping says: each record is done or given up, once, in the shard's order."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.kinesis_mapping import KinesisMapping
from tests.kinesis_poller import KinesisPoller
from tests.test_kinesis_poller import NOON, numbers, record, report

mappings = st.builds(
    KinesisMapping,
    function=st.just("semaforo"),
    batch_size=st.integers(1, 7),
    bisect=st.booleans(),
    reports=st.booleans(),
    retry_attempts=st.integers(0, 4),
    max_record_age=st.none() | st.integers(0, 12).map(lambda minutes: timedelta(minutes=minutes)),
)
# Of each record, how often it fails before it succeeds, and how: it makes the function raise, or report it, or answer
# with what cannot be understood.
ways = st.sampled_from(["raise", "report", "malformed"])
troubles = st.lists(st.tuples(st.integers(0, 6), ways), max_size=20)


class Flaky:
    """Does each record as often as it is told to fail it and once more; keeps what it has done, in order."""

    def __init__(self, troubles: list[tuple[int, str]], reports: bool) -> None:
        self.done: list[int] = []
        self.minutes = 0
        self._left = [count for count, _ in troubles]
        self._ways = [way if reports or way == "raise" else "raise" for _, way in troubles]

    def __call__(self, event: dict[str, Any], _context: None) -> Any:
        self.minutes += 1
        seen = numbers(event["Records"])
        failing = [number for number in seen if self._left[number]]
        for number in failing:
            self._left[number] -= 1
        if not failing:
            self.done += seen
            return None
        if self._ways[failing[0]] == "report":
            self.done += seen[: seen.index(failing[0])]
            return report(*reversed(failing))
        if self._ways[failing[0]] == "malformed":
            return report("")
        raise ValueError(failing)


@given(mapping=mappings, troubles=troubles, spacing_seconds=st.integers(0, 90))
def test_every_record_is_done_or_given_up_once_and_in_order(
    mapping: KinesisMapping, troubles: list[tuple[int, str]], spacing_seconds: int
) -> None:
    handler = Flaky(troubles, mapping.reports)
    records = [
        record(number, arrived_at=NOON + timedelta(seconds=number * spacing_seconds)) for number in range(len(troubles))
    ]
    poller = KinesisPoller(handler, mapping, clock=lambda: NOON + timedelta(minutes=handler.minutes))
    poller.read(records)
    given_up = [int(number) for number in poller.discarded]
    assert sorted(handler.done + given_up) == list(range(len(records)))
    assert handler.done == sorted(handler.done)
    assert given_up == sorted(given_up)
    # Nobody is given up who would have succeeded within the retries, unless time ran out on him or on a neighbour.
    if mapping.max_record_age is None and sum(count for count, _ in troubles) <= (mapping.retry_attempts or 0):
        assert not given_up


@given(st.lists(st.tuples(st.integers(1, 4), ways), min_size=1, max_size=20), mappings)
def test_with_time_and_retries_enough_nothing_is_given_up(
    troubles: list[tuple[int, str]], mapping: KinesisMapping
) -> None:
    handler = Flaky(troubles, mapping.reports)
    mapping = mapping._replace(retry_attempts=None, max_record_age=None)
    poller = KinesisPoller(handler, mapping)
    poller.read([record(number) for number in range(len(troubles))])
    assert (handler.done, poller.discarded) == (list(range(len(troubles))), [])


@given(troubles, st.integers(1, 7), st.integers(0, 3))
def test_bisecting_gives_up_no_record_that_never_fails(
    troubles: list[tuple[int, str]], batch_size: int, retries: int
) -> None:
    """Where exceptions alone tell of failures; a report takes with it what is behind it."""
    mapping = KinesisMapping("semaforo", batch_size=batch_size, bisect=True, retry_attempts=retries)
    handler = Flaky([(count, "raise") for count, _ in troubles], reports=False)
    poller = KinesisPoller(handler, mapping)
    poller.read([record(number) for number in range(len(troubles))])
    assert all(troubles[int(number)][0] for number in poller.discarded)
