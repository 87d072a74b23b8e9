"""Which days of the past today is like, on a made-up season of good and bad days."""

import numpy as np
import polars as pl

from optimizer.actions.alike import ALIKE_DAYS, alike, expected_share, share_of_days
from optimizer.actions.day_plan import Known
from optimizer.actions.foresee import known_at, play, real
from optimizer.day.past_days import days_before
from optimizer.live.delay_model import shipped_model
from tests.optimizer.actions.test_recommend import SHARE, days_of
from tests.optimizer.made_up import season

TABLE = season(40, seed=3)[0]
DAYS = days_of(TABLE)
LAST = int(DAYS.past.flights.day.max())
PLAN = DAYS.plan(LAST, "AA")
NOON = LAST * 1440 + 12 * 60


def known(late_minutes: int = 0) -> Known:
    """At noon, every departure of the morning so many minutes later than it was."""
    happened = known_at(PLAN, play(PLAN, real(DAYS.past, PLAN, seed=1, recovered=SHARE)), NOON)
    later = np.where(happened.departed < NOON, happened.departed + late_minutes, happened.departed)
    return Known(NOON, later, happened.arrived)


def test_the_share_of_each_day_is_what_it_was() -> None:
    one = LAST - 5
    late = (pl.col("arrived_at") - pl.col("arrives_at")).dt.total_minutes().fill_null(99) >= 15
    clock = pl.col("departs_local_minute")
    by_hand = TABLE.filter(
        (pl.col("carrier") == "AA") & (pl.col("day").cast(pl.Int32) == one) & (clock > 720) & (clock <= 720 + 8 * 60)
    ).select(late.mean())
    assert share_of_days(DAYS.past, "AA", np.array([one]), 720) == {one: by_hand.item()}


def test_the_closest_days_are_taken() -> None:
    days = days_before(DAYS.past, LAST)
    taken = alike(DAYS.past, PLAN, known(), days)
    assert len(taken) == ALIKE_DAYS
    expected = expected_share(shipped_model(), DAYS.past, PLAN, known())
    assert expected is not None
    clock = int(NOON - PLAN.departs[0] + DAYS.past.flights.column("departs_local_minute")[PLAN.place[0]])
    apart = {day: abs(share - expected) for day, share in share_of_days(DAYS.past, "AA", days, clock).items()}
    assert max(apart[int(day)] for day in taken) <= min(apart[day] for day in apart if day not in taken)


def test_a_late_morning_lets_expect_a_late_afternoon() -> None:
    calm, bad = (expected_share(shipped_model(), DAYS.past, PLAN, known(minutes)) for minutes in (0, 60))
    assert calm is not None
    assert bad is not None
    assert bad > calm
