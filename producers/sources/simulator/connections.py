"""Connections over the hub: who changes there, to which flight, and who misses it.

Passengers choose their connection from the timetable, so an incident never moves them to another flight; they miss
it if less than the minimum connecting time is left, or it is cancelled. Nobody waits for them.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

import msgspec

from producers.sources.simulator.network import HUB, HUB_CARRIERS, is_domestic
from producers.sources.simulator.noise import stream
from producers.sources.simulator.outcome import Outcome
from producers.sources.simulator.timetable import Leg

# Shares of an arriving flight's passengers who connect; MEX is mostly a place to go to.
CONNECTING_SHARE: Final = {True: 0.26, False: 0.34}  # by whether the flight in is domestic
MINIMUM_MINUTES: Final = {True: 45, False: 75}  # gate to gate, AM's published minima at MEX rounded down to what works
OFFERED_FROM_MINUTES: Final = 40  # connections are sold with so much more than the minimum
OFFERED_WITHIN_MINUTES: Final = 210
CHOICES: Final = 6


class Connections(msgspec.Struct, frozen=True):
    """Of one arriving flight; `known` is the minute when the last onward flight has left or is cancelled."""

    connecting: int
    misconnected: int
    known: int


class Hub:
    """The hub's onward flights, by scheduled departure."""

    def __init__(self, outcomes: Sequence[Outcome], seed: int) -> None:
        self._seed = seed
        self._onward = [o for o in outcomes if o.leg.origin == HUB and o.leg.carrier in HUB_CARRIERS]
        self._departs = [outcome.leg.departs for outcome in self._onward]

    def connections(self, inbound: Outcome, passengers: int) -> Connections | None:
        """Those of a flight into the hub; None if nobody connects from it or it never came."""
        leg = inbound.leg
        if leg.destination != HUB or leg.carrier not in HUB_CARRIERS or inbound.state == "CANCELLED":
            return None
        onward = self._choices(leg)
        if not onward:
            return None
        domestic = is_domestic(leg.origin, leg.destination)
        generator = stream(self._seed, "connections", leg.flight_id)
        weights = generator.random(len(onward)) + 0.2
        total = CONNECTING_SHARE[domestic] * passengers
        split = [round(total * float(weight) / float(weights.sum())) for weight in weights]
        connecting = sum(split)
        if not connecting:
            return None
        there = inbound.ends + MINIMUM_MINUTES[domestic]
        misconnected = sum(
            count
            for count, flight in zip(split, onward, strict=True)
            if inbound.state == "DIVERTED" or flight.departed is None or flight.departed < there
        )
        left = (flight.departed if flight.departed is not None else flight.ends for flight in onward)
        return Connections(connecting, misconnected, max(inbound.ends, *left))

    def _choices(self, leg: Leg) -> list[Outcome]:
        earliest = leg.arrives + MINIMUM_MINUTES[is_domestic(leg.origin, leg.destination)] + OFFERED_FROM_MINUTES
        first = bisect_left(self._departs, earliest)
        last = bisect_left(self._departs, leg.arrives + OFFERED_WITHIN_MINUTES)
        onward = [o for o in self._onward[first:last] if o.leg.destination != leg.origin]
        return onward[:CHOICES]
