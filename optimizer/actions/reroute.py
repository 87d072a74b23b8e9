"""The day's remaining rotations of an airport as a tactical problem, and its best answer as one action."""

from typing import Final

import numpy as np

from optimizer.actions.action import NOTICE_MINUTES, Action
from optimizer.actions.day_plan import ALWAYS, DayPlan, Known
from optimizer.airline.fleet import fleet
from optimizer.airline.prices import Prices
from optimizer.flights import NEVER, Floats
from optimizer.mip.selection import Stop
from optimizer.solve import TacticalResult, solve
from optimizer.tactical.problem import Aircraft, Leg, TacticalProblem

MOST_AIRCRAFT: Final = 9
"""The latest ones and those that could help them: with more, the number of lines grows faster than what they gain."""
LONGEST_DELAY_MINUTES: Final = 600
CREW_MINUTES_MORE: Final = 120
"""A crew flies at most so much more block time than its aircraft's rotation was planned for."""
LATE_ENOUGH_MINUTES: Final = 10.0


def expected_ready(plan: DayPlan, arrival_late: Floats) -> Floats:
    """The minute at which each leg's aircraft is expected, by the mean of the samples in which the leg before lands."""
    landed = ~np.isnan(arrival_late)
    mean = np.where(landed, arrival_late, 0).sum(axis=1) / np.maximum(landed.sum(axis=1), 1)
    brings = np.where(plan.before >= 0, np.maximum(mean[plan.before], 0.0), 0.0)
    found: Floats = plan.ready + brings
    return found


def tactical_problem(
    plan: DayPlan, known: Known, ready: Floats, airport: str, prices: Prices
) -> TacticalProblem | None:
    """Those aircraft of the airport that will be late, and the ones that could help; None if none is late."""
    origin = np.array([one == airport for one in plan.origin])
    soon = plan.departs >= known.at + NOTICE_MINUTES
    free = origin & soon & plan.may_change & ~plan.cancelled & (known.departed == NEVER)
    # An aircraft's first leg that may still change is where it can change hands.
    first = [int(leg) for leg in np.flatnonzero(free) if plan.before[leg] < 0 or not free[plan.before[leg]]]
    late = np.maximum(ready - plan.departs, 0.0)
    latest = sorted(first, key=lambda leg: (-late[leg], leg))
    if not latest or late[latest[0]] < LATE_ENOUGH_MINUTES:
        return None
    needy = [leg for leg in latest[: MOST_AIRCRAFT // 2] if late[leg] >= LATE_ENOUGH_MINUTES]
    middle = float(np.median([plan.departs[leg] for leg in needy]))
    helping = sorted((leg for leg in first if leg not in needy), key=lambda leg: (abs(plan.departs[leg] - middle), leg))
    heads = sorted(needy + helping[: MOST_AIRCRAFT - len(needy)])
    legs, aircraft, planned = [], [], {}
    for head in heads:
        tail = f"aircraft of {plan.flight_id[head]}"
        rotation = [leg for leg in plan.rotation(head) if free[leg]]
        for leg in rotation:
            legs.append(_leg(plan, leg))
            planned[plan.flight_id[leg]] = tail
        block = sum(2 * int(plan.arrives[leg] - plan.departs[leg]) for leg in rotation)
        kind = plan.designator[head]
        since = known.at if ready[head] <= ALWAYS / 2 else max(round(float(ready[head])), known.at)
        aircraft.append(Aircraft(tail, kind, int(plan.seats[head]), airport, since, block + CREW_MINUTES_MORE))
    return TacticalProblem(
        tuple(legs), tuple(aircraft), planned, prices, longest_delay_minutes=LONGEST_DELAY_MINUTES, longest_line_legs=3
    )


def rerouted(plan: DayPlan, problem: TacticalProblem, stop: Stop, seed: int) -> tuple[Action | None, TacticalResult]:
    """The best answer as one action on all aircraft whose day it changes; None if it changes none."""
    found = solve(problem, stop, seed)
    lines: dict[str, list[str]] = {one.tail: [] for one in problem.aircraft}
    for one in found.flown:
        lines[one.tail].append(one.leg_id)
    planned: dict[str, list[str]] = {one.tail: [] for one in problem.aircraft}
    for leg in sorted(problem.legs, key=lambda one: one.departs_minute):
        planned[problem.planned[leg.leg_id]].append(leg.leg_id)
    changed = [tail for tail in lines if lines[tail] != planned[tail]]
    if found.outcome.status in ("infeasible", "unknown") or not changed:
        return None, found
    moved = tuple((planned[tail][0], tuple(lines[tail])) for tail in sorted(changed))
    return Action("reroute", lines=moved), found


def _leg(plan: DayPlan, leg: int) -> Leg:
    block = int(plan.arrives[leg] - plan.departs[leg])
    later = plan.after(leg)
    return Leg(
        leg_id=plan.flight_id[leg],
        origin=plan.origin[leg],
        destination=plan.destination[leg],
        back=plan.origin[later] if later is not None else plan.origin[leg],
        departs_minute=int(plan.departs[leg]),
        arrives_minute=int(plan.arrives[leg]),
        back_minute=max(round(plan.back_ready(leg)), int(plan.arrives[leg])),
        turnaround_minutes=0,  # back_ready has it
        block_minutes=2 * block,
        distance_km=int(plan.distance_km[leg]),
        passengers=int(plan.passengers[leg]),
        fare_cents=int(plan.fare_cents[leg]),
        family=fleet()[plan.designator[leg]].family,
    )
