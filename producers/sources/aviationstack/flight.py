"""One flight of a page becomes events: who flew it, when by which clock, and what state it is in.

Their times are local, of the airport, and labelled `+00:00` all the same (issues 1 and 2 of apilayer/aviationstack,
open since 2020): a time is read by its clock alone, in the zone that stands beside it. When a fact became known
(`event_at`) is worked out as for files: SCHEDULED 24 h before departure, DEPARTED and ARRIVED when it happened,
CANCELLED at the scheduled departure, DIVERTED at the scheduled arrival but not before it left.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from producers.airports import airport, great_circle_km
from schemas.events import FlightState, FlightStatus, flight_id

SOURCE: Final = "aviationstack"
SCHEDULED_LEAD: Final = timedelta(hours=24)
STATES: Final = {
    "scheduled": FlightState.SCHEDULED,
    "active": FlightState.DEPARTED,
    "landed": FlightState.ARRIVED,
    "cancelled": FlightState.CANCELLED,
    "diverted": FlightState.DIVERTED,
}
"""`incident` is documented too and says nothing that a KPI counts: a person should look."""


class _End(msgspec.Struct, frozen=True):
    """Departure or arrival. Anything may be null."""

    iata: str | None = None
    timezone: str | None = None
    delay: int | None = None
    scheduled: str | None = None
    actual: str | None = None


class _Airline(msgspec.Struct, frozen=True):
    iata: str | None = None


class _Codeshare(msgspec.Struct, frozen=True):
    """The flight that really flies, in small letters."""

    airline_iata: str | None = None
    flight_number: str | None = None


class _Number(msgspec.Struct, frozen=True):
    number: str | None = None
    codeshared: _Codeshare | None = None


class _Aircraft(msgspec.Struct, frozen=True):
    registration: str | None = None
    iata: str | None = None
    icao: str | None = None


class Flight(msgspec.Struct, frozen=True):
    """What is read of a flight; a real one has more."""

    departure: _End
    arrival: _End
    flight_status: str | None = None
    airline: _Airline | None = None
    flight: _Number | None = None
    aircraft: _Aircraft | None = None

    @property
    def is_marketed(self) -> bool:
        """Sold under this number, flown under another."""
        return self.flight is not None and self.flight.codeshared is not None


def read_flight(raw: bytes | msgspec.Raw) -> Flight:
    """A flight of a page. ValueError if it is not of the documented shape."""
    return msgspec.json.decode(raw, type=Flight, strict=False)


def name_of(flight: Flight) -> str:
    """How a person finds it again, as far as it says: "TR428 SIN-PEN 2020-02-04"."""
    airline = (flight.airline and flight.airline.iata) or "?"
    number = (flight.flight and flight.flight.number) or "?"
    ends = f"{flight.departure.iata or '?'}-{flight.arrival.iata or '?'}"
    return f"{airline}{number} {ends} {(flight.departure.scheduled or '?')[:10]}"


def events_of(flight: Flight) -> list[FlightStatus]:
    """The events of a flight, under the number of who flies it. ValueError says what is wrong with it."""
    state = STATES.get(flight.flight_status or "")
    if state is None:
        raise ValueError(f"flight_status {flight.flight_status!r} is none of {', '.join(STATES)}")
    carrier, number = _operated_by(flight)
    origin, destination = _code("departure", flight.departure), _code("arrival", flight.arrival)
    departs = _instants("departure.scheduled", flight.departure.scheduled, flight.departure, origin)
    arrives = _instants("arrival.scheduled", flight.arrival.scheduled, flight.arrival, destination)
    if not departs or not arrives:
        raise ValueError(f"{'departure' if not departs else 'arrival'}.scheduled is missing")
    departs_at = departs[0]
    # Of an hour that comes twice, the first after the departure.
    arrives_at = next((instant for instant in arrives if instant > departs_at), arrives[-1])
    if arrives_at <= departs_at:
        raise ValueError("arrival.scheduled lies before the departure")
    left_at = _happened("departure", flight.departure, origin, departs_at)
    landed_at = _happened("arrival", flight.arrival, destination, arrives_at)
    if state in (FlightState.DEPARTED, FlightState.ARRIVED) and left_at is None:
        raise ValueError(f"is {flight.flight_status}, and departure has neither actual nor delay")
    if state is FlightState.ARRIVED and landed_at is None:
        raise ValueError(f"is {flight.flight_status}, and arrival has neither actual nor delay")
    if state is FlightState.ARRIVED and left_at is not None and landed_at is not None and landed_at <= left_at:
        raise ValueError("arrival.actual lies before the departure")
    local_date = departs_at.astimezone(_zone(flight.departure, origin)).date()
    known = {
        "flight_id": flight_id(carrier, number, local_date, origin),
        "carrier": carrier,
        "number": number,
        "origin": origin,
        "destination": destination,
        "scheduled_departure_at": departs_at,
        "scheduled_arrival_at": arrives_at,
        "tail": (flight.aircraft and flight.aircraft.registration) or None,
        "aircraft_type": (flight.aircraft and (flight.aircraft.icao or flight.aircraft.iata)) or None,
        "distance_km": great_circle_km(origin, destination),
    }
    return list(_said(state, known, left_at, landed_at))


def _said(
    state: FlightState, known: dict[str, Any], left_at: datetime | None, landed_at: datetime | None
) -> Iterator[FlightStatus]:
    departs_at, arrives_at = known["scheduled_departure_at"], known["scheduled_arrival_at"]
    if state in (FlightState.DEPARTED, FlightState.ARRIVED, FlightState.DIVERTED) and left_at is not None:
        yield _event(FlightState.DEPARTED, left_at, known, actual_departure_at=left_at)
    if state is FlightState.SCHEDULED:
        yield _event(state, departs_at - SCHEDULED_LEAD, known)
    elif state is FlightState.CANCELLED:
        yield _event(state, departs_at, known)
    elif state is FlightState.DIVERTED:
        yield _event(state, max(arrives_at, left_at or arrives_at), known, actual_departure_at=left_at)
    elif state is FlightState.ARRIVED and landed_at is not None:
        yield _event(state, landed_at, known, actual_departure_at=left_at, actual_arrival_at=landed_at)


def _event(state: FlightState, at: datetime, known: dict[str, Any], **actual: Any) -> FlightStatus:
    event_id = f"{SOURCE}:{known['flight_id']}:{state.lower()}"
    return FlightStatus(event_id=event_id, event_at=at, source=SOURCE, state=state, **known, **actual)


def _operated_by(flight: Flight) -> tuple[str, str]:
    """Carrier and number of who flies it, also where somebody else sells it. Raises ValueError."""
    of = flight.flight or _Number()
    carrier: str | None
    if of.codeshared is not None:
        carrier, written = of.codeshared.airline_iata, of.codeshared.flight_number
    else:
        carrier, written = (flight.airline.iata if flight.airline else None), of.number
    if not carrier:
        raise ValueError("has no IATA code of an airline")
    match = re.fullmatch(r"(\d{1,4})([A-Z]?)", (written or "").strip().upper())
    if match is None or int(match[1]) == 0:
        raise ValueError(f"flight.number {written!r} is not a number of up to 4 digits")
    return carrier.strip().upper(), f"{int(match[1])}{match[2]}"


def _code(side: str, end: _End) -> str:
    if not end.iata:
        raise ValueError(f"{side}.iata is missing")
    code = end.iata.strip().upper()
    airport(code)
    return code


def _zone(end: _End, code: str) -> Any:
    """As it stands beside the times; without one, the airport's."""
    if not end.timezone:
        return airport(code).zone
    try:
        return ZoneInfo(end.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"timezone {end.timezone!r} is not one") from None


def _instants(field: str, text: str | None, end: _End, code: str) -> list[datetime]:
    """What a written time can mean: one instant, two in the hour that comes twice, none if it is missing."""
    if not text:
        return []
    try:
        written = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{field} {text!r} is not a time") from None
    if written.utcoffset():  # an offset that is one: should they ever mend it
        return [written.astimezone(UTC).replace(microsecond=0)]
    zone, wall = _zone(end, code), written.replace(tzinfo=None, microsecond=0)
    meant = {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    there = sorted(instant for instant in meant if instant.astimezone(zone).replace(tzinfo=None) == wall)
    if not there:
        raise ValueError(f"{field} {text} does not exist at {code}: the clocks went forward")
    return there


def _happened(side: str, end: _End, code: str, scheduled_at: datetime) -> datetime | None:
    """The actual time, else schedule and delay; of two instants the one nearest to that."""
    expected_at = scheduled_at + timedelta(minutes=end.delay or 0)
    found = _instants(f"{side}.actual", end.actual, end, code)
    if found:
        return min(found, key=lambda instant: abs(instant - expected_at))
    return expected_at if end.delay is not None else None
