"""The replay source: local departure dates [first, until) of 2013 as one ordered stream of events."""

import heapq
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from producers.sources import ScheduledRoute
from producers.sources.nycflights13.causes import CAUSES
from producers.sources.nycflights13.dataset import FIRST_DAY, LAST_DAY, NEW_YORK, read_weather
from producers.sources.nycflights13.facts import SOURCE, aircraft_events, flight_events
from producers.sources.nycflights13.flights import flights
from producers.sources.nycflights13.weather import weather_events
from schemas.events import (
    AircraftStatus,
    AirportWeather,
    Event,
    FlightFinance,
    FlightOperation,
    FlightState,
    FlightStatus,
)

DEFAULT_SEED: Final = 2013
DAY: Final = timedelta(days=1)
# Nothing of a day is known longer before its first midnight (the earliest departure ever is 43 minutes early).
EARLIEST: Final = timedelta(hours=2)

# Within one instant: a flight departs before it closes, and money follows the flight.
_STATES: Final = (
    FlightState.SCHEDULED,
    FlightState.DEPARTED,
    FlightState.CANCELLED,
    FlightState.ARRIVED,
    FlightState.DIVERTED,
)
_RECORDS: Final = (FlightOperation, FlightFinance, AirportWeather, AircraftStatus)


class DatesError(ValueError):
    """The dates are not dates of the data set."""


class NycFlights:
    """A `Source`. The schedule of a local date is known at its midnight, everything else when it happened.

    The same flight gives the same events, bytes and instants, whatever dates are asked for. Days are worked out one at
    a time: memory holds about two days of events. Raises DatesError if [first, until) is not within 2013.
    """

    def __init__(self, first: date, until: date, seed: int = DEFAULT_SEED) -> None:
        if not FIRST_DAY <= first < until <= LAST_DAY + DAY:
            raise DatesError(
                f"dates from {first} to {until} (exclusive): the data set has {FIRST_DAY} to {LAST_DAY}, "
                f"and the end must come after the start"
            )
        self._first, self._until, self._seed = first, until, seed
        weather = read_weather()
        self._flights = flights(first, until, weather)
        self._weather = weather.filter(
            pl.col("observed_at").is_between(midnight(first), midnight(until), closed="left")
        ).sort("observed_at", "origin")

    def events(self) -> Iterator[Event]:
        waiting: list[tuple[datetime, int, str, Event]] = []
        day = self._first
        while day < self._until:
            for event in self._events_of(day):
                heapq.heappush(waiting, (event.event_at, _rank(event), event.event_id, event))
            day += DAY
            while waiting and (day == self._until or waiting[0][0] < midnight(day) - EARLIEST):
                yield heapq.heappop(waiting)[3]

    def routes(self) -> Sequence[ScheduledRoute]:
        carriers = self._flights.group_by("origin", "dest").agg(pl.col("carrier").unique().sort())
        return sorted(ScheduledRoute(o, d, tuple(c)) for o, d, c in carriers.iter_rows())

    def total(self) -> int:
        flown = self._flights.filter(pl.col("outcome") != FlightState.CANCELLED)
        delays = flown.filter(pl.any_horizontal(pl.col(f"{cause}_minutes") > 0 for cause in CAUSES))
        tails = flown.select("day", "tailnum").drop_nulls().n_unique()
        # scheduled and closed; departed and money of those that flew
        return 2 * len(self._flights) + 2 * len(flown) + len(delays) + len(self._weather) + tails

    def wire_version(self, event: Event) -> int | None:
        return None

    def _events_of(self, day: date) -> Iterator[Event]:
        begins_at, ends_at = midnight(day), midnight(day + DAY)
        rows = list(self._flights.filter(pl.col("day") == day).iter_rows(named=True))
        for row in rows:
            yield from flight_events(row, self._seed, begins_at)
        yield from aircraft_events(rows, day, ends_at)
        hours = self._weather.filter(pl.col("observed_at").is_between(begins_at, ends_at, closed="left"))
        yield from weather_events(hours, SOURCE)


def midnight(day: date) -> datetime:
    """The local midnight at which a date begins in New York, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(NEW_YORK)).astimezone(UTC)


def _rank(event: Event) -> int:
    if isinstance(event, FlightStatus):
        return _STATES.index(event.state)
    return len(_STATES) + _RECORDS.index(type(event))
