"""The pooled risk: its features by hand, its chance against SciPy and by counting, and what it must never do."""

from itertools import pairwise
from math import log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, binom

from rules.pooled import (
    MISS_FEATURES,
    RISK_FEATURES,
    SHARED_FATE,
    Context,
    Logistic,
    Pool,
    PooledModel,
    chance_of_bad,
    fewest_misses,
    flights_ahead,
    miss_features,
    pool,
    risk_features,
)
from rules.recent import HOUR_MS
from schemas.lights import Hour, Part, Recent
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow, Scope, Window, to_ms
from tests.rules.making import START

TYPICAL, BELOW = 0.2, 70.0
MODEL = PooledModel(
    version=1,
    kpi="on_time_arrival",
    below=BELOW,
    typical=TYPICAL,
    miss=Logistic(1.0, dict.fromkeys(MISS_FEATURES, 0.5)),
    risk=Logistic(-1.5, dict.fromkeys(RISK_FEATURES, 0.4)),
    fitted="by hand",
)
NOW_HOUR = -(-to_ms(START) // HOUR_MS)


def a_row(scope: Scope, entity: str, window: Window, **measures: int) -> KpiRow:
    values = tuple(measures.get(name, 0) for name in MEASURE_NAMES)
    return KpiRow(scope, entity, window, START, 0, START, 1, values)


def recent(
    flights: float = 0,
    missed: float = 0,
    left: float = 0,
    left_late: float = 0,
    before: float = 0,
    missed_before: float = 0,
) -> Recent:
    """Of this hour, and flights of twenty hours ago."""
    hours = Hour(NOW_HOUR - 20, (before, missed_before, 0, 0)), Hour(NOW_HOUR, (flights, missed, left, left_late))
    return Recent(until=0, unplaced=(0, 0, 0, 0), hours=hours)


def day(flights: int, on_time: int) -> KpiRow:
    return a_row("route", "JFK-LAX", "24h", flights=flights, arrivals_on_time=on_time)


def context(*rows: KpiRow) -> Context:
    return {row.key: row for row in rows}


MONTH = a_row("route", "JFK-LAX", "28d", flights=90, arrivals_on_time=72)
JFK = a_row("airport", "JFK", "3h", flights=45, arrivals_on_time=15, departures=20, departures_on_time=5, cancelled=10)


def known() -> Pool:
    """9 flights, 2 on time; of the 5 in the last hours 4 missed, and 3 of 4 that left were late."""
    return pool(day(9, 2), context(MONTH, JFK), recent(5, 4, 4, 3, before=4, missed_before=3))


def test_features_of_a_flight_ahead_by_hand() -> None:
    """18 of 90 missed in the month."""
    base = 20 / 100  # (18 + 10 x 0.2) / (90 + 10)
    own = 7.6 / 12  # (7 + 3 x 0.2) / (9 + 3)
    late = 3.6 / 7  # (3 + 3 x 0.2) / (4 + 3)
    jfk_late = 16 / 25  # (15 + 5 x 0.2) / (20 + 5)
    assert miss_features(known(), TYPICAL) == pytest.approx(
        {
            "base": log(base / (1 - base)),
            "own": log(own / (1 - own)) - log(base / (1 - base)),
            "departing": log(late / (1 - late)) - log(base / (1 - base)),
            "departures": log(jfk_late / (1 - jfk_late)) + log(0.2 / 0.8),  # of LAX nothing is known
            "cancellations": log(10.5 / 55) + log(0.5 / 10),
        }
    )


def test_features_of_the_day_around_by_hand() -> None:
    """4 of 5 missed, 4 ahead of which each misses with 1 in 2: all 9 are bad from 5 misses on, so 1 of the 4 must."""
    assert fewest_misses(9, BELOW) == 5  # P(X >= 5) = 9.9 % of 9 at 30 %, P(X >= 4) = 27 %
    none_of_four = (2 * 3 * 4 * 5) / (4 * 5 * 6 * 7)  # Beta(2, 2): the product of (b + i) / (a + b + i)
    found = risk_features(5, 4, 4, 0.0, BELOW)
    assert tuple(found) == RISK_FEATURES
    assert found == pytest.approx(
        {
            "chance": log((1 - none_of_four) / none_of_four),
            "firmly": (4 + 4 * 0.5 - 0.3 * 9) / sqrt(9 * 0.21 + 1),
            "missing": 0.0,
            "flights": log(10),
            "ahead": log(5),
        }
    )


@pytest.mark.parametrize(
    ("flights", "fewest"),
    [(0, 1), (3, 4), (4, 3), (10, 6)],  # of 4: P(X >= 3) = 8.4 %, P(X >= 2) = 34.8 %; of 10: 4.7 %, 15.0 %
)
def test_what_is_bad_by_hand(flights: int, fewest: int) -> None:
    assert fewest_misses(flights, BELOW) == fewest


def test_what_is_bad_against_scipy() -> None:
    for flights in range(4, 200):
        fewest = fewest_misses(flights, BELOW)
        assert binom.sf(fewest - 1, flights, 0.3) < 0.1 <= binom.sf(fewest - 2, flights, 0.3)


@pytest.mark.parametrize("flights", [501, 999, 5_000, 1_200_000])
def test_what_is_bad_of_more_flights_than_there_are(flights: int) -> None:
    """Within one flight of SciPy's, and no overflow."""
    assert abs(fewest_misses(flights, BELOW) - (int(binom.isf(0.1, flights, 0.3)) + 1)) <= 1
    assert chance_of_bad(flights, flights, flights, 0.5, BELOW) == 1
    assert chance_of_bad(flights, 0, flights, 0.5, BELOW) == 0


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.floats(0.02, 0.96))
def test_the_chance_against_scipy(flights: int, missed: int, ahead: int, share: float) -> None:
    missed = min(missed, flights)
    lacking = fewest_misses(flights + ahead, BELOW) - missed
    expected = betabinom.sf(lacking - 1, ahead, share * SHARED_FATE, (1 - share) * SHARED_FATE)
    assert chance_of_bad(flights, missed, ahead, share, BELOW) == pytest.approx(float(expected), abs=1e-9)


