"""How a day may go on from what is known at some minute, and how it really went on, with all luck the same whatever is
done about it."""

from typing import Final, NamedTuple

import numpy as np

from optimizer.actions.alike import alike
from optimizer.actions.day_plan import OWN_AIRCRAFT, DayPlan, Known
from optimizer.day.past_days import PastDays, days_before, donors, drawn_days
from optimizer.day.simulate import Simulated, passed_on, recovery_luck
from optimizer.flights import NEVER, Flags, Floats, Minutes

WAITS_ON_MINUTES: Final = 10
"""Who should have left and has not waits so much longer at least."""


class Luck(NamedTuple):
    """`[leg, sample]`: its own delay (NaN if it is cancelled whatever is done), what it loses on the way (NaN if it is
    diverted), whether its late aircraft is no reason to wait; and of each leg whether it has left already."""

    own: Floats
    lost: Floats
    recovered: Flags
    gone: Flags


def known_at(plan: DayPlan, played: Simulated, at: int) -> Known:
    """What is known then, if the day goes as the first sample of `played`."""
    departed = _minutes(plan.departs, played.departure[:, 0].astype(np.float64))
    arrived = _minutes(plan.arrives, played.arrival[:, 0].astype(np.float64))
    return Known(at, np.where(departed <= at, departed, NEVER), np.where(arrived <= at, arrived, NEVER))


def foreseen(past: PastDays, plan: DayPlan, known: Known, *, samples: int, seed: int, recovered: float) -> Luck:
    """Drawn from the days before whose rest went as that of today is expected to go (`alike.py`). Raises ValueError
    without days before."""
    day = int(past.flights.day[plan.place[0]])
    like_today = alike(past, plan, known, days_before(past, day))
    shared = donors(past, plan.place, drawn_days(like_today, day, samples, seed), seed)
    own, lost = past.own[shared], past.lost[shared] + past.usual[plan.place][:, None]
    gone, landed = known.departed < NEVER, known.arrived < NEVER
    late = (known.departed - plan.departs).astype(np.float64)
    waited = np.maximum(known.at - plan.departs, 0)[:, None]
    own = np.where((waited > 0) & (own < waited + WAITS_ON_MINUTES), waited + WAITS_ON_MINUTES, own)
    own = np.where(gone[:, None], late[:, None], own)
    on_the_way = (known.arrived - plan.arrives).astype(np.float64) - late
    lost = np.where(landed[:, None], on_the_way[:, None], lost)
    hurried = recovery_luck(past.flights, plan.place, samples, seed) < recovered
    return Luck(own, lost, hurried, gone)


def real(past: PastDays, plan: DayPlan, *, seed: int, recovered: float) -> Luck:
    """How it really went: one sample. Whether a leg would have waited for an aircraft that was not late is luck."""
    place = plan.place
    own, lost = past.own[place][:, None], (past.lost[place] + past.usual[place])[:, None]
    drawn = recovery_luck(past.flights, place, 1, seed)[:, 0] < recovered
    hurried = np.where(past.carried[place] > 0, past.kept[place] == 0, drawn)
    return Luck(own, lost, hurried[:, None], np.zeros(len(plan), np.bool_))


def play(plan: DayPlan, luck: Luck) -> Simulated:
    """The day by that plan, with that luck."""
    own = np.where(plan.cancelled[:, None], np.nan, luck.own)
    before = np.where(luck.gone, OWN_AIRCRAFT, plan.before)
    least = np.where(luck.gone, -np.inf, plan.least)
    # Minutes that the timetable was given on the way are lost no more.
    lost = luck.lost - np.where(luck.gone, 0.0, plan.padded_minutes)[:, None]
    return passed_on(before, plan.slack, own, lost, luck.recovered, least)


def _minutes(scheduled: Minutes, late: Floats) -> Minutes:
    known = ~np.isnan(late)
    return np.where(known, scheduled + np.round(np.where(known, late, 0)).astype(np.int64), NEVER)
