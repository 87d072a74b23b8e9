"""What could be done about some flights: every action that may help, the likeliest first."""

from typing import Final, NamedTuple

import numpy as np

from optimizer.actions.action import NOTICE_MINUTES, Action, alternatives, objections
from optimizer.actions.day_plan import DayPlan, Known
from optimizer.actions.foresee import Luck, play
from optimizer.actions.reroute import expected_ready, rerouted, tactical_problem
from optimizer.airline.prices import Prices
from optimizer.flights import NEVER, Floats
from optimizer.mip.selection import Stop

LATE_AIRCRAFT_MINUTES: Final = 8.0
"""An aircraft that is expected so late is worth a change; below, people's own recovery does."""
PARTNERS_WITHIN_MINUTES: Final = 5 * 60
MOST_SWAPS: Final = 8
MOST_CANCELLED: Final = 3
CANCEL_FROM_MINUTES: Final = 90.0
HOLD_MINUTES: Final = 15
SOLVE: Final = Stop(seconds=30.0, nodes=500)
"""Nodes, so that a busy machine gives the same advice: these problems are solved at the root, in 0.02 to 0.5 s."""


class Candidates(NamedTuple):
    """Actions that nothing forbids; why others that looked better are forbidden; what binds the best rotations."""

    actions: list[Action]
    forbidden: list[str]
    binding: tuple[str, ...]


def candidates(
    plan: DayPlan, known: Known, luck: Luck, focus: list[int], prices: Prices, *, seed: int, stop: Stop = SOLVE
) -> Candidates:
    """For the legs of `focus`. The same for the same seed, unless the solver's time runs out."""
    played = play(plan, luck)
    ready = expected_ready(plan, played.arrival.astype(np.float64))
    late = np.maximum(ready - plan.departs, 0.0)
    open_legs = [
        leg
        for leg in focus
        if known.departed[leg] == NEVER and plan.departs[leg] >= known.at + NOTICE_MINUTES and not plan.cancelled[leg]
    ]
    swaps = _swaps(plan, known, ready, [leg for leg in open_legs if late[leg] >= LATE_AIRCRAFT_MINUTES])
    found: list[Action] = []
    forbidden: list[str] = []
    for _, swap in swaps:
        against = objections(swap, plan, known)
        if not against and len(found) < MOST_SWAPS:
            found.append(swap)
        forbidden += [] if len(found) == MOST_SWAPS else against
    binding: tuple[str, ...] = ()
    for airport in sorted({plan.origin[leg] for leg in open_legs}):
        problem = tactical_problem(plan, known, ready, airport, prices)
        if problem is None:
            continue
        action, result = rerouted(plan, problem, stop, seed)
        binding += result.outcome.binding
        if action is not None and not objections(action, plan, known):
            found.append(action)
    worst = sorted(open_legs, key=lambda leg: (-late[leg], leg))[:MOST_CANCELLED]
    cancels = [Action("cancel", (plan.flight_id[leg],)) for leg in worst if late[leg] >= CANCEL_FROM_MINUTES]
    cancels += _suspensions(plan, open_legs, late)
    holds = [Action("hold", (plan.flight_id[leg],), minutes=HOLD_MINUTES) for leg in open_legs[:1]]
    return Candidates(found + [one for one in cancels + holds if one not in found], forbidden, binding)


def _suspensions(plan: DayPlan, legs: list[int], late: Floats) -> list[Action]:
    """The rest of the day of a route all of whose aircraft are expected so late, if that is more than one leg."""
    found = []
    for route in sorted({(plan.origin[leg], plan.destination[leg]) for leg in legs}):
        all_of = [leg for leg in legs if (plan.origin[leg], plan.destination[leg]) == route]
        if len(all_of) > 1 and min(late[leg] for leg in all_of) >= CANCEL_FROM_MINUTES:
            found.append(Action("suspend", tuple(plan.flight_id[leg] for leg in all_of)))
    return found


def _swaps(plan: DayPlan, known: Known, ready: Floats, legs: list[int]) -> list[tuple[float, Action]]:
    """By passenger minutes that they would save if aircraft came as expected."""
    found = []
    for leg in legs:
        for other in alternatives(plan, leg, known.at, PARTNERS_WITHIN_MINUTES):
            apart = _late(plan, ready, leg, leg) + _late(plan, ready, other, other)
            crossed = _late(plan, ready, leg, other) + _late(plan, ready, other, leg)
            if crossed < apart:
                alike = plan.designator[leg] == plan.designator[other]
                one, two = sorted((leg, other))
                pairs = ((plan.flight_id[one], plan.flight_id[two]), (plan.flight_id[two], plan.flight_id[one]))
                action = Action("swap_tails" if alike else "swap_gauge", aircraft_of=pairs)
                found.append((apart - crossed, action))
    return sorted(dict.fromkeys(found), key=lambda pair: (-pair[0], pair[1].aircraft_of))


def _late(plan: DayPlan, ready: Floats, leg: int, aircraft_of: int) -> float:
    return float(max(ready[aircraft_of] - plan.departs[leg], 0.0) * plan.passengers[leg])
