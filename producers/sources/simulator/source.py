"""The simulator as a source: a Mexican network around Mexico City, day after day, with the incidents it is given."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from typing import Final

from producers.airports import airport
from producers.sources import ScheduledRoute
from producers.sources.simulator.connections import Hub
from producers.sources.simulator.facts import SCHEDULED_LEAD, SOURCE, flight_events
from producers.sources.simulator.feedback import KIOSK
from producers.sources.simulator.fleet_status import fleet_status
from producers.sources.simulator.incidents import Incident, network_airports
from producers.sources.simulator.network import HUB
from producers.sources.simulator.noise import flight_noise
from producers.sources.simulator.operations import Operation
from producers.sources.simulator.outcome import Outcome
from producers.sources.simulator.timetable import instant_of, timetable
from producers.sources.simulator.weather import HOUR, hourly_weather
from schemas.events import Event, FlightEvent, PassengerFeedback

ONE_MS: Final = timedelta(milliseconds=1)
COUNTED_DAYS: Final = 31  # counting a month's events for the progress bar takes 2 s; beyond, it goes without


class Simulator:
    """`days` service days from `first_day`, a date in Mexico City. Satisfies `producers.sources.Source`.

    The stream starts at midnight there, or at `start_at` if that is later: then it begins in the middle of a running
    operation, with the flights still to leave announced at once. Same arguments, same events, byte for byte.
    Raises ValueError for impossible arguments.
    """

    def __init__(
        self,
        first_day: date,
        days: int = 1,
        *,
        seed: int = 1,
        incidents: Sequence[Incident] = (),
        start_at: datetime | None = None,
    ) -> None:
        if days < 1:
            raise ValueError(f"days must be at least 1, got {days}")
        self.first_day, self.days, self.seed, self.incidents = first_day, days, seed, tuple(incidents)
        self.start_at = max(first_midnight(first_day), start_at or first_midnight(first_day))
        if self.start_at >= first_midnight(first_day + timedelta(days=days)):
            raise ValueError(f"start {self.start_at.isoformat()} lies after the last of the days simulated")

    def events(self) -> Iterator[Event]:
        """Every event in order of event_at, then id."""
        return heapq.merge(self.flights(), self._weather(), self._aircraft(), key=_order)

    def routes(self) -> Sequence[ScheduledRoute]:
        """Every route in the timetable."""
        carriers: dict[tuple[str, str], set[str]] = {}
        for leg in timetable(self.first_day, self.days):
            carriers.setdefault((leg.origin, leg.destination), set()).add(leg.carrier)
        return [ScheduledRoute(*pair, tuple(sorted(names))) for pair, names in sorted(carriers.items())]

    def total(self) -> int | None:
        """How many events there are."""
        return sum(1 for _ in self.events()) if self.days <= COUNTED_DAYS else None

    def wire_version(self, event: Event) -> int | None:
        """The kiosks still write version 1 of their answers."""
        return 1 if isinstance(event, PassengerFeedback) and event.channel == KIOSK else None

    @cached_property
    def outcomes(self) -> list[Outcome]:
        """What became of every leg, by scheduled departure."""
        return self._operation.fly()

    @cached_property
    def _operation(self) -> Operation:
        legs = timetable(self.first_day, self.days)
        return Operation(legs, partial(flight_noise, self.seed), self.incidents)

    def flights(self) -> Iterator[FlightEvent]:
        """The events of flights. What is known later waits in a heap, a day or two of it at a time."""
        hub = Hub(self.outcomes, self.seed)
        waiting: list[tuple[datetime, str, FlightEvent]] = []
        for outcome in self.outcomes:
            # Nothing of this flight or a later one is known before this.
            settled_at = instant_of(outcome.leg.departs) - SCHEDULED_LEAD
            while waiting and waiting[0][0] < settled_at:
                yield heapq.heappop(waiting)[2]
            for event in flight_events(outcome, hub, self.seed, self.incidents, self.start_at):
                if event.event_at >= self.start_at:
                    heapq.heappush(waiting, (event.event_at, event.event_id, event))
        while waiting:
            yield heapq.heappop(waiting)[2]

    def _weather(self) -> Iterator[Event]:
        hour_at = (self.start_at - ONE_MS).replace(minute=0, second=0, microsecond=0)  # known at its end
        end_at = first_midnight(self.first_day + timedelta(days=self.days))
        while hour_at < end_at:
            for code in sorted(network_airports()):
                yield hourly_weather(code, hour_at, self.seed, self.incidents, SOURCE)
            hour_at += HOUR

    def _aircraft(self) -> Iterable[Event]:
        changes = self._operation.service_changes if self.outcomes else []
        days = [self.first_day + timedelta(days=offset) for offset in range(self.days + 1)]
        midnights = [first_midnight(day) for day in days if first_midnight(day) >= self.start_at]
        return (
            event
            for event in fleet_status(self.outcomes, changes, midnights, self.seed, SOURCE)
            if event.event_at >= self.start_at
        )


def first_midnight(day: date) -> datetime:
    """Midnight in Mexico City, where service days begin."""
    return datetime(day.year, day.month, day.day, tzinfo=airport(HUB).zone).astimezone(UTC)


def _order(event: Event) -> tuple[datetime, str]:
    return event.event_at, event.event_id
