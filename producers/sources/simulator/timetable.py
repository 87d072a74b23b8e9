"""The timetable: round trips become lines of flying, lines become each day's legs, tails rotate over the lines.

A line is what one aircraft flies in a service day, out of its base and back, with planned turnarounds; every line
starts and ends at the base, so the tails of a fleet can swap lines from day to day.
"""

import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Final

import msgspec

from producers.airports import airport, great_circle_km
from producers.sources.simulator.network import FLEETS, TYPES, Fleet, Service
from schemas.events import flight_id

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
DAY_MINUTES: Final = 24 * 60
FIRST_DEPARTURE_MINUTE: Final = 6 * 60 + 15
DEPARTURE_SPAN_MINUTES: Final = 14 * 60 + 30  # the last bank leaves the base before 21:00
LONGEST_SHIFT_MINUTES: Final = 120  # a departure moves by so much to fit an aircraft's line
LATEST_HOME_MINUTE: Final = 26 * 60  # no further trip for an aircraft that would be home after 02:00
SATURDAY: Final = 5

# Block = 26 min (taxi, climb, approach) + 13.2 km a minute, 14.6 on long-haul (cruise at Mach 0.79 and 0.85);
# eastbound 3 % faster, westbound 3 % slower (jet stream), 5 % on long-haul.
BLOCK_FIXED_MINUTES: Final = 26.0
BLOCK_KM_PER_MINUTE: Final = 13.2
LONG_HAUL_KM: Final = 5000
LONG_HAUL_KM_PER_MINUTE: Final = 14.6
LONG_HAUL_WIND_SHARE: Final = 0.05
WIND_SHARE: Final = 0.03
# Timetables carry a pad over the median block, or a normal day would be half late.
PAD_FIXED_MINUTES: Final = 1.0
PAD_SHARE: Final = 0.02


class Leg(msgspec.Struct, frozen=True):
    """One scheduled flight. Times are UTC minutes since 1970; `service_day` is local to the fleet's base."""

    flight_id: str
    carrier: str
    number: str
    origin: str
    destination: str
    fleet: str
    base: str
    aircraft_type: str
    seats: int
    distance_km: int
    service_day: date
    departs: int
    arrives: int
    tail: str
    starts_line: bool

    @property
    def route(self) -> str:
        """ "ORG-DST"."""
        return f"{self.origin}-{self.destination}"

    def identity(self) -> dict[str, Any]:
        """What every event says of its flight."""
        return {
            "flight_id": self.flight_id,
            "carrier": self.carrier,
            "number": self.number,
            "origin": self.origin,
            "destination": self.destination,
        }


class Trip(msgspec.Struct, frozen=True):
    """An outbound and its return; minutes after midnight at the base, before conversion to UTC."""

    destination: str
    out_number: int
    departs_minute: int
    back_departs_minute: int
    ready_minute: int
    flies_saturday: bool


