"""Where the aircraft of a route's flights come from, and how late each flight is to be expected for that."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from alerts.flight_items import LOOK_BACK
from optimizer.live.flight import LiveFlight, Rotations
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
    live = {one.flight_id: one.known(at) for one in known.values()}
    expecting = Rotations(live.values(), _minute(at))
    return [_rotation(one, known.values(), live[one.flight_id], expecting) for one in flights]


def _rotation(flight: SeenFlight, known: Iterable[SeenFlight], live: LiveFlight, expecting: Rotations) -> Rotation:
    due = flight.scheduled_departure_at
    before = [
        one
        for one in known
        if one.tail == flight.tail and due - LOOK_BACK <= one.scheduled_departure_at < due and one.flies
    ]
    legs = sorted(before, key=lambda one: one.scheduled_departure_at)[-MOST_LEGS:]
    open_still = legs and live.flies and live.departed_minute is None
    late = timedelta(minutes=expecting.departs(live) - live.departs_minute) if open_still else None
    return Rotation(flight=flight, legs=tuple(legs), expected=late)


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60
