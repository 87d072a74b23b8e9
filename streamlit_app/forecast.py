"""How likely the next flights of a route are to be late, by the model that ships with the code."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from optimizer.live.delay_features import offset_minutes_of
from optimizer.live.delay_model import Forecast, forecasts, shipped_model
from optimizer.live.flight import LiveFlight, Rotations
from streamlit_app.airports import airport


class Foreseen(NamedTuple):
    """A flight that has not left: how many minutes late its aircraft lets it leave, the flight that the aircraft still
    has to land from, and the forecast; None further ahead than the model looks."""

    flight: LiveFlight
    waits_minutes: int
    waits_for: LiveFlight | None
    forecast: Forecast | None


def foreseen(route: str, around: Sequence[LiveFlight], at: datetime) -> list[Foreseen]:
    """Of the route's flights that have not left, in order of schedule. `around` is what leaves from its first airport
    and what flies there, as known at `at`."""
    origin, minute = route.partition("-")[0], int(at.timestamp()) // 60
    rotations = Rotations(around, minute)
    waiting = [
        flight
        for flight in sorted(around, key=lambda one: (one.departs_minute, one.flight_id))
        if f"{flight.origin}-{flight.destination}" == route and flight.flies and flight.departed_minute is None
    ]
    ids = {flight.flight_id for flight in waiting}
    home = airport(origin)
    offset_minutes = offset_minutes_of(home.zone, minute) if home else 0  # nobody knows that airport
    said = forecasts(shipped_model(), around, origin, minute, offset_minutes, ids)
    return [_foreseen(flight, rotations, said.get(flight.flight_id)) for flight in waiting]


def _foreseen(flight: LiveFlight, rotations: Rotations, forecast: Forecast | None) -> Foreseen:
    before = rotations.before(flight)
    waits_for = before if before and before.arrived_minute is None else None
    return Foreseen(flight, rotations.departs(flight) - flight.departs_minute, waits_for, forecast)
