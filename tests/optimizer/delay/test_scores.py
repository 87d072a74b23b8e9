import math

import numpy as np
import pytest

from optimizer.delay.recent import Said
from optimizer.delay.scores import (
    ChanceScore,
    IntervalScore,
    calibration_error,
    chance_score,
    interval_score,
    missed_bars,
    pinball,
)

GOOD = ChanceScore(0.428, 0.134, 0.778, 0.008)
INTERVAL = IntervalScore(0.80, {9: 0.81, 12: 0.78}, 6.39)


def test_scores_of_four_flights() -> None:
    score = chance_score(np.array([0.1, 0.2, 0.8, 0.6]), np.array([False, True, True, False]))
    assert score.log_loss == pytest.approx(-(2 * math.log(0.8 * 0.2 * 0.9 * 0.4) - math.log(0.8 * 0.2 * 0.9 * 0.4)) / 4)
    assert score.brier == pytest.approx((0.01 + 0.64 + 0.04 + 0.36) / 4)
    assert score.auc == pytest.approx(3 / 4)  # of four pairs, only (0.2, 0.6) is the wrong way round


def test_calibration_is_judged_by_tenths() -> None:
    # One bin says 0.15 of two flights of which one is disrupted, another 0.95 of one that is.
    error = calibration_error(np.array([0.1, 0.19999, 0.95]), np.array([True, False, True]))
    assert error == pytest.approx((abs(0.29999 - 1) + 0.05) / 3)
    assert calibration_error(np.array([1.0]), np.array([True])) == 0


def test_a_quantile_pays_for_the_side_it_is_wrong_on() -> None:
    late = np.array([10.0, 0.0])
    assert pinball(late, np.array([5.0, 5.0]), 0.9) == pytest.approx((0.9 * 5 + 0.1 * 5) / 2)
    assert pinball(late, late, 0.1) == 0


def test_an_interval_holds_its_ends() -> None:
    said = Said(np.zeros(4), np.zeros(4), np.full(4, 5.0), np.full(4, 10.0))
    score = interval_score(said, np.array([0.0, 10.0, 11.0, -1.0]), np.array([9.0, 9.0, 9.0, 10.0]))
    assert score.coverage == 0.5
    assert score.by_month == {9: pytest.approx(2 / 3), 10: 0.0}


@pytest.mark.parametrize(
    ("chance", "without_tails", "interval", "says"),
    [
        (GOOD._replace(log_loss=0.4301), GOOD, INTERVAL, "log-loss 0.4301"),
        (GOOD._replace(log_loss=0.40), GOOD, INTERVAL, "look for a leak"),
        (GOOD._replace(brier=0.136), GOOD, INTERVAL, "Brier"),
        (GOOD._replace(auc=0.774), GOOD, INTERVAL, "AUC"),
        (GOOD._replace(calibration_error=0.016), GOOD, INTERVAL, "calibration"),
        (GOOD, GOOD._replace(log_loss=0.443), INTERVAL, "without tails"),
        (GOOD, GOOD, INTERVAL._replace(coverage=0.823), "covers 82.3%"),
        (GOOD, GOOD, INTERVAL._replace(by_month={9: 0.8, 10: 0.769}), "76.9% in month 10"),
        (GOOD, GOOD, INTERVAL._replace(pinball_minutes=6.41), "pinball"),
    ],
)
def test_each_bar_is_held(chance: ChanceScore, without_tails: ChanceScore, interval: IntervalScore, says: str) -> None:
    assert missed_bars(GOOD, GOOD, INTERVAL) == []
    (missed,) = missed_bars(chance, without_tails, interval)
    assert says in missed
