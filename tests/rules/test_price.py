"""What errors cost: by hand, and what must hold at any price."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rules.backtest import backtest
from rules.load import Catalog
from rules.price import PRICES, Bill, Prices, bill, loss_usd
from rules.score_table import table
from rules.truth import Bools, Truth, truth
from tests.rules.making import HOUR, START, rule
from tests.rules.test_backtest import NOON, flat, written

SHAPE = (3, 20)
HOURS_OF = st.builds(
    lambda bad, minutes, lost: Truth([*"abc"], START, bad, [], minutes, lost),
    arrays(np.bool_, SHAPE),
    arrays(np.int64, SHAPE, elements=st.integers(1, 3000)),
    arrays(np.int64, SHAPE, elements=st.integers(0, 12)),
)
REDS = arrays(np.bool_, SHAPE)
TIMES = st.floats(1e-3, 1e3)


def changes(red: Bools) -> int:
    return int((red[:, 1:] != red[:, :-1]).sum())


def test_by_hand() -> None:
    """240 late minutes and one flight of 180 that never came: 420 x 74.24 x 0.1 / 24 = US$ 129.92 per hour.

    Hour 0 is found, hour 1 missed, hour 2 is red for nothing, hour 3 rightly green.
    """
    one = Truth(["a"], START, np.array([[True, True, False, False]]), [], np.full((1, 4), 240), np.full((1, 4), 1))
    assert loss_usd(one)[0].tolist() == pytest.approx([129.92] * 4)
    costs = bill(np.array([[True, False, True, False]]), 3, one)
    assert costs == pytest.approx(Bill(129.92, 100, 45))
    assert costs.usd == pytest.approx(274.92)
    assert costs.per(2).usd == pytest.approx(137.46)
    assert bill(np.zeros((1, 4), np.bool_), 0, one, PRICES.scaled(missed=2)).missed_usd == pytest.approx(2 * 2 * 129.92)
    assert bill(np.ones((1, 4), np.bool_), 0, one, PRICES.scaled(false=0.5)) == pytest.approx(Bill(0, 100, 0))


@given(HOURS_OF, TIMES, TIMES)
def test_always_red_and_never_red_err_at_any_price_and_a_perfect_light_never(
    one: Truth, missed: float, false: float
) -> None:
    prices = PRICES.scaled(missed, false)
    never, always = np.zeros(SHAPE, np.bool_), np.ones(SHAPE, np.bool_)
    assert bill(one.bad, 0, one, prices).usd == 0
    assert (bill(never, 0, one, prices).usd > 0) == one.bad.any()
    assert (bill(always, 0, one, prices).usd > 0) == (not one.bad.all())


@given(HOURS_OF, st.floats(0.5, 2), st.floats(0.5, 2))
def test_the_messages_of_a_perfect_light_cost_less_than_any_long_stretch(
    one: Truth, missed: float, false: float
) -> None:
    """Ten hours of four flights that never came: US$ 1,100 at half the price, against two messages for 30."""
    bad = np.zeros(SHAPE, np.bool_)
    bad[:, 5:15] = True
    one = one._replace(bad=bad, not_arrived=one.not_arrived + 4)
    prices = PRICES.scaled(missed, false)
    perfect = bill(bad, changes(bad), one, prices).usd
    assert perfect < bill(np.zeros(SHAPE, np.bool_), 0, one, prices).usd
    assert perfect < bill(np.ones(SHAPE, np.bool_), 0, one, prices).usd


@given(HOURS_OF, REDS)
def test_each_route_has_its_own_bill(one: Truth, red: Bools) -> None:
    alone = [
        Truth([one.routes[n]], START, one.bad[[n]], [], one.late_minutes[[n]], one.not_arrived[[n]]) for n in range(3)
    ]
    bills = [bill(red[[n]], changes(red[[n]]), part) for n, part in enumerate(alone)]
    assert np.sum(bills, axis=0) == pytest.approx(list(bill(red, changes(red), one)))


@given(HOURS_OF, REDS)
def test_one_more_right_hour_is_never_dearer_and_one_more_false_hour_always(one: Truth, red: Bools) -> None:
    better, worse = red | one.bad, red | ~one.bad
    assert bill(better, 0, one).usd <= bill(red, 0, one).usd
    assert bill(worse, 0, one).usd == pytest.approx(bill(red, 0, one).usd + 100 * (worse & ~red).sum())


@given(HOURS_OF)
def test_cancelled_flights_are_not_free_to_miss(one: Truth) -> None:
    """A day of cancellations has no arrival that could be late."""
    nothing_flew = one._replace(late_minutes=np.zeros(SHAPE, np.int64), not_arrived=np.full(SHAPE, 10))
    missed = bill(np.zeros(SHAPE, np.bool_), 0, nothing_flew).missed_usd
    assert missed == pytest.approx(one.bad.sum() * 10 * 180 * 74.24 * 0.1 / 24)


def test_the_backtest_prices_its_lights(tmp_path: Path) -> None:
    """Ten flights a day; in the rows of hours 30 to 69 two are on time, five late by 60 min, three cancelled.

    Bad hours 18 to 57, red 30 to 69: 12 missed at (300 + 3 x 180) x 74.24 x 0.1 / 24 = 259.84, 12 false ones at 100,
    and told twice.
    """
    good = [flat("JFK-LAX", NOON + hour * HOUR, 10, 10) | {"arrivals": 10} for hour in range(96)]
    bad = {"arrivals_on_time": 2, "arrivals": 7, "arrival_delay_minutes": 300, "cancelled": 3}
    path = written(tmp_path, [row | (bad if 30 <= hour < 70 else {}) for hour, row in enumerate(good)])
    first, until = NOON, NOON + timedelta(days=4)
    one = truth(path, first, until)
    assert (one.late_minutes[0, 20], one.not_arrived[0, 20]) == (300, 3)
    assert (one.late_minutes[0, 10], one.not_arrived[0, 10]) == (0, 0)
    catalog = Catalog([rule(hold=timedelta(), dwell=timedelta(seconds=1), confidence=0.9)])
    (result,) = backtest(path, [catalog], first, until)
    (score,) = result.scores
    months = 4 / (365.25 / 12)
    assert score.missed_usd == pytest.approx(12 * 259.84 / months)
    assert score.false_usd == pytest.approx(1200 / months)
    assert score.messages_usd == pytest.approx(30 / months)
    assert score.usd == pytest.approx((12 * 259.84 + 1230) / months)
    assert f"US$ {score.usd:.2f}: " in table(result.scores, "")


def test_the_backtest_prices_other_lights_by_their_own_window(tmp_path: Path) -> None:
    """84 flights a week; in the rows of hours 100 to 199 half are not flown. Bad hours 16 to 115, red 100 to 199: 84
    missed at 42 x 180 x 74.24 x 0.1 / 168 = 334.08, and 84 false, of which 68 are known: the others have no row half a
    week later."""
    day = [flat("JFK-LAX", NOON + hour * HOUR, 12, 12) for hour in range(268)]
    flown = [42 if 100 <= hour < 200 else 84 for hour in range(268)]
    week = [
        row | {"window": "7d", "flights": 84, "operated": n, "arrivals": n} for row, n in zip(day, flown, strict=True)
    ]
    path = written(tmp_path, [*day, *week])
    one = rule(kpi_name="completion", window="7d", hold=timedelta(), dwell=timedelta(seconds=1), confidence=0.9)
    (result,) = backtest(path, [Catalog([one])], NOON, NOON + 200 * HOUR)
    (score,) = result.scores
    months = 200 / 24 / (365.25 / 12)
    assert score.missed_usd == pytest.approx(84 * 334.08 / months)
    assert score.false_usd == pytest.approx(100 * 68 / months)
    assert score.messages_usd == pytest.approx(15 / months)


def test_scaled_prices_leave_the_others_alone() -> None:
    assert Prices().scaled(missed=0.5, false=2) == Prices(avoidable=0.05, false_hour_usd=200)
