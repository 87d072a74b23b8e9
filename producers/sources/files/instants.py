"""From local times of day to instants: across zones, midnight and the nights when clocks change.

A time of day without a date belongs to the instant that fits best: an arrival to the expected flight time after its
departure, an actual time to its schedule (6 h early to 18 h late, or the stated delay). So "arrives before it
departs" is simply the next day, and of an hour that happens twice the one that fits the flight is taken.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec

from producers.airports import airport, great_circle_km
from producers.sources.files.words import WallTime

# An airliner's gate-to-gate time: 26 min and 13.2 km a minute (within 10 % of published block times, 300 to 9,000 km).
BLOCK_FIXED_MINUTES: Final = 26
BLOCK_KM_PER_MINUTE: Final = 13.2
LONGEST_BLOCK: Final = timedelta(hours=20)
EARLIEST: Final = timedelta(hours=-6)
LATEST: Final = timedelta(hours=18)
DAY: Final = timedelta(days=1)


class TimeError(ValueError):
    """A time that cannot be; `field` is the column to blame."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class Times(msgspec.Struct, frozen=True):
    """A flight's instants; None where the line says nothing."""

    scheduled_departure_at: datetime | None
    scheduled_arrival_at: datetime | None
    actual_departure_at: datetime | None
    actual_arrival_at: datetime | None


class Written(msgspec.Struct, frozen=True):
    """A flight's times as they stand in the line, with its route and local date."""

    origin: str
    destination: str
    day: date
    scheduled_departure: WallTime | None
    scheduled_arrival: WallTime | None
    actual_departure: WallTime | None
    actual_arrival: WallTime | None
    delay_minutes: int | None


def instants(written: Written) -> Times:
    """All four. Raises TimeError."""
    departure, arrival = _schedule(written)
    late = None if written.delay_minutes is None else timedelta(minutes=written.delay_minutes)
    left = _actual("hora_salida_real", written.actual_departure, written.origin, departure, late)
    landed = _arrival(written, departure, arrival, left, late)
    if left is not None and landed is not None and not timedelta(0) < landed - left <= LONGEST_BLOCK:
        raise TimeError("hora_llegada_real", f"lies {_hours(landed - left)} after the departure")
    return Times(departure, arrival, left, landed)


def _schedule(written: Written) -> tuple[datetime | None, datetime | None]:
    """The pair of scheduled instants whose flight time fits the distance best."""
    departures = _candidates("hora_salida_programada", written.scheduled_departure, written.origin, written.day, (0,))
    arrivals = _candidates(
        "hora_llegada_programada", written.scheduled_arrival, written.destination, written.day, (-1, 0, 1, 2)
    )
    if not departures or not arrivals:
        return min(departures, default=None), min(arrivals, default=None)
    expected = timedelta(
        minutes=BLOCK_FIXED_MINUTES + great_circle_km(written.origin, written.destination) / BLOCK_KM_PER_MINUTE
    )
    pairs = [(a, b) for a in departures for b in arrivals if timedelta(0) < b - a <= LONGEST_BLOCK]
    if not pairs:
        raise TimeError("hora_llegada_programada", "does not lie within 20 h after the scheduled departure")
    return min(pairs, key=lambda pair: (abs(pair[1] - pair[0] - expected), pair))


def _arrival(
    written: Written,
    departure: datetime | None,
    arrival: datetime | None,
    left: datetime | None,
    late: timedelta | None,
) -> datetime | None:
    if left is not None and departure is not None and arrival is not None:
        # The flight time says more than the schedule once the departure is known: 20 h late may well be on the way.
        found = _candidates(
            "hora_llegada_real", written.actual_arrival, written.destination, left.date(), (-1, 0, 1, 2)
        )
        found = [each for each in found if each > left]
        if written.actual_arrival is not None and not found:
            raise TimeError("hora_llegada_real", "lies before the departure")
        return min(found, key=lambda each: abs(each - left - (arrival - departure)), default=None)
    return _actual("hora_llegada_real", written.actual_arrival, written.destination, arrival, late)


def _actual(
    field: str, wall: WallTime | None, code: str, scheduled: datetime | None, late: timedelta | None
) -> datetime | None:
    """The instant nearest to the schedule that the sender can have meant."""
    if wall is None:
        return None
    if wall.instant is not None:
        return wall.instant
    if scheduled is None:
        raise TimeError(field, "needs its scheduled time beside it")
    local_day = scheduled.astimezone(airport(code).zone).date()
    found = _candidates(field, wall, code, local_day, (-1, 0, 1, 2))
    if wall.day is None and late is None:
        found = [each for each in found if EARLIEST <= each - scheduled < LATEST]
    if not found:
        raise TimeError(field, "does not exist: the clocks went forward")
    return min(found, key=lambda each: abs(each - scheduled - (late or timedelta(0))))


def _candidates(field: str, wall: WallTime | None, code: str, day: date, days_off: tuple[int, ...]) -> list[datetime]:
    """The instants a written time can mean. Raises TimeError if its local time does not exist on its only day."""
    if wall is None:
        return []
    if wall.instant is not None:
        return [wall.instant]
    days = [wall.day] if wall.day is not None else [day + DAY * off for off in days_off]
    found = [instant for each in days for instant in _instants_of(wall, each, code)]
    if not found:
        raise TimeError(field, f"does not exist at {code} on {days[0].isoformat()}: the clocks went forward")
    return found


def _instants_of(wall: WallTime, day: date, code: str) -> Iterator[datetime]:
    """None if the clocks jumped over it, two if they went back over it, else one."""
    if wall.local is None:
        return
    seen = set()
    for fold in (0, 1):
        local = datetime.combine(day, wall.local, airport(code).zone).replace(fold=fold)
        instant = local.astimezone(UTC)
        if (
            instant.astimezone(airport(code).zone).replace(tzinfo=None) == local.replace(tzinfo=None)
            and instant not in seen
        ):
            seen.add(instant)
            yield instant


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):.1f} h"