def test_the_risk_says_what_came_from_where() -> None:
    found = MODEL.judge(known())
    odds = 1.0 + 0.5 * sum(miss_features(known(), TYPICAL).values())
    risk = -1.5 + 0.4 * sum(risk_features(5, 4, 4, odds, BELOW).values())
    assert log(found.risk / (100 - found.risk)) == pytest.approx(risk)
    assert log(found.miss / (100 - found.miss)) == pytest.approx(odds)
    assert found.ahead == flights_ahead(known()) == 4
    assert found.parts == (Part("JFK-LAX", 12, 1, 5), Part("JFK", 3, 15, 45), Part("LAX", 3, 0, 0))
    nobody = pool(day(9, 2), context(MONTH), known().recent)
    assert found.risk_alone == MODEL.judge(nobody).risk == MODEL.judge(nobody).risk_alone


counts = st.integers(0, 60)


@given(counts, counts, counts, counts, counts, counts, counts)
def test_one_more_miss_never_makes_a_route_look_better(
    flights: int, missed: int, before: int, missed_before: int, here: int, left: int, left_late: int
) -> None:
    """Of the route in either half of its day, of its departures, of departures and cancellations at its airport."""
    missed, missed_before, late = min(missed, flights), min(missed_before, before), min(left_late, left)

    def risk(missed: int, missed_before: int, late: int, late_here: int = 0, cancelled: int = 0) -> float:
        row = day(flights + before, flights + before - missed - missed_before)
        airport = a_row(
            "airport", "JFK", "3h",
            flights=here, departures=here, departures_on_time=here - late_here, cancelled=cancelled,
        )  # fmt: skip
        known = recent(flights, missed, left, late, before, missed_before)
        return MODEL.judge(pool(row, context(MONTH, airport), known)).risk

    risks = [risk(missed, missed_before, late)]
    for more in (
        (missed + (missed < flights), missed_before, late),
        (missed, missed_before + (missed_before < before), late),
        (missed, missed_before, late + (late < left)),
        (missed, missed_before, late, min(1, here)),
        (missed, missed_before, late, 0, 1),
    ):
        risks = [risks[0], risk(*more)]
        assert all(kinder <= worse + 1e-9 for kinder, worse in pairwise(risks))


@given(st.lists(st.integers(-20, 40), min_size=len(MEASURE_NAMES), max_size=len(MEASURE_NAMES)))
def test_an_unmatched_correction_does_no_harm(values: list[int]) -> None:
    row = KpiRow("route", "JFK-LAX", "24h", START, 0, START, 1, tuple(values))
    airport = KpiRow("airport", "JFK", "3h", START, 0, START, 1, tuple(values))
    assert 0 <= MODEL.judge(pool(row, context(airport), recent(values[0], values[1], values[2], values[3]))).risk <= 100
