"""Aircraft status: each tail's use over the day past, every midnight, and when it leaves or returns to service."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from producers.sources.simulator.network import FLEETS, Fleet
from producers.sources.simulator.outcome import Outcome, ServiceChange
from producers.sources.simulator.timetable import instant_of, minute_of, tails
from schemas.events import AircraftStatus, ServiceState

DAY: Final = timedelta(days=1)


def fleet_status(
    outcomes: Sequence[Outcome], changes: Sequence[ServiceChange], midnights: Sequence[datetime], seed: int, source: str
) -> list[AircraftStatus]:
    """All of them, in order of event_at and id; `midnights` are the instants to report at."""
    flown: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.departed is not None:
            flown.setdefault(outcome.tail, []).append(outcome)
    events = [
        event
        for fleet in FLEETS
        for tail in tails(fleet)
        for event in _tail_status(
            fleet, tail, flown.get(tail, []), [each for each in changes if each.tail == tail], midnights, seed, source
        )
    ]
    return sorted(events, key=lambda event: (event.event_at, event.event_id))


def _tail_status(
    fleet: Fleet,
    tail: str,
    flights: Sequence[Outcome],
    changes: Sequence[ServiceChange],
    midnights: Sequence[datetime],
    seed: int,
    source: str,
) -> Iterator[AircraftStatus]:
    reports: list[tuple[datetime, str, str | None, ServiceState, str | None]] = [
        (at, "use", _place(flights, at, fleet.base), _service(changes, at), None) for at in midnights
    ]
    for change in changes:
        service = ServiceState.OUT_OF_SERVICE if change.out else ServiceState.IN_SERVICE
        kind, reason = ("out", "technical") if change.out else ("in", "repaired")
        reports.append((instant_of(change.at), kind, change.airport, service, reason))
    for at, kind, place, service, why in reports:
        yield AircraftStatus(
            event_id=f"sim{seed}:{tail}:{kind}:{at:%Y-%m-%dT%H:%M}",
            event_at=at,
            source=source,
            tail=tail,
            carrier=fleet.carrier,
            aircraft_type=fleet.aircraft_type,
            airport=place,
            service=service,
            utilisation_minutes=_use(flights, at),
            reason=why,
        )


def _use(flights: Sequence[Outcome], at: datetime) -> int:
    """Block minutes in the 24 hours up to `at`."""
    end, start = minute_of(at), minute_of(at - DAY)
    return sum(max(0, min(o.ends, end) - max(o.departed, start)) for o in flights if o.departed is not None)


def _place(flights: Sequence[Outcome], at: datetime, base: str) -> str | None:
    """Where the tail last landed; None in the air."""
    place: str | None = base
    for outcome in flights:
        if outcome.departed is not None and outcome.departed <= minute_of(at):
            place = outcome.leg.destination if outcome.ends <= minute_of(at) else None
    return place


def _service(changes: Sequence[ServiceChange], at: datetime) -> ServiceState:
    past = [change for change in changes if change.at <= minute_of(at)]
    last = max(past, key=lambda change: (change.at, change.out), default=None)
    return ServiceState.OUT_OF_SERVICE if last is not None and last.out else ServiceState.IN_SERVICE
