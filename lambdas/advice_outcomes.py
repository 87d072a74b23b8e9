"""Advice whose flights have left expires, and once they are over it is measured by what really came."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from alerts.advice import Advice, AdviceDesk
from alerts.documents import ConflictError, Document
from alerts.flight_items import items_around
from alerts.track_record import Outcome, RecordDesk
from optimizer.airline.prices import Prices
from optimizer.live.advise import worth
from optimizer.live.flight import LiveFlight, Rotations
from optimizer.live.stored_flight import live_flights

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MEASURED_AT_ONCE: Final = 20
"""Two queries each, of 5 ms: what is left waits for the next time."""
GIVEN_UP_AFTER: Final = timedelta(hours=24)
"""A flight that nobody reported by then is not measured; its advice leaves the list."""


EventTime = Callable[[Advice], datetime]


def at_least(now: datetime) -> EventTime:
    """Event time at wall clock `now`, as far as it is sure: since advice was given as much of it has passed, or more,
    as no replay is slower than the clock."""
    return lambda advice: advice.at + max(now - advice.given_at, timedelta())


def settle(desk: AdviceDesk, records: RecordDesk, dynamodb: "DynamoDBClient", table: str, event_time: EventTime) -> int:
    """All that is due by then; how many were measured. Raises Transient when DynamoDB is away."""
    measured = 0
    for document, advice, at in _due(desk, event_time):
        expired = msgspec.structs.replace(advice, answer="expired") if advice.answer == "open" else advice
        outcome = None
        if advice.lands_at is not None and at >= advice.lands_at and measured < MEASURED_AT_ONCE:
            airport = advice.route.partition("-")[0]
            outcome = outcome_of(expired, live_flights(items_around(dynamodb, table, airport, advice.at), at), at)
        given_up = advice.lands_at is None or at >= advice.lands_at + GIVEN_UP_AFTER
        after = msgspec.structs.replace(expired, outcome=outcome)
        if after == advice and not given_up:
            continue
        try:
            if outcome is not None:
                records.add(advice.actions[0].kind, outcome)
            desk.change(document, after, closed=outcome is not None or given_up)
        except ConflictError:
            continue  # somebody answered or another worker was faster: the next time
        measured += outcome is not None
    return measured


def outcome_of(advice: Advice, flights: list[LiveFlight], at: datetime) -> Outcome | None:
    """None while not all flights of its first action are over."""
    action = advice.actions[0]
    by_id = {one.flight_id: one for one in flights}
    touched = [by_id[flight_id] for flight_id in action.flights if flight_id in by_id]
    if len(touched) < len(action.flights) or not all(one.arrived_minute or not one.flies for one in touched):
        return None
    as_planned = _as_planned(flights, dict(zip(action.flights, action.tails, strict=True)), at)
    real = worth(action.kind, action.flights, as_planned, _minute(at), Prices())
    if action.kind == "cancel":
        followed = not touched[0].flies
    else:
        followed = touched[0].flies and touched[0].tail == action.tails[1]
    return Outcome(
        alert_id=advice.alert_id,
        route=advice.route,
        at=advice.at,
        answer=advice.answer,
        followed=followed,
        predicted_usd=action.saves_usd,
        realised_usd=real.saves_cents / 100,
        predicted_minutes=action.late_minutes - action.late_then_minutes,
        realised_minutes=real.late_minutes - real.late_then_minutes,
    )


def _as_planned(flights: list[LiveFlight], planned: dict[str, str], at: datetime) -> list[LiveFlight]:
    """With the aircraft that were planned. One that was cancelled would have left as soon as its own was ready."""
    restored = [
        msgspec.structs.replace(one, tail=planned[one.flight_id], flies=True) if one.flight_id in planned else one
        for one in flights
    ]
    rotations = Rotations(restored, _minute(at))
    cancelled = {one.flight_id for one in flights if not one.flies}
    return [_flown(one, rotations) if one.flight_id in cancelled & planned.keys() else one for one in restored]


def _flown(flight: LiveFlight, rotations: Rotations) -> LiveFlight:
    left = max(flight.departs_minute, rotations.ready(flight))
    landed = left + flight.arrives_minute - flight.departs_minute
    return msgspec.structs.replace(flight, departed_minute=left, arrived_minute=landed)


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60


def _due(desk: AdviceDesk, event_time: EventTime) -> Iterator[tuple[Document, Advice, datetime]]:
    for document in desk.open():
        advice = msgspec.json.decode(document.body, type=Advice)
        at = event_time(advice)
        if advice.leaves_at is not None and at >= advice.leaves_at:
            yield document, advice, at
