"""Where the aircraft of a route's flights come from, and how late each flight is to be expected for that."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from alerts.flight_items import LOOK_BACK
from optimizer.live.flight import LiveFlight, Rotations
from optimizer.live.stored_flight import NOT_FLYING
from streamlit_app.readers.flights import SeenFlight

MOST_LEGS: Final = 4
MOST_FLIGHTS: Final = 8


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """A flight, the legs that its aircraft flew before it (oldest first), and the delay at departure to be expected by
    them: None once it left, where it does not fly, or where no leg before is known."""

    flight: SeenFlight
    legs: tuple[SeenFlight, ...]
    expected: timedelta | None


def with_tails(flights: Iterable[SeenFlight]) -> list[SeenFlight]:
    """Those whose rotation is shown: the newest of which the aircraft is known."""
    return [one for one in flights if one.tail][:MOST_FLIGHTS]


def rotations_of(flights: Sequence[SeenFlight], around: Iterable[SeenFlight], at: datetime) -> list[Rotation]:
    """As known at an instant; `around` are the flights of the same aircraft at the same airport."""
    known = {one.flight_id: one for one in (*around, *flights)}
    live = {one.flight_id: _live(one, at) for one in known.values()}
    expecting = Rotations(live.values(), _minute(at))
    return [_rotation(one, known.values(), live[one.flight_id], expecting) for one in flights]


def _rotation(flight: SeenFlight, known: Iterable[SeenFlight], live: LiveFlight, expecting: Rotations) -> Rotation:
    due = flight.scheduled_departure_at
    before = [
        one
        for one in known
        if one.tail == flight.tail and due - LOOK_BACK <= one.scheduled_departure_at < due and _flies(one)
    ]
    legs = sorted(before, key=lambda one: one.scheduled_departure_at)[-MOST_LEGS:]
    open_still = legs and live.flies and live.departed_minute is None
    late = timedelta(minutes=expecting.departs(live) - live.departs_minute) if open_still else None
    return Rotation(flight=flight, legs=tuple(legs), expected=late)


def _flies(one: SeenFlight) -> bool:
    return one.state not in NOT_FLYING


def _live(one: SeenFlight, at: datetime) -> LiveFlight:
    return LiveFlight(
        flight_id=one.flight_id,
        carrier=one.carrier,
        origin=one.origin,
        destination=one.destination,
        departs_minute=_minute(one.scheduled_departure_at),
        arrives_minute=_minute(one.scheduled_arrival_at),
        departed_minute=_known(one.actual_departure_at, at),
        arrived_minute=_known(one.actual_arrival_at, at),
        flies=_flies(one),
        tail=one.tail,
        designator=one.aircraft_type,
        seats=one.seats,
        passengers=one.passengers,
        distance_km=one.distance_km,
    )


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60


def _known(at: datetime | None, now: datetime) -> int | None:
    return None if at is None or at > now else _minute(at)
