"""A flight as the live path knows it, and when its aircraft is expected to be ready for it."""

from collections.abc import Iterable
from typing import Final

import msgspec

TURNAROUND_MINUTES: Final = ((100, 30), (200, 45))
"""Up to so many seats; larger aircraft take LONGEST_TURNAROUND_MINUTES. Shortest ones that manufacturers publish,
rounded."""
LONGEST_TURNAROUND_MINUTES: Final = 75
WAITS_ON_MINUTES: Final = 10
"""Who should have left and has not waits so much longer at least."""
LONGEST_ROTATION_MINUTES: Final = 18 * 60


class LiveFlight(msgspec.Struct, frozen=True):
    """Minutes since the epoch; `departed_minute` and `arrived_minute` are None if that has not happened. `flies` is
    false once it is cancelled or diverted."""

    flight_id: str
    carrier: str
    origin: str
    destination: str
    departs_minute: int
    arrives_minute: int
    departed_minute: int | None
    arrived_minute: int | None
    flies: bool
    tail: str | None
    designator: str | None
    seats: int
    passengers: int
    distance_km: int

    @property
    def turnaround_minutes(self) -> int:
        """What its aircraft needs on the ground at least."""
        return next((m for seats, m in TURNAROUND_MINUTES if self.seats <= seats), LONGEST_TURNAROUND_MINUTES)


class Rotations:
    """Which leg each aircraft flies before another, and how late each leg is expected."""

    def __init__(self, flights: Iterable[LiveFlight], at_minute: int) -> None:
        self._at = at_minute
        self._by_tail: dict[str, list[LiveFlight]] = {}
        for flight in sorted(flights, key=lambda one: (one.departs_minute, one.flight_id)):
            if flight.tail is not None and flight.flies:
                self._by_tail.setdefault(flight.tail, []).append(flight)

    def before(self, flight: LiveFlight) -> LiveFlight | None:
        """The newest leg of its aircraft that is scheduled before it."""
        legs = self._by_tail.get(flight.tail or "", [])
        earlier = [leg for leg in legs if leg.departs_minute < flight.departs_minute]
        if not earlier or flight.departs_minute - earlier[-1].arrives_minute > LONGEST_ROTATION_MINUTES:
            return None
        return earlier[-1]

    def after(self, flight: LiveFlight) -> LiveFlight | None:
        """The next leg of its aircraft."""
        legs = self._by_tail.get(flight.tail or "", [])
        return next((leg for leg in legs if leg.departs_minute > flight.departs_minute), None)

    def departs(self, flight: LiveFlight) -> int:
        """When it left, or is expected to."""
        if flight.departed_minute is not None:
            return flight.departed_minute
        overdue = self._at + WAITS_ON_MINUTES if flight.departs_minute < self._at else flight.departs_minute
        return max(flight.departs_minute, overdue, self.ready(flight))

    def ready(self, flight: LiveFlight) -> int:
        """When its aircraft is expected to be ready for it; long ago without a leg before. Where that leg went
        elsewhere (nobody reports the way back), it is there and back again."""
        leg = self.before(flight)
        if leg is None:
            return flight.departs_minute - LONGEST_ROTATION_MINUTES
        lands = leg.arrived_minute
        if lands is None:
            lands = max(leg.arrives_minute + self.departs(leg) - leg.departs_minute, self._at)
        if leg.destination == flight.origin:
            return lands + flight.turnaround_minutes
        return lands + 2 * flight.turnaround_minutes + leg.arrives_minute - leg.departs_minute
