"""What the timetable of a day two weeks ahead could say of some flights: leave earlier or later, stand longer before
them, take more time on the way. Each is played like a change of today's plan, with luck from days that are known now.

To take less time on the way makes nobody land sooner: it frees hours of aircraft and crews for other flights, which is
the week's question (`optimizer/planning`).
"""

from typing import Final

import numpy as np

from optimizer.actions.action import Action, objections
from optimizer.actions.day_plan import DayPlan, Known
from optimizer.actions.foresee import Luck
from optimizer.actions.recommend import PRICES, Recommendation, ranked
from optimizer.airline.prices import Prices
from optimizer.day.past_days import PastDays, days_before, donors, drawn_days
from optimizer.day.simulate import recovery_luck
from optimizer.flights import NEVER, Floats

DAYS_AHEAD: Final = 14
"""The next timetable of the same weekday that can still be changed is 8 to 14 days away."""
RETIMED_MINUTES: Final = (-20, -10, 10, 20)
TURNAROUND_MINUTES: Final = (10, 20, 30)
PADDED_MINUTES: Final = (5, 10)
MOST_LEGS: Final = 8
SAMPLES: Final = 100


def timetable_choices(plan: DayPlan, known: Known, focus: list[int]) -> tuple[list[Action], list[str]]:
    """Those that nothing forbids, and why others are."""
    found, forbidden = [], []
    for leg in focus[:MOST_LEGS]:
        of_leg = (plan.flight_id[leg],)
        follows, alone = plan.before[leg] >= 0, plan.before[leg] < 0 and plan.after(leg) is None
        # Who waits for no aircraft and keeps none waiting is as late at any hour.
        every = [] if alone else [Action("retime", of_leg, minutes=minutes) for minutes in RETIMED_MINUTES]
        every += [Action("turnaround", of_leg, minutes=minutes) for minutes in TURNAROUND_MINUTES if follows]
        every += [Action("pad_block", of_leg, minutes=minutes) for minutes in PADDED_MINUTES]
        for action in every:
            against = objections(action, plan, known)
            forbidden += against
            found += [] if against else [action]
    return found, forbidden


def retimings(
    past: PastDays,
    plan: DayPlan,
    today: int,
    focus: list[int],
    *,
    recovered: float,
    seed: int = 0,
    samples: int = SAMPLES,
    prices: Prices = PRICES,
) -> Recommendation:
    """The best first, for the legs `focus` of a plan at least a week ahead of `today` (days since the epoch). Its tails
    stand for the rotation that is planned. The same for the same seed. Raises ValueError without days before today."""
    nobody = np.full(len(plan), NEVER)
    known = Known((today + 1) * 24 * 60, nobody, nobody)
    actions, forbidden = timetable_choices(plan, known, focus)
    luck = known_luck(past, plan, today, recovered=recovered, seed=seed, samples=samples)
    return ranked(plan, luck, actions, prices, forbidden, "nothing that was tried is forbidden")


def known_luck(past: PastDays, plan: DayPlan, today: int, *, recovered: float, seed: int, samples: int) -> Luck:
    """Of a day ahead, by the days before today."""
    shared = donors(past, plan.place, drawn_days(days_before(past, today), today, samples, seed), seed)
    usual = _usual_till(past, plan, today)[:, None]
    hurried = recovery_luck(past.flights, plan.place, samples, seed) < recovered
    return Luck(past.own[shared], past.lost[shared] + usual, hurried, np.zeros(len(plan), np.bool_))


def _usual_till(past: PastDays, plan: DayPlan, today: int) -> Floats:
    """What each leg's route usually lost on the way, as known today; 0 where it was not flown yet."""
    route = past.flights.codes("carrier", "origin", "destination")
    seen = np.flatnonzero(past.flights.day < today)
    newest = dict(zip(route[seen].tolist(), past.usual[seen].tolist(), strict=True))
    return np.array([newest.get(one, 0.0) for one in route[plan.place].tolist()])
