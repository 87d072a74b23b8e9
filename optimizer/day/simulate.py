"""Simulates days of flights: for each sample a day of the weeks before is drawn, and each flight fares as a flight of
its carrier did on that day, from its airport at its time of day: its own delay, and what it lost or won on the way.

The delay of its aircraft's leg before comes on top of its own, as far as the ground time does not take it, and as
often as people let it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.day.luck import uniform, word
from optimizer.day.past_days import days_before, donors, drawn_days, past_days
from optimizer.day.plan import Plan, brought_along
from optimizer.flights import Codes, Flags, Flights, Floats


class Simulated(NamedTuple):
    """`[flight, sample]` of those simulated: minutes late at departure and arrival (NaN if cancelled, arrival also if
    diverted), and minutes of the departure's that its aircraft brought along."""

    departure: NDArray[np.float32]
    arrival: NDArray[np.float32]
    late_aircraft: NDArray[np.float32]


def simulate(
    flights: Flights, plan: Plan, days: Codes, *, samples: int, seed: int, recovered: float = 0.0
) -> tuple[Codes, Simulated]:
    """The flights of `days` (since the epoch), by their places in `flights`; each day as of when it began. With the
    chance `recovered` an aircraft that is late is no reason to wait: another takes over, or the turn is hurried.

    Raises ValueError for a day without flights in the DAYS_BEFORE it.
    """
    chosen = np.flatnonzero(np.isin(flights.day, days))
    past = past_days(flights, plan)
    found = []
    for day in np.unique(flights.day[chosen]):
        drawn = drawn_days(days_before(past, int(day)), int(day), samples, seed)
        found.append(donors(past, np.flatnonzero(flights.day == day), drawn, seed))
    shared = np.concatenate(found)
    own, lost = past.own[shared], past.lost[shared] + past.usual[chosen][:, None]
    where = np.full(len(plan.before), -1)
    where[chosen] = np.arange(len(chosen))
    before = np.where(plan.before[chosen] >= 0, where[plan.before[chosen]], -1)
    hurried = recovery_luck(flights, chosen, samples, seed) < recovered
    return chosen, passed_on(before, plan.slack[chosen], own, lost, hurried)


def recovery_luck(flights: Flights, chosen: Codes, samples: int, seed: int) -> Floats:
    """`[flight, sample]` in [0, 1): below the share that is recovered, a late aircraft is no reason to wait."""
    ids = flights.table["flight_id"].gather(chosen).to_list()
    return uniform(np.array([word(seed, f"aircraft {one}") for one in ids], np.uint64), samples)


def recovered_share(flights: Flights, plan: Plan, days: Codes, *, samples: int, seed: int) -> float:
    """The share of lateness that aircraft would have brought along on these days, had everyone waited for theirs, and
    did not: the simulation without recovery brings along more than was."""
    chosen, simulated = simulate(flights, plan, days, samples=samples, seed=seed)
    was = brought_along(flights, plan)[chosen].sum()
    would_have_been = float(simulated.late_aircraft.sum()) / samples
    return float(np.clip(1 - was / would_have_been, 0.0, 1.0)) if would_have_been else 0.0


def passed_on(
    before: Codes, slack: Floats, own: Floats, lost: Floats, recovered: Flags, least: Floats | None = None
) -> Simulated:
    """Leg after leg: all first legs at once, then all second ones. `before` and `slack` are of each leg, the rest
    `[leg, sample]`; nobody leaves less late than `least` minutes, if that is said of each leg."""
    departure, arrival = own.copy(), own + lost
    if least is not None:
        departure = np.maximum(departure, least[:, None])
        arrival = departure + lost
    carried = np.zeros_like(own)
    waiting = np.flatnonzero(before >= 0)
    done = before < 0
    while len(waiting):
        ready = waiting[done[before[waiting]]]
        # Who did not land brings nothing along.
        brought = np.nan_to_num(np.maximum(arrival[before[ready]] - slack[ready][:, None], 0.0))
        carried[ready] = np.where(recovered[ready], 0.0, brought)
        late_too = np.maximum(own[ready], 0.0) + carried[ready]
        left = np.where(carried[ready] > 0, late_too, own[ready])
        if least is not None:
            left = np.maximum(left, least[ready][:, None])
        departure[ready] = np.where(np.isnan(own[ready]), np.nan, left)
        arrival[ready] = departure[ready] + lost[ready]
        done[ready] = True
        waiting = waiting[~np.isin(waiting, ready)]
    of_it = np.where(np.isnan(departure), 0.0, np.minimum(carried, np.maximum(departure, 0.0)))
    return Simulated(departure.astype(np.float32), arrival.astype(np.float32), of_it.astype(np.float32))
