"""One flight's row (flights.py) as its events: scheduled, departed, closed, and what is modelled at its close."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from producers.sources.nycflights13.causes import CAUSES
from producers.sources.nycflights13.luck import luck
from producers.sources.nycflights13.money import KM_PER_MILE, Flown, money
from producers.sources.nycflights13.traffic import Traffic, traffic
from schemas.events import (
    MODELLED,
    AircraftStatus,
    FlightEvent,
    FlightFinance,
    FlightOperation,
    FlightState,
    FlightStatus,
    OperationKind,
)

SOURCE: Final = "nycflights13"

Row = Mapping[str, Any]


def flight_events(row: Row, seed: int, scheduled_known_at: datetime) -> Iterator[FlightEvent]:
    """The events of one flight, each at the instant its fact was known; ids follow from the flight."""
    plan = _identity(row) | {
        "scheduled_departure_at": row["departs_at"],
        "scheduled_arrival_at": row["arrives_at"],
        "distance_km": round(row["distance"] * KM_PER_MILE),
    }
    yield FlightStatus(
        event_id=_id(row, "SCHEDULED"),
        event_at=min(scheduled_known_at, row["departed_at"] or scheduled_known_at),
        source=SOURCE,
        state=FlightState.SCHEDULED,
        **plan,
    )
    outcome, closed_at = FlightState(row["outcome"]), row["closed_at"]
    if outcome is FlightState.CANCELLED:
        yield FlightStatus(
            event_id=_id(row, outcome), event_at=closed_at, source=SOURCE, state=outcome, tail=row["tailnum"], **plan
        )
        return
    route_luck = luck(seed, "route", row["carrier"], row["origin"], row["dest"])
    flight_luck = luck(seed, "flight", row["flight_id"])
    carried = traffic(row["day"], row["seats"], route_luck, flight_luck)
    flown = plan | _aircraft(row, carried) | {"actual_departure_at": row["departed_at"]}
    yield FlightStatus(
        event_id=_id(row, "DEPARTED"), event_at=row["departed_at"], source=SOURCE, state=FlightState.DEPARTED, **flown
    )
    yield FlightStatus(
        event_id=_id(row, outcome),
        event_at=closed_at,
        source=SOURCE,
        state=outcome,
        actual_arrival_at=row["arrived_at"],
        **flown,
    )
    minutes = {f"{cause}_delay_minutes": row[f"{cause}_minutes"] for cause in CAUSES}
    if any(minutes.values()):
        yield FlightOperation(
            event_id=_id(row, "DELAY"),
            event_at=closed_at,
            source=MODELLED,
            kind=OperationKind.DELAY,
            **_identity(row),
            **minutes,
        )
    accounts = money(_flown(row, carried), route_luck, flight_luck)
    yield FlightFinance(
        event_id=_id(row, "FINANCE"),
        event_at=closed_at,
        source=MODELLED,
        currency="USD",
        ticket_revenue_minor=accounts.ticket_revenue,
        ancillary_revenue_minor=accounts.ancillary_revenue,
        cargo_revenue_minor=accounts.cargo_revenue,
        fuel_cost_minor=accounts.fuel_cost,
        crew_cost_minor=accounts.crew_cost,
        maintenance_cost_minor=accounts.maintenance_cost,
        airport_cost_minor=accounts.airport_cost,
        fuel_kg=accounts.fuel_kg,
        fuel_reference_kg=accounts.fuel_reference_kg,
        **_identity(row),
    )


def aircraft_events(rows: Sequence[Row], day: date, day_ends_at: datetime) -> Iterator[AircraftStatus]:
    """Utilisation of each tail on a local date, once the day is over and its last flight is down.

    Only departures from New York are in the data set, so it is a lower bound. Being out of service cannot be told from
    flying elsewhere: never claimed.
    """
    by_tail: dict[str, list[Row]] = {}
    for row in rows:
        if row["outcome"] != FlightState.CANCELLED and row["tailnum"]:
            by_tail.setdefault(row["tailnum"], []).append(row)
    for tail, flown in by_tail.items():
        last = max(flown, key=lambda row: (row["closed_at"], row["flight_id"]))
        block = sum((_block(row) for row in flown), timedelta())
        yield AircraftStatus(
            event_id=f"aircraft-{tail}-{day.isoformat()}",
            event_at=max(day_ends_at, last["closed_at"]),
            source=SOURCE,
            tail=tail,
            carrier=last["carrier"],
            aircraft_type=last["aircraft_type"],
            airport=last["dest"] if last["outcome"] == FlightState.ARRIVED else None,
            # Tails recorded on overlapping flights exist (126): a day has 1,440 minutes all the same.
            utilisation_minutes=min(block // timedelta(minutes=1), 1440),
        )


def _identity(row: Row) -> dict[str, Any]:
    return {
        "flight_id": row["flight_id"],
        "carrier": row["carrier"],
        "number": str(row["flight"]),
        "origin": row["origin"],
        "destination": row["dest"],
    }


def _id(row: Row, fact: str) -> str:
    return f"{row['flight_id']}-{fact}"


def _aircraft(row: Row, carried: Traffic) -> dict[str, Any]:
    return {
        "tail": row["tailnum"],
        "aircraft_type": row["aircraft_type"],
        "seats": row["seats"],
        "passengers": carried.passengers,
        "cargo_kg": carried.cargo_kg,
        "traffic_source": MODELLED,
    }


def _block(row: Row) -> timedelta:
    """Actual block time; a diverted flight's is not known: the scheduled one."""
    if row["arrived_at"] is None:
        return row["arrives_at"] - row["departs_at"]  # type: ignore[no-any-return]
    return row["arrived_at"] - row["departed_at"]  # type: ignore[no-any-return]


def _flown(row: Row, carried: Traffic) -> Flown:
    return Flown(
        aircraft_type=row["aircraft_type"],
        seats=row["seats"],
        passengers=carried.passengers,
        cargo_kg=carried.cargo_kg,
        miles=row["distance"],
        scheduled=row["arrives_at"] - row["departs_at"],
        block=_block(row),
        diverted=row["outcome"] == FlightState.DIVERTED,
    )
