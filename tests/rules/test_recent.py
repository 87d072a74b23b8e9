"""When what a trailing row holds came into it: against flights whose hours are known."""

from collections.abc import Iterable
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.recent import counts, follow, turn, within
from schemas.lights import Recent
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow
from tests.rules.making import HOUR, MINUTE, START

DAY = timedelta(days=1)


class Flight:
    """It closed at `after`, and left an hour before."""

    def __init__(self, after: timedelta, missed: bool) -> None:
        self.after, self.missed = after, missed


def row(flights: Iterable[Flight], after: timedelta, revision: int = 0) -> KpiRow:
    """The row of the 24 hours up to then."""
    closed = [one for one in flights if after - DAY < one.after <= after]
    left = [one for one in flights if after - DAY < one.after - HOUR <= after]
    measures = {
        "flights": len(closed),
        "arrivals_on_time": sum(not one.missed for one in closed),
        "departures": len(left),
        "departures_on_time": sum(not one.missed for one in left),
    }
    values = tuple(measures.get(name, 0) for name in MEASURE_NAMES)
    return KpiRow("route", "JFK-LAX", "24h", START + after, revision, START + after, 1, values)


def followed(flights: list[Flight], ats: Iterable[timedelta]) -> Recent:
    recent = None
    for after in ats:
        recent = follow(recent, row(flights, after))
    assert recent is not None
    return recent


def schedule(seed: int, days: int) -> list[Flight]:
    """Nine flights a day within a few minutes of the same times, a third of them missed."""
    luck = Random(seed)
    times = [luck.randrange(24 * 60) for _ in range(9)]
    return [
        Flight(day * DAY + (minute + luck.randrange(40)) * MINUTE, luck.random() < 0.3)
        for day in range(days)
        for minute in times
    ]


@pytest.mark.parametrize("step", [MINUTE, 10 * MINUTE, HOUR])
@pytest.mark.parametrize("seed", range(3))
def test_from_the_first_flight_on_every_hour_is_known(step: timedelta, seed: int) -> None:
    flights = schedule(seed, 4)
    end = 4 * DAY - 2 * HOUR
    recent = followed(flights, [number * step for number in range(end // step + 1)])
    for hours in (3, 12, 24):
        closed = [one for one in flights if end - hours * HOUR < one.after <= end]
        left = [one for one in flights if end - hours * HOUR < one.after - HOUR <= end]
        expected = len(closed), sum(o.missed for o in closed), len(left), sum(o.missed for o in left)
        assert within(recent, START + end, hours) == pytest.approx(expected)


def test_within_an_hour_the_day_is_a_little_more_than_its_hours() -> None:
    """At 12:30 the row still holds what came after 12:30 yesterday; the last three hours are 10:00 to 12:30."""
    flights = [Flight(minutes * MINUTE, missed=True) for minutes in (45, 24 * 60 - 180, 24 * 60 - 140, 24 * 60 + 20)]
    recent = followed(flights, [number * MINUTE for number in range(24 * 60 + 31)])
    at = START + DAY + 30 * MINUTE
    assert within(recent, at, 24)[0] == 3, "what came at 00:45 yesterday is in no whole hour of these"
    assert within(recent, at, 3)[0] == 1
    assert within(recent, at, 4)[0] == 2


def test_of_the_first_row_each_hour_has_its_share_and_what_leaves_is_old() -> None:
    """Twelve flights yesterday at noon, nobody knows when; all gone a day later."""
    flights = [Flight(-10 * HOUR, missed=number < 4) for number in range(12)]
    recent = followed(flights, [timedelta()])
    assert within(recent, START, 12) == pytest.approx((6, 2, 6, 2))
    recent = followed(flights, [hour * HOUR for hour in range(20)])
    assert within(recent, START + 19 * HOUR, 24) == pytest.approx((0, 0, 0, 0))


def test_what_is_unplaced_for_a_day_is_spread() -> None:
    """A flight each hour on the hour, seen hourly: one comes as one goes, so that nothing is ever seen to come.

    Every other one missed: nobody knows which, so each hour has half a miss."""
    flights = [Flight(hour * HOUR, missed=hour % 2 == 0) for hour in range(-30, 60)]
    for end in (23, 24, 25, 49):
        recent = followed(flights, [hour * HOUR for hour in range(end + 1)])
        for hours in (1, 2, 3, 12, 24):
            expected = (hours, hours / 2, hours, hours / 2)
            assert within(recent, START + end * HOUR, hours) == pytest.approx(expected)


small = st.integers(0, 30)


@given(st.lists(st.tuples(st.integers(1, 400), small, small, small, small), max_size=40))
def test_the_hours_always_add_up_to_the_row(steps: list[tuple[int, int, int, int, int]]) -> None:
    """Whatever the rows say, corrections that no flight can make included."""
    recent, after = None, timedelta()
    for minutes, flights, on_time, departures, departed_on_time in steps:
        after += minutes * MINUTE
        measures = {
            "flights": flights,
            "arrivals_on_time": on_time,
            "departures": departures,
            "departures_on_time": departed_on_time,
        }
        values = tuple(measures.get(name, 0) for name in MEASURE_NAMES)
        a_row = KpiRow("route", "JFK-LAX", "24h", START + after, 0, START + after, 1, values)
        recent = follow(recent, a_row)
        held = [sum(part) for part in zip(recent.unplaced, *(one.counts for one in recent.hours), strict=True)]
        assert held == pytest.approx(counts(a_row))
        assert [one.hour for one in recent.hours] == sorted({one.hour for one in recent.hours})
        assert len(recent.hours) <= 25


def test_a_correction_of_the_same_instant_takes_its_flight_back() -> None:
    flights = [Flight(5 * MINUTE, missed=True)]
    recent = follow(followed(flights, [timedelta(), 10 * MINUTE]), row([], 10 * MINUTE, revision=1))
    assert within(recent, START + 10 * MINUTE, 24) == (0, 0, 0, 0)


def test_the_dial_of_a_day_turns_by_the_hour() -> None:
    """Three flights, seen in the hour they closed, six hours later, at night, and when a day is over."""
    flights = [Flight(30 * HOUR, missed=False)] * 3
    recent = followed(flights, [HOUR * hour for hour in range(31)])
    for hours, dial in {0: 3, 6: 3j, 12: -3, 18: -3j, 24: 0}.items():
        assert turn(recent, START + (30 + hours) * HOUR) == pytest.approx(dial, abs=1e-12)


def test_flights_all_around_the_clock_have_no_middle_and_those_not_placed_none_yet() -> None:
    steady = [Flight(hour * HOUR, missed=False) for hour in range(1, 100)]
    assert turn(followed(steady, [HOUR * hour for hour in range(80)]), START + 79 * HOUR) == pytest.approx(0, abs=1e-12)
    assert turn(follow(None, row(steady, 50 * HOUR)), START + 50 * HOUR) == 0
