"""A converted row as one flight's line: who and when, checked against itself, before any event is made of it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from producers.airports import airport, great_circle_km
from producers.sources.files.instants import TimeError, Times, Written, instants
from producers.sources.files.words import WallTime
from schemas.events import FlightState, flight_id

MINUTE: Final = timedelta(minutes=1)
REQUIRED: Final = ("origen", "destino", "numero_vuelo")


class LineError(ValueError):
    """A line that makes no sense: the column to blame ("" for the line as a whole) and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


class Defaults(msgspec.Struct, frozen=True):
    """What holds where a line says nothing. `units_per_usd` is for amounts not in US$ (pesos per dollar)."""

    source: str = "files"
    currency: str = "MXN"
    units_per_usd: Decimal | None = None


class Line:
    """A converted row with what every event of it needs."""

    def __init__(self, row: Mapping[str, Any], defaults: Defaults) -> None:
        self.row, self.defaults = row, defaults
        for name in REQUIRED:
            if name not in row:
                raise LineError(name, "is missing")
        self.origin, self.destination = row["origen"], row["destino"]
        if self.origin == self.destination:
            raise LineError("destino", "is the same as origen")
        self.carrier, self.number = _carrier_and_number(row)
        self.day = _day(row)
        try:
            self.times = _with_delay(instants(_written(row, self.day)), row)
        except TimeError as error:
            raise LineError(error.field, str(error)) from error
        self.state = _state(row, self.times)
        self.flight_id = flight_id(self.carrier, self.number, self.day, self.origin)
        known_at, happened_at = row.get("conocido_en"), self.times.actual_arrival_at or self.times.actual_departure_at
        if known_at is not None and happened_at is not None and known_at < happened_at:
            raise LineError("conocido_en", f"lies before what it knows, which is of {happened_at.isoformat()}")

    def header(self, kind: str, at: datetime) -> dict[str, Any]:
        """The fields every flight event starts with."""
        return {
            "event_id": f"{self.defaults.source}:{self.flight_id}:{kind}",
            "event_at": self.row.get("conocido_en", at),
            "source": self.defaults.source,
            "flight_id": self.flight_id,
            "carrier": self.carrier,
            "number": self.number,
            "origin": self.origin,
            "destination": self.destination,
        }

    @property
    def last_at(self) -> datetime:
        """The latest instant of the line."""
        times = self.times
        known = (
            times.actual_arrival_at,
            times.scheduled_arrival_at,
            times.actual_departure_at,
            times.scheduled_departure_at,
        )
        if "conocido_en" in self.row:
            return self.row["conocido_en"]  # type: ignore[no-any-return]
        if self.state is FlightState.CANCELLED and times.scheduled_departure_at is not None:
            return times.scheduled_departure_at
        if self.state is FlightState.DIVERTED and times.actual_departure_at and times.scheduled_arrival_at:
            return max(times.actual_departure_at, times.scheduled_arrival_at)
        if self.state is FlightState.DEPARTED and times.actual_departure_at is not None:
            return times.actual_departure_at
        for instant in known:
            if instant is not None:
                return instant
        raise LineError("hora_salida_programada", "is missing, and so is every other time: when was this known?")

    @property
    def distance_km(self) -> int:
        """As stated, else the great circle."""
        given = self.row.get("distancia_km")
        return great_circle_km(self.origin, self.destination) if given is None else int(given)


def _carrier_and_number(row: Mapping[str, Any]) -> tuple[str, str]:
    written, number = row["numero_vuelo"]
    carrier = row.get("aerolinea", written)
    if carrier is None:
        raise LineError("aerolinea", "is missing, and numero_vuelo does not start with a carrier")
    if written is not None and written != carrier:
        raise LineError("numero_vuelo", f"says carrier {written}, aerolinea says {carrier}")
    return carrier, number


def _day(row: Mapping[str, Any]) -> date:
    """The local date of departure at the origin."""
    stated: date | None = row.get("fecha")
    wall: WallTime | None = row.get("hora_salida_programada")
    timed = None
    if wall is not None:
        timed = wall.instant.astimezone(airport(row["origen"]).zone).date() if wall.instant else wall.day
    if stated is not None and timed is not None and stated != timed:
        raise LineError("fecha", f"is {stated}, hora_salida_programada says {timed}")
    if (day := stated or timed) is not None:
        return day
    raise LineError("fecha", "is missing")


def _written(row: Mapping[str, Any], day: date) -> Written:
    return Written(
        row["origen"],
        row["destino"],
        day,
        row.get("hora_salida_programada"),
        row.get("hora_llegada_programada"),
        row.get("hora_salida_real"),
        row.get("hora_llegada_real"),
        row.get("retraso"),
    )


def _with_delay(times: Times, row: Mapping[str, Any]) -> Times:
    """Actual times that the line leaves out, from the stated delay; a contradiction is an error."""
    if "retraso" not in row:
        return times
    stated = timedelta(minutes=row["retraso"])
    pairs = (
        (times.actual_departure_at, times.scheduled_departure_at),
        (times.actual_arrival_at, times.scheduled_arrival_at),
    )
    late = [actual - scheduled for actual, scheduled in pairs if actual is not None and scheduled is not None]
    # Senders mean the departure or the arrival, and some write 0 for an early one.
    if late and not any(
        abs(each - stated) <= MINUTE or abs(max(each, timedelta(0)) - stated) <= MINUTE for each in late
    ):
        raise LineError(
            "retraso", f"contradicts the times: {' and '.join(str(each // MINUTE) for each in late)} min late"
        )
    state = row.get("estado")
    if state in (FlightState.SCHEDULED, FlightState.CANCELLED):
        return times
    left, landed = times.actual_departure_at, times.actual_arrival_at
    if left is None and times.scheduled_departure_at is not None:
        left = times.scheduled_departure_at + stated
    if landed is None and times.scheduled_arrival_at is not None and state in (FlightState.ARRIVED, None):
        landed = times.scheduled_arrival_at + stated
    if left is not None and landed is not None and landed <= left:
        raise LineError("hora_llegada_real", "lies before the departure")
    return Times(times.scheduled_departure_at, times.scheduled_arrival_at, left, landed)


def _state(row: Mapping[str, Any], times: Times) -> FlightState | None:
    """As stated, else as far as the times go; None for a line about something else."""
    if "estado" in row:
        return row["estado"]  # type: ignore[no-any-return]
    if times.actual_arrival_at is not None:
        return FlightState.ARRIVED
    if times.actual_departure_at is not None:
        return FlightState.DEPARTED
    if times.scheduled_departure_at is not None and times.scheduled_arrival_at is not None:
        return FlightState.SCHEDULED
    return None
