"""Days as they would have gone had somebody followed a policy: every few hours it looks at what is known and may change
the plan; what then happens is what really happened, passed on through the changed plan."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from optimizer.actions.action import Action, alternatives, applied, objections
from optimizer.actions.day_plan import DayPlan, Known
from optimizer.actions.days_2013 import Days
from optimizer.actions.effect import Totals, totals
from optimizer.actions.foresee import foreseen, known_at, play, real
from optimizer.actions.recommend import recommend
from optimizer.actions.reroute import LATE_ENOUGH_MINUTES, expected_ready
from optimizer.airline.fleet import fleet
from optimizer.airline.prices import Prices
from optimizer.day.simulate import Simulated

DECIDED_AFTER_HOURS: Final = (2, 5, 8, 11)
"""After a carrier's first departure of the day."""
PAD_MINUTES: Final = 5
PAD: Final = "pad by 5 min"
SAMPLES: Final = 40

Policy = Callable[[Days, DayPlan, Known, float], Action | None]


class Followed(NamedTuple):
    """A carrier's day: what it came to by each policy, how many actions each took, and how long each of their decisions
    took to find. `on_time_as_sold` are arrivals by the times that stood when seats were sold, whatever a policy
    publishes."""

    by_policy: dict[str, Totals]
    on_time_as_sold: dict[str, float]
    actions: dict[str, int]
    seconds: dict[str, list[float]]


def followed(days: Days, day: int, carrier: str, *, recovered: float, prices: Prices) -> Followed:
    """By all policies, with the same luck. Raises ValueError if the carrier has no flights that day, or none before."""
    plan = days.plan(day, carrier)
    luck = real(days.past, plan, seed=day, recovered=recovered)
    nothing = play(plan, luck)
    found = {"nothing": totals(plan, nothing, prices)}
    taken = {"nothing": 0}
    seconds: dict[str, list[float]] = {}
    for name, policy in {"top action": top_action, "largest aircraft": largest_aircraft}.items():
        changed, count = plan, 0
        for hours in DECIDED_AFTER_HOURS:
            known = known_at(changed, play(changed, luck), int(plan.departs[0]) + 60 * hours)
            began = time.perf_counter()
            action = policy(days, changed, known, recovered)
            seconds.setdefault(name, []).append(time.perf_counter() - began)
            if action is not None:
                changed, count = applied(action, changed), count + 1
        found[name] = totals(changed, play(changed, luck), prices)
        taken[name] = count
    as_sold = {name: float(one.on_time[0]) for name, one in found.items()}
    found[PAD] = padded(plan, nothing, prices)
    as_sold[PAD] = as_sold["nothing"]  # nobody lands a minute sooner
    taken[PAD] = len(plan)
    return Followed(found, as_sold, taken, seconds)


def top_action(days: Days, plan: DayPlan, known: Known, recovered: float) -> Action | None:
    """What `recommend` puts first, if more than chance says that it is worth doing."""
    every = list(range(len(plan)))
    found = recommend(days.past, plan, known, every, recovered=recovered, samples=SAMPLES, most=1)
    best = found.advice[0] if found.advice else None
    return best.action if best is not None and best.worth_doing else None


def largest_aircraft(days: Days, plan: DayPlan, known: Known, recovered: float) -> Action | None:
    """The leg whose aircraft is expected latest takes the largest one of its airport that may fly it, whenever that is
    ready."""
    luck = foreseen(days.past, plan, known, samples=SAMPLES, seed=0, recovered=recovered)
    ready = expected_ready(plan, play(plan, luck).arrival.astype(np.float64))
    for leg in (int(one) for one in np.argsort(plan.departs - ready, kind="stable")):
        if ready[leg] - plan.departs[leg] < LATE_ENOUGH_MINUTES:
            break
        partners = alternatives(plan, leg, known.at, 5 * 60)
        for other in sorted(partners, key=lambda one: (-fleet()[plan.designator[one]].seats, one)):
            if fleet()[plan.designator[other]].seats <= fleet()[plan.designator[leg]].seats:
                break
            ids = plan.flight_id[leg], plan.flight_id[other]
            action = Action("swap_gauge", aircraft_of=(ids, ids[::-1]))
            if not objections(action, plan, known):
                return action
    return None


def padded(plan: DayPlan, played: Simulated, prices: Prices) -> Totals:
    """All flights are published to take PAD_MINUTES more: the same arrivals are so much less late, and crews are
    paid for it. Nothing leaves later, so nobody's aircraft does either."""
    less_late = played._replace(arrival=played.arrival - np.float32(PAD_MINUTES))
    found = totals(plan, less_late, prices)
    crews = sum(fleet()[one].crew_cents(PAD_MINUTES) for one in plan.designator)
    cents = found.cents.copy()
    cents[1] += crews
    return found._replace(cents=cents)


def carriers(days: Days, day: int, least_flights: int) -> list[str]:
    """With so many flights that day at least."""
    flights = days.past.flights
    names, counts = np.unique(flights.table["carrier"].to_numpy()[flights.day == day], return_counts=True)
    return [str(name) for name, count in zip(names, counts, strict=True) if count >= least_flights]
