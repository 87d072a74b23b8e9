"""What became of a leg, and of an aircraft out of service: the result of the simulated operation."""

from typing import Literal

import msgspec

from producers.sources.simulator.timetable import Leg

Cause = Literal["carrier", "weather", "airspace", "security", "late_aircraft"]
CAUSES: tuple[Cause, ...] = ("carrier", "weather", "airspace", "security", "late_aircraft")


class Outcome(msgspec.Struct, kw_only=True):
    """One leg as flown or not flown; times are UTC minutes since 1970.

    `ends` is when the flight closes: arrival, cancellation, or landing elsewhere. `delay_causes` add up to the
    departure delay; `root_cause` is what began the delay, wherever the aircraft met it.
    """

    leg: Leg
    state: Literal["ARRIVED", "CANCELLED", "DIVERTED"]
    ends: int
    tail: str
    departed: int | None = None
    holding_minutes: int = 0
    previous_arrival: int | None = None
    previous_scheduled_arrival: int | None = None
    delay_causes: dict[Cause, int] = msgspec.field(default_factory=dict)
    root_cause: Cause | None = None

    @property
    def departure_delay_minutes(self) -> int:
        """Late part of the departure; 0 if it never left."""
        return max(0, self.departed - self.leg.departs) if self.departed is not None else 0

    @property
    def arrival_delay_minutes(self) -> int:
        """Late part of the arrival; 0 unless it arrived."""
        return max(0, self.ends - self.leg.arrives) if self.state == "ARRIVED" else 0


class ServiceChange(msgspec.Struct, frozen=True):
    """A tail leaves or returns to service; minutes since 1970."""

    tail: str
    at: int
    out: bool
    airport: str
