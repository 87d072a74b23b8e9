"""KPI rows computed a second time, from events, without Flink or SQL: plain Python for an event, Polars for windows."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import polars as pl

from schemas.events import (
    Event,
    FlightFinance,
    FlightOperation,
    FlightOutcome,
    FlightState,
    FlightStatus,
    OperationKind,
    PassengerFeedback,
    RouteHeartbeat,
)
from schemas.measures import MEASURE_NAMES
from schemas.rows import WINDOW_LENGTH, WINDOWS_OF_SCOPE, to_ms

MONEY = (
    "ticket_revenue",
    "ancillary_revenue",
    "cargo_revenue",
    "fuel_cost",
    "crew_cost",
    "maintenance_cost",
    "airport_cost",
    "compensation_exposure",
)


class Key(NamedTuple):
    """What a row is about, and when."""

    scope: str
    entity: str
    window: str
    at_ms: int


class Expected(NamedTuple):
    """What the row must hold."""

    events: int
    ingested_at_ms: int
    measures: tuple[int, ...]
    flown_by: tuple[str, ...] = ()


def late_minutes(actual: datetime, scheduled: datetime) -> int:
    """Whole minutes of the late part."""
    return max(timedelta(0), actual - scheduled) // timedelta(minutes=1)


def departure(actual: datetime, flight: FlightStatus) -> dict[str, int]:
    """What a departure adds."""
    late = actual - flight.scheduled_departure_at
    return {
        "departures": 1,
        "departures_on_time": late < timedelta(minutes=15),
        "departure_delay_minutes": late_minutes(actual, flight.scheduled_departure_at),
    }


def closing(outcome: FlightStatus | FlightOutcome, flight: FlightStatus) -> dict[str, int]:
    """What a flight adds when it arrives, is cancelled or diverted."""
    if outcome.state is FlightState.CANCELLED:
        return {"flights": 1, "cancelled": 1}
    if outcome.state not in (FlightState.ARRIVED, FlightState.DIVERTED):
        return {}
    added = {
        "flights": 1,
        "operated": 1,
        "seats": outcome.seats,
        "passengers": outcome.passengers,
        "seat_km": outcome.seats * flight.distance_km,
        "passenger_km": outcome.passengers * flight.distance_km,
        "cargo_kg_km": outcome.cargo_kg * flight.distance_km,
        "modelled_traffic": flight.traffic_source == "modelled",
    }
    if outcome.state is FlightState.DIVERTED:
        return {**added, "diverted": 1}
    assert outcome.actual_arrival_at is not None
    assert outcome.actual_departure_at is not None
    late = outcome.actual_arrival_at - flight.scheduled_arrival_at
    return {
        **added,
        "arrivals": 1,
        "arrivals_on_time": late < timedelta(minutes=15),
        "arrivals_within_30m": late <= timedelta(minutes=30),
        "arrivals_within_1h": late < timedelta(hours=1),
        "arrival_delay_minutes": late_minutes(outcome.actual_arrival_at, flight.scheduled_arrival_at),
        "block_minutes": int((outcome.actual_arrival_at - outcome.actual_departure_at) / timedelta(minutes=1)),
        "scheduled_block_minutes": int(
            (flight.scheduled_arrival_at - flight.scheduled_departure_at) / timedelta(minutes=1)
        ),
    }


def whole(outcome: FlightOutcome, flight: FlightStatus) -> dict[str, int]:
    """Everything that a flight with this outcome adds over its life."""
    left = departure(outcome.actual_departure_at, flight) if outcome.actual_departure_at else {}
    return {**left, **closing(outcome, flight)}


def flight_measures(flight: FlightStatus) -> dict[str, int]:
    """What a flight-status event adds."""
    if flight.state is FlightState.DEPARTED:
        assert flight.actual_departure_at is not None
        return departure(flight.actual_departure_at, flight)
    if flight.before is not None and flight.after is not None:
        now, was = whole(flight.after, flight), whole(flight.before, flight)
        return {name: now.get(name, 0) - was.get(name, 0) for name in now.keys() | was.keys()}
    return closing(flight, flight)


def us_cents(amount_minor: int, ppm: int) -> int:
    """Half away from zero."""
    cents = (abs(amount_minor) * ppm * 2 + 1_000_000) // 2_000_000
    return cents if amount_minor >= 0 else -cents


def event_measures(event: Event) -> dict[str, int]:
    """What any event adds."""
    if isinstance(event, FlightStatus):
        return flight_measures(event)
    if isinstance(event, FlightFinance):
        money = {name: us_cents(getattr(event, f"{name}_minor"), event.usd_per_unit_ppm) for name in MONEY}
        fuel = {"fuel_kg": event.fuel_kg, "fuel_reference_kg": event.fuel_reference_kg}
        return {**money, **fuel, "modelled_money": event.source == "modelled"}
    if isinstance(event, FlightOperation):
        turned = event.kind is OperationKind.TURNAROUND
        minutes = {
            f"{cause}_delay_minutes": getattr(event, f"{cause}_delay_minutes")
            for cause in ("carrier", "weather", "airspace", "security", "late_aircraft")
        }
        return {
            **minutes,
            "turnarounds": turned,
            "turnaround_minutes": event.turnaround_minutes if turned else 0,
            "scheduled_turnaround_minutes": event.scheduled_turnaround_minutes if turned else 0,
            "connecting": event.connecting,
            "misconnected": event.misconnected,
            "modelled_operations": event.source == "modelled",
        }
    if isinstance(event, PassengerFeedback):
        return {
            "responses": event.satisfaction is not None,
            "satisfied": event.satisfaction in (4, 5),
            "nps_responses": event.recommend is not None,
            "promoters": event.recommend in (9, 10),
            "detractors": event.recommend is not None and event.recommend <= 6,
            "complaints": event.complaint,
        }
    assert isinstance(event, RouteHeartbeat)
    return {}


def entities(event: Event) -> set[tuple[str, str]]:
    """The (scope, entity) that an event counts for; none for a clock beat."""
    origin, destination = event.origin, event.destination  # type: ignore[attr-defined]
    if origin is None:
        return set()
    airports = {("airport", origin), ("airport", destination)}
    return {("route", f"{origin}-{destination}"), *airports, *(("carrier", carrier) for carrier in carriers_of(event))}


def carriers_of(event: Event) -> tuple[str, ...]:
    """Who flies, or is said to fly."""
    return event.carriers if isinstance(event, RouteHeartbeat) else (event.carrier,)  # type: ignore[attr-defined]


def expected_rows(events: Iterable[tuple[Event, int]], pane_ms: int) -> dict[Key, Expected]:
    """The rows of events, each with its append time in ms: every pane of every entity, over each of its windows."""
    facts = [
        {
            "scope": scope,
            "entity": entity,
            "at": -(-to_ms(event.event_at) // pane_ms) * pane_ms,
            "events": 1,
            "ingested_at": appended_at_ms,
            "flown_by": ",".join(sorted(carriers_of(event))) if scope == "route" else "",
            **dict.fromkeys(MEASURE_NAMES, 0),
            **{name: int(value) for name, value in event_measures(event).items()},
        }
        for event, appended_at_ms in events
        for scope, entity in entities(event)
    ]
    if not facts:
        return {}
    sums = [pl.col("events", *MEASURE_NAMES).sum(), pl.col("flown_by").str.join(",")]
    panes = (
        pl.DataFrame(facts, schema_overrides=dict.fromkeys(MEASURE_NAMES, pl.Int64))
        .group_by("scope", "entity", "at")
        .agg(*sums, pl.col("ingested_at").max())
        .sort("scope", "entity", "at")
    )
    rows: dict[Key, Expected] = {}
    for scope, windows in WINDOWS_OF_SCOPE.items():
        of_scope = panes.filter(pl.col("scope") == scope)
        for window in windows:
            period = f"{WINDOW_LENGTH[window] // timedelta(milliseconds=1)}i"
            trailing = of_scope.rolling("at", period=period, closed="right", group_by="entity").agg(
                *sums, pl.col("ingested_at").last()
            )
            for row in trailing.iter_rows(named=True):
                measures = tuple(row[name] for name in MEASURE_NAMES)
                key = Key(scope, row["entity"], window, row["at"])
                carriers = set(row["flown_by"].split(",")) - {""} if window == "24h" else set()
                rows[key] = Expected(row["events"], row["ingested_at"], measures, tuple(sorted(carriers)))
    return rows
