"""The pooled score: its features by hand, and what it must never do."""

from datetime import timedelta
from math import log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.pooled import AIRPORT_FEATURES, FEATURES, Context, PooledModel, features, pool
from schemas.lights import Part
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow, Scope, Window
from tests.rules.making import START

TYPICAL, BELOW = 0.2, 70.0
MODEL = PooledModel(
    version=1,
    kpi="on_time_arrival",
    below=BELOW,
    typical=TYPICAL,
    intercept=-1.5,
    weights=dict.fromkeys(FEATURES, 0.5) | {"flights": 1.0},
    fitted="by hand",
)


def a_row(scope: Scope, entity: str, window: Window, after: timedelta = timedelta(), **measures: int) -> KpiRow:
    values = tuple(measures.get(name, 0) for name in MEASURE_NAMES)
    return KpiRow(scope, entity, window, START + after, 0, START + after, 1, values)


def day(flights: int, on_time: int, **more: int) -> KpiRow:
    return a_row("route", "JFK-LAX", "24h", timedelta(), flights=flights, arrivals_on_time=on_time, **more)


def context(*rows: KpiRow) -> Context:
    return {row.key: row for row in rows}


MONTH = a_row("route", "JFK-LAX", "28d", flights=90, arrivals_on_time=72)
JFK = a_row("airport", "JFK", "3h", flights=45, arrivals_on_time=15, departures=20, departures_on_time=5, cancelled=10)


def test_features_by_hand() -> None:
    """9 flights, 2 on time, 100 late minutes; of 4 departures 1 on time; 18 of 90 missed in the month."""
    row = day(9, 2, arrival_delay_minutes=100, departures=4, departures_on_time=1)
    found = features(pool(row, context(MONTH, JFK)), TYPICAL, BELOW)
    base = 20 / 100  # (18 + 10 x 0.2) / (90 + 10)
    own = 7.6 / 12  # (7 + 3 x 0.2) / (9 + 3)
    late = 3.6 / 7  # (3 + 3 x 0.2) / (4 + 3)
    jfk_missed, jfk_late = 31 / 50, 16 / 25  # (30 + 5 x 0.2) / (45 + 5), (15 + 1) / (20 + 5)
    assert found == pytest.approx(
        {
            "base": log(base / (1 - base)),
            "own": log(own / (1 - own)) - log(base / (1 - base)),
            "flights": log(10),
            "firmly": (7 - 0.3 * 9) / sqrt(9 * 0.21 + 1),
            "departing": log(late / (1 - late)) - log(base / (1 - base)),
            "delay": log(11),
            "arrivals": log(jfk_missed / (1 - jfk_missed)) + log(0.2 / 0.8),  # of LAX nothing is known
            "departures": log(jfk_late / (1 - jfk_late)) + log(0.2 / 0.8),
            "cancellations": log(10.5 / 55) + log(0.5 / 10),
        }
    )
    assert found.keys() == set(FEATURES)


def test_the_risk_says_what_came_from_where() -> None:
    """Its log odds are the intercept and the parts; the parts of a route of which nothing is known are 0."""
    pooled = pool(day(9, 2), context(MONTH, JFK))
    found, nothing = MODEL.judge(pooled), MODEL.judge(pool(day(0, 0), {}))
    values, unknown = (features(one, TYPICAL, BELOW) for one in (pooled, pool(day(0, 0), {})))
    assert (nothing.own, nothing.airports) == (0, 0)
    assert found.airports == pytest.approx(0.5 * sum(values[name] - unknown[name] for name in AIRPORT_FEATURES))
    odds, odds_of_nothing = (one.risk / (100 - one.risk) for one in (found, nothing))
    assert log(odds / odds_of_nothing) == pytest.approx(found.own + found.airports)
    assert found.parts == (Part("JFK-LAX", "24h", 2, 9), Part("JFK", "3h", 15, 45), Part("LAX", "3h", 0, 0))


counts = st.integers(0, 60)


@given(flights=counts, on_time=counts, here=counts, here_on_time=counts, departures=counts, left=counts)
def test_one_more_miss_never_makes_a_route_look_better(
    flights: int, on_time: int, here: int, here_on_time: int, departures: int, left: int
) -> None:
    def said(on_time: int, here_on_time: int, left: int) -> float:
        row = day(flights, min(on_time, flights), departures=departures, departures_on_time=min(left, departures))
        airport = a_row("airport", "LAX", "3h", flights=here, arrivals_on_time=min(here_on_time, here))
        return MODEL.judge(pool(row, context(MONTH, airport))).risk

    before = said(on_time, here_on_time, left)
    for one_worse in (
        (on_time - 1, here_on_time, left),
        (on_time, here_on_time - 1, left),
        (on_time, here_on_time, left - 1),
    ):
        if min(one_worse) >= 0:
            assert said(*one_worse) >= before


@given(values=st.lists(st.integers(-5, 5), min_size=len(MEASURE_NAMES), max_size=len(MEASURE_NAMES)))
def test_an_unmatched_correction_does_no_harm(values: list[int]) -> None:
    row = KpiRow("route", "JFK-LAX", "24h", START, 0, START, 1, tuple(values))
    airport = KpiRow("airport", "JFK", "3h", START, 0, START, 1, tuple(values))
    assert 0 <= MODEL.judge(pool(row, context(airport))).risk <= 100
