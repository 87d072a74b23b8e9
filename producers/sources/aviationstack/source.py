"""AviationStack as a source: every flight becomes events once, or is refused with its reason; the rest goes on."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec

from producers.sources import ScheduledRoute
from producers.sources.aviationstack.client import Client
from producers.sources.aviationstack.errors import AskedInVain, KeyRefused, QuotaReached
from producers.sources.aviationstack.flight import Flight, events_of, name_of, read_flight
from schemas.events import Event, FlightStatus

# The further a report is, the more it knows: a flight that landed is also reported as scheduled, on another page.
_PROGRESS: Final = {"landed": 3, "diverted": 3, "cancelled": 2, "active": 1, "scheduled": 0}


class Question(msgspec.Struct, frozen=True):
    """What is asked for; none of a kind leaves it open. `airports` are those of departure."""

    dates: tuple[str, ...] = ()
    airports: tuple[str, ...] = ()
    airlines: tuple[str, ...] = ()

    def queries(self) -> Iterator[dict[str, str]]:
        """One per date, airport and airline: their API takes one of each."""
        for date in self.dates or ("",):
            for airport in self.airports or ("",):
                for airline in self.airlines or ("",):
                    asked = {"flight_date": date, "dep_iata": airport, "airline_iata": airline}
                    yield {name: value for name, value in asked.items() if value}


class Reject(msgspec.Struct, frozen=True):
    """A flight that was left out, and why."""

    flight: str
    reason: str

    def __str__(self) -> str:
        return f"{self.flight}: {self.reason}"


class _Kept(msgspec.Struct):
    """What is known of a flight so far, and of what weight that is."""

    weight: tuple[int, bool]
    events: list[FlightStatus]


class AviationStackSource:
    """Flights asked for when made. Satisfies `producers.sources.Source`.

    `rejects` are the flights left out. `stopped` says why not all was read: what had been paid for by then is kept.
    Raises KeyRefused.
    """

    def __init__(
        self,
        client: Client,
        question: Question,
        *,
        most_flights: int | None = None,
        not_after: datetime | None = None,
        read: Callable[[int, int], None] = lambda flights, total: None,
    ) -> None:
        self.rejects: list[Reject] = []
        self.flights = 0
        self.codeshares = 0
        self.stopped: str | None = None
        self._not_after = not_after
        self._kept: dict[str, _Kept] = {}
        try:
            for query in question.queries():
                left = None if most_flights is None else most_flights - self.flights
                if left is not None and left <= 0:
                    break
                for page in client.pages(query, left):
                    for raw in page.data:
                        self._take(bytes(raw))
                    read(self.flights, page.pagination.total)
        except KeyRefused:
            raise
        except (AskedInVain, QuotaReached) as why:
            self.stopped = str(why)
        events = [event for kept in self._kept.values() for event in kept.events]
        self._events = sorted(events, key=lambda event: (event.event_at, event.event_id))

    def events(self) -> Iterator[Event]:
        """Every event in order of event_at, then id."""
        return iter(self._events)

    def routes(self) -> Sequence[ScheduledRoute]:
        """Every route that was answered with."""
        carriers: dict[tuple[str, str], set[str]] = {}
        for event in self._events:
            carriers.setdefault((event.origin, event.destination), set()).add(event.carrier)
        return [ScheduledRoute(*pair, tuple(sorted(names))) for pair, names in sorted(carriers.items())]

    def total(self) -> int | None:
        """How many events there are."""
        return len(self._events)

    def wire_version(self, event: Event) -> int | None:
        """Always the newest."""
        return None

    def _take(self, raw: bytes) -> None:
        self.flights += 1
        try:
            flight = read_flight(raw)
        except ValueError as error:  # DecodeError and ValidationError are ValueErrors
            self.rejects.append(Reject(f"flight {self.flights} of the answer", f"not of the documented shape: {error}"))
            return
        self.codeshares += flight.is_marketed
        try:
            self._keep(flight, events_of(flight))
        except ValueError as error:
            self.rejects.append(Reject(name_of(flight), str(error)))

    def _keep(self, flight: Flight, events: list[FlightStatus]) -> None:
        """One report a flight: the furthest; of two the operator's own. Equal ones must say the same."""
        if self._not_after is not None and any(event.event_at > self._not_after for event in events):
            raise ValueError(f"would be known in the future, {max(event.event_at for event in events).isoformat()}")
        key, weight = events[0].flight_id, (_PROGRESS[flight.flight_status or ""], not flight.is_marketed)
        kept = self._kept.get(key)
        if kept is None or weight > kept.weight:
            self._kept[key] = _Kept(weight, events)
        elif weight == kept.weight and weight[1] and kept.events != events:
            raise ValueError("contradicts another report of the same flight")
