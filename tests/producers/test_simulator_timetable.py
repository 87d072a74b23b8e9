"""The timetable: aircraft really rotate, and every leg is possible."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from producers.airports import airport
from producers.sources.simulator.network import FLEETS, HUB, TYPES
from producers.sources.simulator.timetable import (
    Leg,
    instant_of,
    lines,
    minute_of,
    scheduled_block_minutes,
    spares,
    tails,
    timetable,
)

MONDAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def week() -> list[Leg]:
    return timetable(MONDAY, 7)


def test_size_of_the_network(week: list[Leg]) -> None:
    assert 240 <= sum(leg.service_day == MONDAY for leg in week) <= 260
    assert len({leg.route for leg in week}) == 90
    assert len({leg.flight_id for leg in week}) == len(week)
    assert {leg.carrier for leg in week} == {"AM", "5D", "Y4"}
    assert sum(HUB in (leg.origin, leg.destination) for leg in week) / len(week) > 0.75


def test_every_route_is_flown_both_ways_as_often(week: list[Leg]) -> None:
    for route in {leg.route for leg in week}:
        origin, destination = route.split("-")
        there = sum(leg.route == route for leg in week)
        assert there == sum(leg.route == f"{destination}-{origin}" for leg in week)


def test_a_tail_is_where_its_next_leg_starts_and_has_time_to_turn(week: list[Leg]) -> None:
    for tail in {leg.tail for leg in week}:
        flown = [leg for leg in week if leg.tail == tail]
        for before, after in pairwise(flown):
            assert before.destination == after.origin, f"{before.flight_id} then {after.flight_id}"
            turn = TYPES[after.aircraft_type]
            assert after.departs - before.arrives >= turn.minimum_turn_minutes + turn.turn_buffer_minutes


def test_tails_change_lines_from_day_to_day(week: list[Leg]) -> None:
    flown_by = {leg.tail for leg in week if leg.carrier == "AM" and leg.number == "500"}
    assert len(flown_by) == 7


def test_tails_are_unique_and_spares_have_no_line(week: list[Leg]) -> None:
    every = [tail for fleet in FLEETS for tail in tails(fleet)]
    assert len(every) == len(set(every))
    assert all(tail.startswith("XA-") for tail in every)
    standing_by = {tail for fleet in FLEETS for tail in spares(fleet)}
    assert {leg.tail for leg in week} == set(every) - standing_by


def test_local_departure_is_the_same_on_both_sides_of_a_clock_change() -> None:
    # Tijuana changes on 8 March 2026, Mexico City never.
    def departs(number: str, day: date, code: str) -> tuple[str, datetime]:
        (leg,) = [leg for leg in timetable(day, 1) if leg.carrier == "Y4" and leg.number == number]
        at = instant_of(leg.departs)
        return f"{at.astimezone(airport(code).zone):%H:%M}", at

    saturday, sunday = departs("3106", date(2026, 3, 6), "TIJ"), departs("3106", date(2026, 3, 9), "TIJ")
    assert saturday[0] == sunday[0]
    assert sunday[1] - saturday[1] == timedelta(days=3) - timedelta(hours=1)


def test_flight_id_has_the_origins_local_date(week: list[Leg]) -> None:
    overnight = next(leg for leg in week if leg.route == "MEX-MAD")
    departs_at = instant_of(overnight.departs)
    assert departs_at.date() == overnight.service_day + timedelta(days=1)  # 02:30 UTC
    assert overnight.flight_id.endswith(f"{overnight.service_day.isoformat()}-MEX")


@pytest.mark.parametrize(
    ("origin", "destination", "published_minutes"),
    [("MEX", "CUN", 135), ("MEX", "GDL", 85), ("MEX", "TIJ", 235), ("MEX", "LAX", 245), ("MEX", "JFK", 290),
     ("MEX", "MAD", 630), ("MAD", "MEX", 715)],
)  # fmt: skip
def test_block_times_are_near_the_published_ones(origin: str, destination: str, published_minutes: int) -> None:
    assert scheduled_block_minutes(origin, destination) == pytest.approx(published_minutes, abs=25)


def test_lines_are_filled_before_aircraft_are_added() -> None:
    for fleet in FLEETS:
        assert len(lines(fleet)) <= sum(service.daily for service in fleet.services)
    trips = sum(service.daily for fleet in FLEETS for service in fleet.services)
    assert sum(len(lines(fleet)) for fleet in FLEETS) <= trips * 0.6


def test_minutes_and_instants() -> None:
    instant = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
    assert instant_of(minute_of(instant)) == instant
    assert minute_of(instant + timedelta(seconds=59)) == minute_of(instant)
