"""The simulator as a source, and its calibration counted from the messages, not by its own code."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from producers.heartbeat import with_heartbeats
from producers.pacing import MAX_SPEED, Pace
from producers.publish import Plan, publish
from producers.sources.simulator.demand import mean_demand, season_factor
from producers.sources.simulator.outcome import Outcome
from producers.sources.simulator.source import Simulator, first_midnight
from producers.sources.simulator.timetable import timetable
from schemas.codec import by_header, decode, encode
from schemas.events import (
    MODELLED,
    Event,
    FlightFinance,
    FlightOperation,
    FlightState,
    FlightStatus,
    OperationKind,
    PassengerFeedback,
)
from tests.producers.memory import MemoryChannel

DAY = date(2026, 5, 4)  # a Monday without a season
CLOSED = ("ARRIVED", "CANCELLED", "DIVERTED")


@pytest.fixture(scope="module")
def sample() -> list[Event]:
    """Two days of four seeds, as a reader gets them."""
    events: list[Event] = []
    for seed in range(1, 5):
        source = Simulator(DAY, 2, seed=seed)
        events += [decode(encode(event, source.wire_version(event))) for event in source.events()]
    return events


@pytest.fixture(scope="module")
def flights(sample: list[Event]) -> pl.DataFrame:
    """One row per closed flight."""
    rows = [
        {
            "state": event.state.value,
            "late": None
            if event.actual_arrival_at is None
            else (event.actual_arrival_at - event.scheduled_arrival_at) / timedelta(minutes=1),
            "departed_late": None
            if event.actual_departure_at is None
            else (event.actual_departure_at - event.scheduled_departure_at) / timedelta(minutes=1),
            "seat_km": event.seats * event.distance_km,
            "passenger_km": event.passengers * event.distance_km,
        }
        for event in sample
        if isinstance(event, FlightStatus) and event.state.value in CLOSED
    ]
    return pl.DataFrame(rows, schema_overrides={"late": pl.Float64, "departed_late": pl.Float64})


def test_punctuality_of_a_normal_day(flights: pl.DataFrame) -> None:
    assert len(flights) == 4 * 2 * 252
    on_time = flights.filter(pl.col("late") < 15)
    assert 0.80 <= len(on_time) / len(flights) <= 0.86
    flown = flights.filter(pl.col("state") != "CANCELLED")
    assert 0.985 <= len(flown) / len(flights) <= 0.998
    assert 0.76 <= len(flown.filter(pl.col("departed_late") < 15)) / len(flown) <= 0.86
    delays: list[float] = flights.get_column("late").drop_nulls().clip(lower_bound=0).to_list()
    assert 5 <= sum(delays) / len(delays) <= 11


def test_load_of_a_normal_day(flights: pl.DataFrame) -> None:
    flown = flights.filter(pl.col("state") != "CANCELLED")
    assert 0.81 <= int(flown["passenger_km"].sum()) / int(flown["seat_km"].sum()) <= 0.85


def test_margin_of_a_normal_day(sample: list[Event]) -> None:
    money = [event for event in sample if isinstance(event, FlightFinance)]
    frame = pl.DataFrame(
        [
            {
                "rate": event.usd_per_unit_ppm / 1e8,
                "revenue": event.ticket_revenue_minor + event.ancillary_revenue_minor + event.cargo_revenue_minor,
                "cost": event.fuel_cost_minor
                + event.crew_cost_minor
                + event.maintenance_cost_minor
                + event.airport_cost_minor,
                "fuel": event.fuel_cost_minor,
            }
            for event in money
        ]
    ).with_columns(pl.col("revenue", "cost", "fuel") * pl.col("rate"))
    revenue, cost, fuel = (float(frame[name].sum()) for name in ("revenue", "cost", "fuel"))
    assert 0.05 <= (revenue - cost) / revenue <= 0.10
    assert 0.2 <= fuel / cost <= 0.4  # Aeroméxico and Volaris report a quarter to a third
    assert {event.source for event in money} == {MODELLED}
    assert {event.currency for event in money} == {"MXN", "USD"}
    assert all((event.usd_per_unit_ppm == 1_000_000) == (event.currency == "USD") for event in money)
    assert all(50_000 < event.usd_per_unit_ppm < 59_000 for event in money if event.currency == "MXN")
    burnt, reference = sum(e.fuel_kg for e in money), sum(e.fuel_reference_kg for e in money)
    assert 1.0 <= burnt / reference <= 1.03


def test_delay_causes_and_connections_of_a_normal_day(sample: list[Event]) -> None:
    operations = [event for event in sample if isinstance(event, FlightOperation)]
    minutes: Counter[str] = Counter()
    for event in operations:
        for cause in ("carrier", "weather", "airspace", "security", "late_aircraft"):
            minutes[cause] += getattr(event, f"{cause}_delay_minutes")
    shares = {cause: count / minutes.total() for cause, count in minutes.items()}
    assert 0.30 <= shares["late_aircraft"] <= 0.50
    assert 0.28 <= shares["carrier"] <= 0.48
    assert 0.12 <= shares["airspace"] <= 0.32
    changing = [event for event in operations if event.kind is OperationKind.CONNECTION]
    rate = sum(event.misconnected for event in changing) / sum(event.connecting for event in changing)
    assert 0.01 <= rate <= 0.045
    turns = [event for event in operations if event.kind is OperationKind.TURNAROUND]
    assert len(turns) > 4 * 2 * 90
    over = [event.turnaround_minutes - event.scheduled_turnaround_minutes for event in turns]
    assert 0 <= sum(over) / len(over) <= 15


def test_delay_minutes_are_those_of_the_arrival(sample: list[Event]) -> None:
    late = {
        event.event_id.removesuffix("arrived"): (event.actual_arrival_at - event.scheduled_arrival_at)
        for event in sample
        if isinstance(event, FlightStatus) and event.actual_arrival_at is not None
    }
    explained = {
        event.event_id.removesuffix("delay"): timedelta(
            minutes=event.carrier_delay_minutes
            + event.weather_delay_minutes
            + event.airspace_delay_minutes
            + event.security_delay_minutes
            + event.late_aircraft_delay_minutes
        )
        for event in sample
        if isinstance(event, FlightOperation) and event.kind is OperationKind.DELAY
    }
    assert explained == {flight: delay for flight, delay in late.items() if delay >= timedelta(minutes=15)}


def test_what_passengers_say_on_a_normal_day_in_both_versions(sample: list[Event]) -> None:
    feedback = [event for event in sample if isinstance(event, PassengerFeedback)]
    rated = [event.satisfaction for event in feedback if event.satisfaction is not None]
    assert 0.75 <= sum(rating >= 4 for rating in rated) / len(rated) <= 0.85
    asked = [event.recommend for event in feedback if event.recommend is not None]
    assert 0.35 <= (sum(r >= 9 for r in asked) - sum(r <= 6 for r in asked)) / len(asked) <= 0.6
    assert {event.recommend for event in feedback if event.channel == "KIOSK"} == {None}
    source = Simulator(DAY, 1)
    events = list(source.events())
    versions = Counter(
        by_header()[encode(event, source.wire_version(event))[:10]].version
        for event in events
        if isinstance(event, PassengerFeedback)
    )
    assert versions[1] > 50
    assert versions[2] > 200
    # Version 1 has no such field, so nothing is lost by writing it.
    assert [decode(encode(e, source.wire_version(e))) for e in events] == events


def test_events_are_in_order_with_ids_of_their_own() -> None:
    source = Simulator(DAY, 2, seed=9)
    events = list(source.events())
    keys = [(event.event_at, event.event_id) for event in events]
    assert keys == sorted(keys)
    assert len({event.event_id for event in events}) == len(events) == source.total()
    flown = {(e.origin, e.destination) for e in events if isinstance(e, FlightStatus)}
    routes = source.routes()
    assert {(route.origin, route.destination) for route in routes} == flown
    assert list(routes) == sorted(routes)
    assert next(route for route in routes if (route.origin, route.destination) == ("MEX", "CUN")).carriers == (
        "AM",
        "Y4",
    )


def test_the_same_seed_is_the_same_bytes_and_another_is_not() -> None:
    first, again, other = ([encode(event) for event in Simulator(DAY, 1, seed=seed).events()] for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_a_flights_life_is_told_in_order() -> None:
    told: dict[str, list[FlightState]] = {}
    for event in Simulator(DAY, 1).events():
        if isinstance(event, FlightStatus):
            told.setdefault(event.flight_id, []).append(event.state)
    assert len(told) == 252
    flown = [FlightState.SCHEDULED, FlightState.DEPARTED, FlightState.ARRIVED]
    for states in told.values():
        assert states in (flown, [FlightState.SCHEDULED, FlightState.CANCELLED])


def test_starting_in_the_middle_leaves_the_past_out_and_the_rest_as_it_was() -> None:
    start_at = first_midnight(DAY) + timedelta(hours=13)
    whole, part = list(Simulator(DAY, 1).events()), list(Simulator(DAY, 1, start_at=start_at).events())
    announced = [e for e in part if isinstance(e, FlightStatus) and e.state is FlightState.SCHEDULED]
    assert {e.event_at for e in announced} == {start_at}
    assert all(e.scheduled_departure_at >= start_at - timedelta(hours=5) for e in announced)
    rest = [e for e in part if e not in announced]
    assert rest == [e for e in whole if e.event_at >= start_at]
    with pytest.raises(ValueError, match="after the last"):
        Simulator(DAY, 1, start_at=first_midnight(DAY) + timedelta(days=1))


@pytest.mark.parametrize(
    ("day", "leisure", "factor"),
    [
        (date(2026, 3, 24), True, 1.0),
        (date(2026, 3, 25), True, 1.14),
        (date(2026, 4, 10), False, 1.04),
        (date(2026, 4, 11), True, 1.0),
        (date(2026, 7, 15), True, 1.14),
        (date(2026, 8, 16), True, 1.0),
        (date(2026, 12, 15), True, 1.14),
        (date(2026, 12, 31), False, 1.04),
        (date(2027, 1, 15), True, 1.14),
        (date(2027, 1, 16), True, 1.0),
        (date(2026, 9, 10), True, 0.93),
    ],
)
def test_seasons(day: date, leisure: bool, factor: float) -> None:
    assert season_factor(day, leisure) == factor


def test_high_season_fills_the_seats() -> None:
    def wanted(day: date) -> float:
        legs = timetable(day, 7)
        return sum(mean_demand(leg, ()) for leg in legs) / sum(leg.seats for leg in legs)

    neutral = wanted(DAY)
    assert wanted(date(2026, 7, 20)) / neutral == pytest.approx(1.07, abs=0.03)  # between 1.04 and 1.14
    assert wanted(date(2026, 9, 7)) / neutral == pytest.approx(0.955, abs=0.015)  # between 0.93 and 0.97


def test_the_publisher_takes_it_as_it_comes() -> None:
    source, channel = Simulator(DAY, 1), MemoryChannel()
    stream = with_heartbeats(source.events(), source.routes(), timedelta(hours=1))
    plan = Plan(pace=Pace(source.start_at, MAX_SPEED, channel.clock, channel.clock()))
    tally = publish(stream, channel, plan, wire_version=source.wire_version)
    assert len(channel.facts) - tally.route_heartbeats == source.total()
    versions = {version for _, _, event, version in channel.sent if isinstance(event, PassengerFeedback)}
    assert versions == {1, None}


def test_outcomes_follow_the_timetable() -> None:
    outcomes: list[Outcome] = Simulator(DAY, 1).outcomes
    assert [o.leg.departs for o in outcomes] == sorted(o.leg.departs for o in outcomes)
    assert first_midnight(DAY) == datetime(2026, 5, 4, 6, tzinfo=UTC)
