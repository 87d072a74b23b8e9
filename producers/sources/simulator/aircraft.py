"""An aircraft in the simulated operation: where it is, when it is free, what it flies next, how late it is."""

from collections import deque
from collections.abc import Sequence

import msgspec

from producers.sources.simulator.network import FLEETS, TYPES
from producers.sources.simulator.outcome import Cause
from producers.sources.simulator.timetable import Leg, spares


class Aircraft(msgspec.Struct):
    """Where a tail is and what it has to do. `late_root` is what began the lateness it carries."""

    tail: str
    airport: str
    free: int
    agenda: deque[Leg] = msgspec.field(default_factory=deque)
    arrived: int | None = None
    was_due: int | None = None
    late_root: Cause | None = None
    departed: int | None = None
    reserved: bool = False
    awaiting_slot: dict[Cause, int] = msgspec.field(default_factory=dict)

    def turned(self, leg: Leg) -> int:
        """When it is turned round after its last flight, at the earliest."""
        if self.arrived is None:
            return self.free
        return self.free + TYPES[leg.aircraft_type].minimum_turn_minutes

    def root(self, causes: dict[Cause, int]) -> Cause | None:
        """What began most of a delay: a late aircraft's cause is the one it came late with."""
        if not causes:
            return None
        largest = max(causes, key=lambda cause: causes[cause])
        return (self.late_root or "carrier") if largest == "late_aircraft" else largest


def aircraft_of(legs: Sequence[Leg]) -> dict[str, Aircraft]:
    """Every tail with its agenda; at the start each stands where it is needed first."""
    fleet_of_spare = {tail: fleet for fleet in FLEETS for tail in spares(fleet)}
    aircraft = {tail: Aircraft(tail, fleet.base, -1) for tail, fleet in fleet_of_spare.items()}
    for leg in legs:
        if leg.tail not in aircraft:
            aircraft[leg.tail] = Aircraft(leg.tail, leg.origin, -1)
        aircraft[leg.tail].agenda.append(leg)
    return aircraft
