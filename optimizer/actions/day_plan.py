"""A carrier's day as it is planned, and as it is planned if somebody does something about it.

The data know only departures from New York, so a leg takes its aircraft there and back, and an aircraft that is
ready for one leg may take another one of the same airport instead. Who takes another's place flies its rotation on.
"""

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from optimizer.airline.fleet import fleet
from optimizer.day.past_days import PastDays
from optimizer.flights import Codes, Flags, Floats, Minutes
from optimizer.rotations import BEYOND_BLOCK_MINUTES

ALWAYS: Final = -(2.0**40)
"""Since when an aircraft is ready that stood there all night."""
OWN_AIRCRAFT: Final = -1


@dataclass(frozen=True)
class DayPlan:
    """Of each leg, in order of departure: its `place` among all flights; the leg `before` of its aircraft, or
    OWN_AIRCRAFT; since when that is `ready`, if that leg is on time; type, passengers; `least` minutes that it is
    held, if it is; whether it is `cancelled`. Minutes since the epoch, money in US$ cents."""

    place: Codes
    flight_id: list[str]
    carrier: str
    origin: list[str]
    destination: list[str]
    departs: Minutes
    arrives: Minutes
    before: Codes
    ready: Floats
    may_change: Flags
    designator: list[str]
    distance_km: Codes
    passengers: Floats
    changing: Floats
    fare_cents: Codes
    least: Floats
    cancelled: Flags
    swapped: Flags
    padded_minutes: Floats
    """That the timetable was given on the way."""
    bound_minutes: Floats
    """By which an aircraft's day was made longer."""

    def __len__(self) -> int:
        return len(self.place)

    @property
    def slack(self) -> Floats:
        """Minutes by which each leg's aircraft may be late."""
        return self.departs - self.ready

    @property
    def seats(self) -> Floats:
        """Of each leg's type."""
        return np.array([fleet()[one].seats for one in self.designator], np.float64)

    def after(self, leg: int) -> int | None:
        """The next leg of the same aircraft."""
        found = np.flatnonzero(self.before == leg)
        return int(found[0]) if len(found) else None

    def rotation(self, leg: int) -> list[int]:
        """This leg and those that its aircraft flies after it."""
        found = [leg]
        while (later := self.after(found[-1])) is not None:
            found.append(later)
        return found

    def swapped_tails(self, one: int, other: int) -> "DayPlan":
        """Each flies the other's rotation from here on. Raises ValueError if one follows the other."""
        return self.reassigned({one: other, other: one})

    def reassigned(self, aircraft_of: dict[int, int]) -> "DayPlan":
        """Leg `key` is flown by the aircraft that was planned for leg `value`; each such aircraft once.

        Raises ValueError if an aircraft would have to be back from a leg before it leaves for it.
        """
        before, ready, designator = self.before.copy(), self.ready.copy(), list(self.designator)
        swapped = self.swapped.copy()
        for leg, other in aircraft_of.items():
            before[leg], ready[leg] = self.before[other], self.ready[other]
            swapped[leg] = swapped[leg] or leg != other
        changed = replace(self, before=before, ready=ready, swapped=swapped)
        if (before >= 0).any() and (self.departs[before[before >= 0]] >= self.departs[before >= 0]).any():
            raise ValueError("an aircraft cannot leave before it has left for the leg before")
        kinds = {leg: self.designator[other] for leg, other in aircraft_of.items()}
        for leg in sorted(kinds, key=lambda one: int(self.departs[one])):
            designator[leg] = kinds[leg]
            for later in changed.rotation(leg)[1:]:
                if later in kinds:
                    break
                designator[later] = kinds[leg]
        return replace(changed, designator=designator)

    def relinked(self, lines: dict[int, list[int]]) -> "DayPlan":
        """The aircraft that is planned for leg `key` flies these legs in this order instead of its rotation; legs of
        these rotations that nobody flies are cancelled. Raises ValueError if one would have to leave before the leg
        before it.
        """
        before, ready, designator = self.before.copy(), self.ready.copy(), list(self.designator)
        cancelled, swapped = self.cancelled.copy(), self.swapped.copy()
        planned = {leg: head for head in lines for leg in self.rotation(head)}
        for leg in planned:
            before[leg], ready[leg] = OWN_AIRCRAFT, ALWAYS
            cancelled[leg] = True
        for head, legs in lines.items():
            previous = None
            for leg in legs:
                if previous is not None and self.departs[leg] <= self.departs[previous]:
                    raise ValueError("an aircraft cannot leave before it has left for the leg before")
                first = previous is None
                before[leg] = self.before[head] if first else previous
                ready[leg] = self.ready[head] if previous is None else self.back_ready(previous)
                designator[leg], cancelled[leg] = self.designator[head], self.cancelled[leg]
                swapped[leg] = swapped[leg] or planned.get(leg) != head
                previous = leg
        return replace(self, before=before, ready=ready, designator=designator, cancelled=cancelled, swapped=swapped)

    def back_ready(self, leg: int) -> float:
        """When the aircraft of a leg that is on time may leave again; the way back is seen only by its length."""
        later = self.after(leg)
        if later is not None:
            return float(self.ready[later])
        return float(2 * self.arrives[leg] - self.departs[leg] + BEYOND_BLOCK_MINUTES)

    def without(self, leg: int) -> "DayPlan":
        """The leg is cancelled; its aircraft is there for its next one."""
        before, ready, cancelled = self.before.copy(), self.ready.copy(), self.cancelled.copy()
        if (later := self.after(leg)) is not None:
            before[later], ready[later] = self.before[leg], self.ready[leg]
        before[leg], ready[leg], cancelled[leg] = OWN_AIRCRAFT, ALWAYS, True
        return replace(self, before=before, ready=ready, cancelled=cancelled)

    def retimed(self, leg: int, minutes: int, block_minutes: int = 0) -> "DayPlan":
        """The timetable says so many minutes later (or earlier), and so many more (or fewer) for the way: lateness
        counts from there. Its aircraft has that much longer on the ground before it, and is back that much later; that
        binds it for longer at either end of its day."""
        departs, arrives, ready = self.departs.copy(), self.arrives.copy(), self.ready.copy()
        departs[leg] += minutes
        arrives[leg] += minutes + block_minutes
        padded, bound = self.padded_minutes.copy(), self.bound_minutes.copy()
        padded[leg] += block_minutes
        if (later := self.after(leg)) is not None:
            ready[later] += minutes + block_minutes
        else:
            bound[leg] += minutes + block_minutes
        if self.before[leg] < 0:
            bound[leg] -= minutes
        return replace(self, departs=departs, arrives=arrives, ready=ready, padded_minutes=padded, bound_minutes=bound)

    def held(self, leg: int, minutes: int) -> "DayPlan":
        """The leg leaves so many minutes late at least."""
        least = self.least.copy()
        least[leg] = max(least[leg], minutes)
        return replace(self, least=least)

    def cannot_reach(self, legs: list[int]) -> list[int]:
        """Of these legs those that are too far for the types that fly them."""
        return [leg for leg in legs if fleet()[self.designator[leg]].range_km < self.distance_km[leg]]