class Line(msgspec.Struct):
    """One aircraft's round trips of a service day."""

    trips: list[Trip]

    @property
    def days(self) -> int:
        """How many days pass before the same aircraft can start the line again."""
        return -(-(self.trips[-1].ready_minute - self.trips[0].departs_minute) // DAY_MINUTES)


def minute_of(instant: datetime) -> int:
    """UTC minutes since 1970, rounded down."""
    return (instant - EPOCH) // timedelta(minutes=1)


def instant_of(minute: int) -> datetime:
    """The instant of a UTC minute."""
    return EPOCH + timedelta(minutes=minute)


@cache
def median_block_minutes(origin: str, destination: str) -> float:
    """Gate to gate without pad or luck."""
    distance_km = great_circle_km(origin, destination)
    speed, share = BLOCK_KM_PER_MINUTE, WIND_SHARE
    if distance_km > LONG_HAUL_KM:
        speed, share = LONG_HAUL_KM_PER_MINUTE, LONG_HAUL_WIND_SHARE
    east_deg = airport(destination).longitude_deg - airport(origin).longitude_deg
    wind = -share if east_deg > 2 else share if east_deg < -2 else 0.0
    return BLOCK_FIXED_MINUTES + distance_km / speed * (1 + wind)


@cache
def scheduled_block_minutes(origin: str, destination: str) -> int:
    """As published: median and pad, up to the next 5 minutes."""
    median = median_block_minutes(origin, destination)
    return _up_to_5(median * (1 + PAD_SHARE) + PAD_FIXED_MINUTES)


@cache
def lines(fleet: Fleet) -> tuple[Line, ...]:
    """The fleet's lines: each trip goes to the aircraft that has stood shortest, else to one more aircraft."""
    turn = TYPES[fleet.aircraft_type].minimum_turn_minutes + TYPES[fleet.aircraft_type].turn_buffer_minutes
    result: list[Line] = []
    for departs, out_number, service in sorted(_departures(fleet), key=lambda row: row[:2]):
        out_minutes = scheduled_block_minutes(fleet.base, service.destination) + turn
        back_minutes = scheduled_block_minutes(service.destination, fleet.base)
        free = [
            line
            for line in result
            if line.trips[-1].ready_minute <= departs + LONGEST_SHIFT_MINUTES
            and max(departs, line.trips[-1].ready_minute) + out_minutes + back_minutes <= LATEST_HOME_MINUTE
        ]
        line = max(free, key=lambda each: each.trips[-1].ready_minute, default=None)
        if line is not None:
            departs = max(departs, line.trips[-1].ready_minute)
        back = departs + out_minutes
        home = back + back_minutes
        flies_saturday = zlib.crc32(f"{fleet.carrier}{out_number}".encode()) % 6 != 0
        trip = Trip(service.destination, out_number, departs, back, home + turn, flies_saturday)
        if line is None:
            result.append(Line([trip]))
        else:
            line.trips.append(trip)
    return tuple(result)


def _departures(fleet: Fleet) -> Iterator[tuple[int, int, Service]]:
    number = fleet.first_number
    for service in fleet.services:
        every = DEPARTURE_SPAN_MINUTES / service.daily
        phase = zlib.crc32(f"{fleet.name}{service.destination}".encode()) % 100 / 100
        for trip in range(service.daily):
            departs = service.departs_minute or FIRST_DEPARTURE_MINUTE + _up_to_5((trip + phase) * every)
            yield departs, number, service
            number += 2


@cache
def tails(fleet: Fleet) -> tuple[str, ...]:
    """Registrations that fly lines, in order, then the spares."""
    before = sum(_tail_count(each) for each in FLEETS[: FLEETS.index(fleet)])
    return tuple(_registration(before + position) for position in range(_tail_count(fleet)))


def spares(fleet: Fleet) -> tuple[str, ...]:
    """The registrations that stand by at the base."""
    return tails(fleet)[len(tails(fleet)) - fleet.spares :]


def _tail_count(fleet: Fleet) -> int:
    return sum(line.days for line in lines(fleet)) + fleet.spares


def _registration(position: int) -> str:
    # XA- is Mexico's commercial prefix; a letter is skipped so that no three letters read as a distress call (SOS).
    letters = "ABCDEFGHJKLMNPQRTUVWXYZ"
    return f"XA-S{letters[position // len(letters)]}{letters[position % len(letters)]}"


def legs_of(fleet: Fleet, service_day: date) -> Iterator[Leg]:
    """The fleet's legs of a service day, line by line in the order flown."""
    first_tail = 0
    daily_lines = [line for line in lines(fleet) if line.days == 1]
    for position, line in enumerate(lines(fleet)):
        if line.days == 1:
            tail = tails(fleet)[(daily_lines.index(line) + service_day.toordinal()) % len(daily_lines)]
        else:
            first_tail = len(daily_lines) + sum(each.days for each in lines(fleet)[:position] if each.days > 1)
            tail = tails(fleet)[first_tail + service_day.toordinal() % line.days]
        yield from _line_legs(fleet, line, service_day, tail)


def _line_legs(fleet: Fleet, line: Line, service_day: date, tail: str) -> Iterator[Leg]:
    midnight = datetime(service_day.year, service_day.month, service_day.day)  # noqa: DTZ001 - wall time at the base
    starts_line = True
    for trip in line.trips:
        if service_day.weekday() == SATURDAY and not trip.flies_saturday:
            continue
        local = (midnight + timedelta(minutes=trip.departs_minute)).replace(tzinfo=airport(fleet.base).zone)
        out = minute_of(local.astimezone(UTC))
        back = out + trip.back_departs_minute - trip.departs_minute
        yield _leg(fleet, trip.out_number, fleet.base, trip.destination, service_day, out, tail, starts_line)
        yield _leg(fleet, trip.out_number + 1, trip.destination, fleet.base, service_day, back, tail, False)
        starts_line = False


def _leg(
    fleet: Fleet, number: int, origin: str, destination: str, day: date, departs: int, tail: str, starts_line: bool
) -> Leg:
    local_date = instant_of(departs).astimezone(airport(origin).zone).date()
    return Leg(
        flight_id=flight_id(fleet.carrier, str(number), local_date, origin),
        carrier=fleet.carrier,
        number=str(number),
        origin=origin,
        destination=destination,
        fleet=fleet.name,
        base=fleet.base,
        aircraft_type=fleet.aircraft_type,
        seats=fleet.seats,
        distance_km=great_circle_km(origin, destination),
        service_day=day,
        departs=departs,
        arrives=departs + scheduled_block_minutes(origin, destination),
        tail=tail,
        starts_line=starts_line,
    )


def timetable(first_day: date, days: int) -> list[Leg]:
    """All legs of so many service days, by scheduled departure and flight."""
    legs = [
        leg for offset in range(days) for fleet in FLEETS for leg in legs_of(fleet, first_day + timedelta(days=offset))
    ]
    return sorted(legs, key=lambda leg: (leg.departs, leg.flight_id))


def _up_to_5(minutes: float) -> int:
    return int(-(-minutes // 5) * 5)
