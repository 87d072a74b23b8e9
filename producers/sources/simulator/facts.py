"""An outcome becomes the events an airline's systems would have sent about it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from producers.sources.simulator.connections import Hub
from producers.sources.simulator.demand import cargo_kg, passengers
from producers.sources.simulator.economics import finance
from producers.sources.simulator.feedback import feedback
from producers.sources.simulator.incidents import Incident
from producers.sources.simulator.noise import flight_noise
from producers.sources.simulator.outcome import CAUSES, Cause, Outcome
from producers.sources.simulator.timetable import instant_of
from schemas.events import MODELLED, FlightEvent, FlightOperation, FlightState, FlightStatus, OperationKind

SOURCE: Final = "simulator"
SCHEDULED_LEAD: Final = timedelta(hours=24)
LATE_MINUTES: Final = 15  # BTS: a delay is reported with its causes from 15 minutes on
# A stop longer than this is a break in the line, not a turnaround (by seats; `kpis.md` of the KPI catalogue).
LONGEST_TURN_MINUTES: Final = ((120, 90), (180, 120), (250, 150), (10_000, 180))


def scheduled_id(seed: int, flight_id: str, known_at: datetime, departs_at: datetime) -> str:
    """A flight already scheduled when the stream starts becomes known then, under an id of its own."""
    late = "" if known_at == departs_at - SCHEDULED_LEAD else f":{known_at:%Y-%m-%dT%H:%M}"
    return f"sim{seed}:{flight_id}:scheduled{late}"


def flight_events(
    outcome: Outcome, hub: Hub, seed: int, incidents: Sequence[Incident], stream_start_at: datetime
) -> Iterator[FlightEvent]:
    """Everything about one flight, in no particular order."""
    leg = outcome.leg
    noise = flight_noise(seed, leg.flight_id)
    booked, cargo = passengers(leg, noise, incidents), cargo_kg(leg, noise)
    departs_at = instant_of(leg.departs)
    known_at = max(stream_start_at, departs_at - SCHEDULED_LEAD)
    gone = outcome.ends if outcome.departed is None else outcome.departed
    if known_at <= instant_of(gone):
        yield _status(outcome, FlightState.SCHEDULED, known_at, scheduled_id(seed, leg.flight_id, known_at, departs_at))
    traffic: dict[str, Any] = {"passengers": booked, "cargo_kg": cargo}
    if outcome.departed is not None:
        yield _status(
            outcome, FlightState.DEPARTED, instant_of(outcome.departed), f"sim{seed}:{leg.flight_id}:departed", traffic
        )
        if (turn := _turnaround(outcome, seed)) is not None:
            yield turn
    closed_as = FlightState(outcome.state)
    yield _status(
        outcome,
        closed_as,
        instant_of(outcome.ends),
        f"sim{seed}:{leg.flight_id}:{closed_as.lower()}",
        {} if closed_as is FlightState.CANCELLED else traffic,
    )
    if (money := finance(outcome, booked, cargo, noise, seed, incidents)) is not None:
        yield money
    if outcome.arrival_delay_minutes >= LATE_MINUTES:
        yield FlightOperation(
            event_id=f"sim{seed}:{leg.flight_id}:delay",
            event_at=instant_of(outcome.ends),
            source=SOURCE,
            kind=OperationKind.DELAY,
            **leg.identity(),
            **_minutes_by_cause(outcome),
        )
    if (change := hub.connections(outcome, booked)) is not None:
        yield FlightOperation(
            event_id=f"sim{seed}:{leg.flight_id}:connection",
            event_at=instant_of(change.known),
            source=SOURCE,
            kind=OperationKind.CONNECTION,
            connecting=change.connecting,
            misconnected=change.misconnected,
            **leg.identity(),
        )
    yield from feedback(outcome, booked, seed, SOURCE)


def arrival_causes(outcome: Outcome) -> dict[Cause, int]:
    """The arrival delay by cause, adding up to it.

    Time lost in the air is weather while holding, else airspace; time made up shortens all causes in proportion, the
    remainder going to the largest.
    """
    total = outcome.arrival_delay_minutes
    causes: dict[Cause, int] = dict(outcome.delay_causes)
    lost = max(0, total - sum(causes.values()))
    holding = min(lost, outcome.holding_minutes)
    causes["weather"] = causes.get("weather", 0) + holding
    causes["airspace"] = causes.get("airspace", 0) + lost - holding
    caused = sum(causes.values())
    if caused > total:
        causes = {cause: minutes * total // caused for cause, minutes in causes.items()}
        largest = max(CAUSES, key=lambda cause: causes.get(cause, 0))
        causes[largest] = causes.get(largest, 0) + total - sum(causes.values())
    return {cause: minutes for cause, minutes in causes.items() if minutes}


def _turnaround(outcome: Outcome, seed: int) -> FlightOperation | None:
    leg = outcome.leg
    if outcome.previous_arrival is None or outcome.previous_scheduled_arrival is None or outcome.departed is None:
        return None
    planned = leg.departs - outcome.previous_scheduled_arrival
    limit = next(minutes for seats, minutes in LONGEST_TURN_MINUTES if leg.seats <= seats)
    if not 0 < planned <= limit:
        return None
    return FlightOperation(
        event_id=f"sim{seed}:{leg.flight_id}:turnaround",
        event_at=instant_of(outcome.departed),
        source=SOURCE,
        kind=OperationKind.TURNAROUND,
        turnaround_minutes=outcome.departed - outcome.previous_arrival,
        scheduled_turnaround_minutes=planned,
        **leg.identity(),
    )


def _status(
    outcome: Outcome, state: FlightState, known_at: datetime, event_id: str, traffic: dict[str, Any] | None = None
) -> FlightStatus:
    leg = outcome.leg
    scheduled_only = state in (FlightState.SCHEDULED, FlightState.CANCELLED)
    left = None if scheduled_only or outcome.departed is None else instant_of(outcome.departed)
    return FlightStatus(
        event_id=event_id,
        event_at=known_at,
        source=SOURCE,
        state=state,
        scheduled_departure_at=instant_of(leg.departs),
        scheduled_arrival_at=instant_of(leg.arrives),
        actual_departure_at=left,
        actual_arrival_at=instant_of(outcome.ends) if state is FlightState.ARRIVED else None,
        tail=leg.tail if state is FlightState.SCHEDULED else outcome.tail,
        aircraft_type=leg.aircraft_type,
        seats=leg.seats,
        distance_km=leg.distance_km,
        traffic_source=MODELLED,
        **leg.identity(),
        **(traffic or {}),
    )


def _minutes_by_cause(outcome: Outcome) -> dict[str, Any]:
    return {f"{cause}_delay_minutes": minutes for cause, minutes in arrival_causes(outcome).items()}
