"""The bound of a mean: by hand, and on real flights: how often it is beyond the truth."""

from datetime import timedelta
from statistics import NormalDist
from zipfile import ZipFile

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rules.evaluate import evaluate
from rules.evidence import weigh
from rules.load import load_catalog
from rules.mean_bound import mean_reach
from schemas.lights import Light, LightState
from tests.rules.making import DELAY, HOUR, START, delayed, filled, row, rule
from warehouse.parity_command import data_set_folder

Z95 = NormalDist().inv_cdf(0.95)


def test_by_hand() -> None:
    # 40 / 5 x (1.644854 + 4.5 x (1.644854² - 1) / (6 x 5)) = 8 x (1.644854 + 4.5 x 1.705544 / 30)
    assert mean_reach(40, 4.5, 25, Z95) == pytest.approx(15.2055, abs=1e-4)
    assert mean_reach(40, 0, 25, Z95) == pytest.approx(40 / 5 * 1.644854, abs=1e-4)


@given(st.floats(0.1, 1e3), st.floats(0, 50), st.integers(1, 10**6), st.floats(0.51, 0.999))
def test_more_flights_bring_it_nearer_and_a_skew_never_does(spread: float, skew: float, n: int, level: float) -> None:
    z = NormalDist().inv_cdf(level)
    assert 0 < mean_reach(spread, skew, n + 1, z) < mean_reach(spread, skew, n, z)
    assert mean_reach(spread, skew, n, z) >= mean_reach(spread, 0, n, z)


def test_evidence_carries_the_bound_on_both_sides() -> None:
    one = rule(DELAY, confidence=0.95, spread=40, skew=4.5)
    evidence = weigh(one, delayed(500, 25), {}, START).evidence
    assert evidence.value == 20
    assert evidence.lower == pytest.approx(4.7945, abs=1e-4)
    assert evidence.upper == pytest.approx(35.2055, abs=1e-4)
    # Of one flight 40 x (1.644854 + 4.5 x 1.705544 / 6) = 116.96; of none there is nothing to say.
    alone = weigh(rule(one, min_n=1), delayed(200, 1), {}, START).evidence
    assert alone.lower == pytest.approx(200 - 116.9605, abs=1e-3)
    counts_flights = rule(one, n_of="flights")
    assert weigh(counts_flights, delayed(200, 1), {}, START).evidence.lower is None


def test_one_of_three_flights_three_hours_late_alarms_no_one() -> None:
    """Beyond red by its value, 60 minutes where 20 are red; by its bound, 60 - 55.7, it is not even amber."""
    shipped = load_catalog().rules["mean_arrival_delay"]
    one = rule(shipped, min_n=1, hold=timedelta(), confidence=0.95)
    state = LightState(light=Light.GREEN, since_at=START - HOUR, rule_version=one.version)
    lonely = row(window="7d", arrivals=3, arrival_delay_minutes=180)
    after, transition = evaluate(one, lonely, {}, state, START)
    assert transition is None
    assert "worse than amber 10, but chance could explain it" in after.reason
    # The same mean of 60 such flights is no chance.
    many = row(window="7d", arrivals=60, arrival_delay_minutes=3600)
    assert evaluate(one, many, {}, state, START)[0].light is Light.RED
    # Without the bound the three would have been red.
    bare = rule(one, spread=None, confidence=None)
    assert evaluate(bare, lonely, {}, state, START)[0].light is Light.RED


def test_a_kpi_against_another_of_the_same_row() -> None:
    # Load 80 %, cost 95 % of revenue: break-even at 76 %. Nine flights of spread 15: 15 / 3 x 1.281552 = 6.4 points.
    one = rule(
        kpi_name="load_factor", against="break_even_load_factor", spread=15.0, confidence=0.9, n_of="operated",
        amber=5, red=0, recover_amber=6, recover_red=1,
    )  # fmt: skip
    traffic = {"passenger_km": 80, "seat_km": 100, "operated": 9, "modelled_money": 2, "modelled_traffic": 5}
    a_row = filled({**traffic, "ticket_revenue": 1000, "fuel_cost": 950})
    state, _ = evaluate(one, a_row, {}, LightState(), START)
    assert state.evidence is not None
    assert state.evidence.value == 80
    assert state.evidence.against == pytest.approx(76)
    assert state.evidence.modelled_facts == 7
    assert state.reason == (
        "80.0 % over 9 operated, break_even_load_factor 76.0 %, +4.0 %, at most 10.4 % at 90 %: "
        "worse than amber 5, but chance could explain it"
    )
    loss = filled({**traffic, "ticket_revenue": 1000, "fuel_cost": 1200})
    assert "-16.0 %, at most -9.6 % at 90 %: beyond red 0" in evaluate(one, loss, {}, LightState(), START)[0].reason
    nothing = filled({**traffic, "fuel_cost": 1200})
    assert weigh(one, nothing, {}, START).doubt == "no break_even_load_factor in the window"
    few = filled({**traffic, "operated": 7, "fuel_cost": 1200})
    assert weigh(one, few, {}, START).doubt == "too little evidence: 7 operated, the rule asks for 8"


Minutes = NDArray[np.float64]


@pytest.fixture(scope="module")
def late_minutes() -> Minutes:
    """Late minutes of every arrival of 2013 from New York; early ones are 0."""
    with ZipFile(data_set_folder() / "flights.csv.zip") as archive:
        table = pl.read_csv(archive.read("flights.csv"), columns=["arr_delay"], null_values="NA")
    return table["arr_delay"].drop_nulls().clip(lower_bound=0).to_numpy().astype(np.float64)


def share_beyond_the_truth(minutes: Minutes, n: int, spread: float, skew: float) -> float:
    """How often the bound of n flights drawn by chance lies above the mean of all: one in twenty is promised."""
    drawn = np.random.default_rng(n).choice(minutes, size=(40_000, n)).mean(axis=1)
    return float((drawn - mean_reach(spread, skew, n, Z95) > minutes.mean()).mean())


def skewness(minutes: Minutes) -> float:
    return float(((minutes - minutes.mean()) ** 3).mean() / minutes.std() ** 3)


@pytest.mark.parametrize("n", [3, 5, 10, 20, 40, 80, 160])
def test_on_real_flights_the_bound_errs_as_seldom_as_it_says(late_minutes: Minutes, n: int) -> None:
    spread, skew = float(late_minutes.std()), skewness(late_minutes)
    assert share_beyond_the_truth(late_minutes, n, spread, skew) == pytest.approx(0.05, abs=0.02)
    assert share_beyond_the_truth(late_minutes, n, spread, skew) < 0.055
    # Without the skew it errs more often than it says.
    assert share_beyond_the_truth(late_minutes, n, spread, 0) > 0.055


def test_the_shipped_spread_is_that_of_flights_where_red_begins(late_minutes: Minutes) -> None:
    """Delays scale with how bad a route is; scaled to a mean of red, the year's flights err no more than promised."""
    shipped = load_catalog().rules["mean_arrival_delay"]
    assert shipped.spread is not None
    at_red = late_minutes * shipped.thresholds.red / late_minutes.mean()
    assert float(at_red.std()) == pytest.approx(shipped.spread, rel=0.2)
    for n in (10, 20, 40):
        assert share_beyond_the_truth(at_red, n, shipped.spread, shipped.skew) < 0.07