class Known(NamedTuple):
    """Of each leg of a plan, when it left and landed, NEVER if it has not or nobody knows at minute `at`."""

    at: int
    departed: Minutes
    arrived: Minutes


def day_plan(
    past: PastDays, day: int, carrier: str, designators: list[str], passengers: Floats, changing: Floats, fares: Codes
) -> DayPlan:
    """The flights of a carrier on a day; the last four are of all flights. A flight without a tail changes with
    nobody."""
    flights, plan = past.flights, past.plan
    place = np.flatnonzero((flights.day == day) & (flights.table["carrier"] == carrier).to_numpy())
    where = np.full(len(flights), OWN_AIRCRAFT)
    where[place] = np.arange(len(place))
    before = np.where(plan.before[place] >= 0, where[plan.before[place]], OWN_AIRCRAFT)
    table = flights.table[place]
    none = np.zeros(len(place))
    return DayPlan(
        place=place,
        flight_id=table["flight_id"].to_list(),
        carrier=carrier,
        origin=table["origin"].to_list(),
        destination=table["destination"].to_list(),
        departs=flights.departs[place],
        arrives=flights.arrives[place],
        before=before,
        ready=np.where(before >= 0, flights.departs[place] - plan.slack[place], ALWAYS),
        may_change=table["tail"].is_not_null().to_numpy(),
        designator=[designators[one] for one in place],
        distance_km=table["distance_km"].cast(int).to_numpy(),
        passengers=passengers[place],
        changing=changing[place],
        fare_cents=fares[place],
        least=np.full(len(place), -np.inf),
        cancelled=none.astype(np.bool_),
        swapped=none.astype(np.bool_),
        padded_minutes=none,
        bound_minutes=none,
    )
