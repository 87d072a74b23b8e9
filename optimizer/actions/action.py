"""Things that can be done about a day: what each does to its plan, and what forbids it."""

from typing import Final, Literal

import msgspec
import numpy as np

from optimizer.actions.day_plan import DayPlan, Known
from optimizer.airline.fleet import fleet
from optimizer.flights import NEVER

Kind = Literal[
    "swap_tails",
    "swap_gauge",
    "reroute",
    "cancel",
    "suspend",
    "hold",
    "retime",
    "turnaround",
    "pad_block",
    "trim_block",
]
PUBLISHED_MINUTES: Final = 7 * 24 * 60
"""The timetable that punctuality is measured by cannot be changed any later before a flight: BTS takes the one that
stood in the reservation systems a week before."""
NOTICE_MINUTES: Final = 45
"""Gates, bags and crews follow another plan no sooner."""
LONGEST_HOLD_MINUTES: Final = 60


class Action(msgspec.Struct, frozen=True):
    """`aircraft_of` pairs each flight whose aircraft changes with the flight whose aircraft it gets; `legs` are
    those that are cancelled or held for `minutes`."""

    kind: Kind
    legs: tuple[str, ...] = ()
    aircraft_of: tuple[tuple[str, str], ...] = ()
    lines: tuple[tuple[str, tuple[str, ...]], ...] = ()
    minutes: int = 0

    @property
    def touched(self) -> tuple[str, ...]:
        """Every flight that it changes itself."""
        flown = tuple(leg for _, line in self.lines for leg in line)
        return self.legs + tuple(leg for leg, _ in self.aircraft_of) + flown


def applied(action: Action, plan: DayPlan) -> DayPlan:
    """The plan if it is done. Raises ValueError if it cannot be: ask `objections` before."""
    place = {flight_id: leg for leg, flight_id in enumerate(plan.flight_id)}
    if action.aircraft_of:
        return plan.reassigned({place[leg]: place[other] for leg, other in action.aircraft_of})
    if action.lines:
        return plan.relinked({place[head]: [place[leg] for leg in line] for head, line in action.lines})
    for flight_id in action.legs:
        plan = _changed(action, plan, place[flight_id])
    return plan


def _changed(action: Action, plan: DayPlan, leg: int) -> DayPlan:
    match action.kind:
        case "hold":
            return plan.held(leg, action.minutes)
        case "retime":
            return plan.retimed(leg, action.minutes)
        case "turnaround":  # all that the aircraft flies from then on is later, so nothing after it has less time
            for one in plan.rotation(leg):
                plan = plan.retimed(one, action.minutes)
            return plan
        case "pad_block":
            return plan.retimed(leg, 0, action.minutes)
        case "trim_block":
            return plan.retimed(leg, 0, -action.minutes)
        case _:
            return plan.without(leg)


def objections(action: Action, plan: DayPlan, known: Known) -> list[str]:
    """Why it cannot be done now; nothing if it can."""
    place = {flight_id: leg for leg, flight_id in enumerate(plan.flight_id)}
    found = [f"no flight {one} of {plan.carrier} that day" for one in action.touched if one not in place]
    if found:
        return found
    for flight_id in action.touched:
        leg = place[flight_id]
        if known.departed[leg] < NEVER:
            found.append(f"{flight_id} has left")
        elif plan.cancelled[leg]:
            found.append(f"{flight_id} is cancelled")
        elif plan.departs[leg] < known.at + NOTICE_MINUTES:
            found.append(f"{flight_id} leaves in less than {NOTICE_MINUTES} minutes")
    if action.kind in ("retime", "turnaround", "pad_block", "trim_block"):
        found += [
            f"the timetable of {one} is published"
            for one in action.legs
            if plan.departs[place[one]] < known.at + PUBLISHED_MINUTES
        ] or _of_rotation(action, plan, place)
    if action.kind == "hold" and action.minutes > LONGEST_HOLD_MINUTES:
        found.append(f"nobody waits more than {LONGEST_HOLD_MINUTES} minutes")
    return found or _of_aircraft(action, plan, place)


def _of_rotation(action: Action, plan: DayPlan, place: dict[str, int]) -> list[str]:
    """Nobody's time on the ground may shrink below what it needs, or further below if it is there already."""
    changed = applied(action, plan)
    return [
        f"the aircraft of {plan.flight_id[leg]} would not be ready"
        for leg in np.flatnonzero(changed.slack < np.minimum(plan.slack, 0.0))
    ]


def _of_aircraft(action: Action, plan: DayPlan, place: dict[str, int]) -> list[str]:
    pairs = [(place[leg], place[other]) for leg, other in action.aircraft_of]
    pairs += [(place[leg], place[head]) for head, line in action.lines for leg in line]
    found = [f"{plan.flight_id[leg]} has no known aircraft" for leg, _ in pairs if not plan.may_change[leg]]
    found += [
        f"{plan.flight_id[leg]} and {plan.flight_id[other]} leave from different airports"
        for leg, other in pairs
        if plan.origin[leg] != plan.origin[other]
    ]
    if not action.lines and sorted(leg for leg, _ in pairs) != sorted(other for _, other in pairs):
        found.append("an aircraft would be in two places")
    if found or not pairs:
        return found
    try:
        changed = applied(action, plan)
    except ValueError as error:
        return [str(error)]
    flown = sorted({one for leg, _ in pairs for one in changed.rotation(leg)})
    found += [
        f"the crew of {plan.flight_id[leg]} is not rated for {changed.designator[leg]}"
        for leg in flown
        if fleet()[plan.designator[leg]].family != fleet()[changed.designator[leg]].family
    ]
    return found + [
        f"{changed.designator[leg]} cannot fly the {plan.distance_km[leg]} km of {plan.flight_id[leg]}"
        for leg in changed.cannot_reach(flown)
    ]


def alternatives(plan: DayPlan, leg: int, at: int, within_minutes: int) -> list[int]:
    """Legs of the same airport whose aircraft could take this one's: not yet about to leave, no later than so much
    after it, with a known aircraft, and neither before nor after it in its rotation."""
    related = set(plan.rotation(leg))
    earlier = leg
    while plan.before[earlier] >= 0:
        earlier = int(plan.before[earlier])
        related.add(earlier)
    open_from, until = at + NOTICE_MINUTES, plan.departs[leg] + within_minutes
    candidates = np.flatnonzero(
        (plan.departs >= open_from) & (plan.departs <= until) & plan.may_change & ~plan.cancelled
    )
    return [int(one) for one in candidates if int(one) not in related and plan.origin[one] == plan.origin[leg]]
