"""The pooled risk: its features by hand, its chance against SciPy and by counting, and what it must never do."""

from math import atan2, cos, log, pi, sin, sqrt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from rules.fewest_misses import fewest_misses
from rules.load import load_catalog
from rules.pooled import ALONE_FROM, Logistic, PooledModel
from rules.pooled_features import (
    BEFORE,
    EITHER_WAY,
    MISS_FEATURES,
    RISK_FEATURES,
    Context,
    Pool,
    flights_ahead,
    miss_features,
    pool,
    risk_features,
    standing,
)
from rules.recent import HOUR_MS
from schemas.lights import Hour, Part, Recent
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow, Scope, Window, to_ms
from tests.rules.making import START, stumps

TYPICAL, BELOW = 0.2, 70.0
STAIRS = [
    (name, step, -0.05, 0.25)
    for name in RISK_FEATURES
    if name not in EITHER_WAY
    for step in (-2.0, -0.5, 0.0, 1.0, 3.0)
]
MODEL = PooledModel(
    version=1,
    kpi="on_time_arrival",
    below=BELOW,
    typical=TYPICAL,
    miss=Logistic(1.0, dict.fromkeys(MISS_FEATURES, 0.5)),
    risk=stumps(*STAIRS, intercept=-1.5),
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
WEEK = a_row("route", "JFK-LAX", "7d", flights=20, arrivals_on_time=14)
JFK = a_row(
    "airport", "JFK", "3h",
    flights=45, arrivals_on_time=15, departures=20, departures_on_time=5, cancelled=10, departure_delay_minutes=600,
)  # fmt: skip


JFK_BEFORE = a_row(
    "airport", "JFK", "3h",
    flights=40, arrivals_on_time=30, departures=20, departures_on_time=15, cancelled=2, departure_delay_minutes=90,
)  # fmt: skip


RECENT = recent(5, 4, 4, 3, before=4, missed_before=3)


def known() -> Pool:
    """9 flights, 2 on time; of the 5 in the last hours 4 missed, and 3 of 4 that left were late."""
    return pool(day(9, 2), {**context(MONTH, WEEK, JFK), ("airport", "JFK", BEFORE): JFK_BEFORE}, RECENT)


ON = standing(known(), TYPICAL)


def test_features_of_a_flight_ahead_by_hand() -> None:
    """18 of 90 missed in the month."""
    base = 20 / 100  # (18 + 10 x 0.2) / (90 + 10)
    own = 7.6 / 12  # (7 + 3 x 0.2) / (9 + 3)
    late = 3.6 / 7  # (3 + 3 x 0.2) / (4 + 3)
    jfk_late = 16 / 25  # (15 + 5 x 0.2) / (20 + 5)
    assert miss_features(known(), ON) == pytest.approx(
        {
            "base": log(base / (1 - base)),
            "own": log(own / (1 - own)) - log(base / (1 - base)),
            "departing": log(late / (1 - late)) - log(base / (1 - base)),
            "departures": log(jfk_late / (1 - jfk_late)) + log(0.2 / 0.8),  # of LAX nothing is known
            "cancellations": log(10.5 / 55) + log(0.5 / 10),
        }
    )


def test_features_of_the_day_around_by_hand() -> None:
    """4 of 5 missed in the last hours, none of them older than three; four of yesterday's are ahead, in four hours;
    and each of those misses with 1 in 2. On an average day there are 90 / 28 flights: none is ahead of five.
    Five hands stand upright, four at twenty of 24 hours."""
    upright, aside = 5 + 4 * cos(pi / 3), -4 * sin(pi / 3)
    known_of = miss_features(known(), ON)
    base = log(0.2 / 0.8)
    found = dict(zip(RISK_FEATURES, risk_features(known(), ON, known_of, 0.0, BELOW), strict=True))
    assert found == pytest.approx(
        {
            "missing": 0.0,
            "firmly": (4 + 4 * 0.5 - 0.3 * 9) / sqrt(9 * 0.21 + 1),
            "firmly_usual": (4 - 0.3 * 5) / sqrt(5 * 0.21 + 1),
            "base": base,
            "week": log(7.0 / 18.0) - base,  # (6 + 5 x 0.2) of (20 + 5)
            "own": known_of["own"],
            "own_half_day": log(4.6 / 3.4) - base,  # (4 + 3 x 0.2) of (5 + 3)
            "own_quarter_day": log(4.6 / 3.4) - base,
            "missed": 4,
            "departing": known_of["departing"],
            "left_late": 3,
            "left": 4,
            "flights": 5,
            "recent_flights": 5,
            "coming": 4,  # of twenty hours ago: within six
            "coming_soon": 0,
            "ahead": 4,
            "usual": 90 / 28,
            "midday": upright / 10,
            "evening": aside / 10,
            "since_midday": atan2(aside, upright) * 12 / pi,  # two hours before it
            "origin_departures": log(16 / 9),  # (15 + 5 x 0.2) of (20 + 5)
            "origin_cancellations": log(10.5 / 55),
            "origin_misses": log(31 / 19),  # (30 + 5 x 0.2) of (45 + 5)
            "origin_delay": 600 / 23,
            "origin_departures_rise": log(16 / 9) - log(6 / 19),  # (5 + 5 x 0.2) of (20 + 5)
            "origin_cancellations_rise": log(10.5 / 55) - log(2.5 / 50),
            "origin_misses_rise": log(31 / 19) - log(11 / 34),  # (10 + 5 x 0.2) of (40 + 5)
            "destination_departures": base,
            "destination_cancellations": log(0.5 / 10),
            "destination_misses": base,
            "destination_delay": 0.0,
            "destination_departures_rise": 0.0,
            "destination_cancellations_rise": 0.0,
            "destination_misses_rise": 0.0,
        }
    )


def test_a_route_that_has_not_flown_for_four_weeks_is_not_expected_to() -> None:
    idle = a_row("route", "JFK-LAX", "28d")
    for month, usual in ((context(idle), 0.0), (context(), 9.0)):
        of = pool(day(9, 2), month, RECENT)
        on = standing(of, TYPICAL)
        features = risk_features(of, on, miss_features(of, on), 0.0, BELOW)
        said = "of a month that nobody knows it is yesterday's"
        assert features[RISK_FEATURES.index("usual")] == usual, said


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


def test_the_risk_says_what_came_from_where() -> None:
    found = MODEL.judge(known())
    known_of = miss_features(known(), ON)
    odds = 1.0 + 0.5 * sum(known_of.values())
    values = dict(zip(RISK_FEATURES, risk_features(known(), ON, known_of, odds, BELOW), strict=True))
    risk = -1.5 + sum(high if values[name] > step else low for name, step, low, high in STAIRS)
    assert log(found.risk / (100 - found.risk)) == pytest.approx(risk)
    assert log(found.miss / (100 - found.miss)) == pytest.approx(odds)
    assert found.ahead == flights_ahead(known()) == 4
    assert found.parts == (Part("JFK-LAX", 12, 1, 5), Part("JFK", 3, 15, 45), Part("LAX", 3, 0, 0))
    nobody = MODEL.judge(pool(day(9, 2), context(MONTH, WEEK), RECENT))
    assert found.risk_alone == nobody.risk == nobody.risk_alone


def test_without_much_risk_nobody_asks_what_it_would_be_alone() -> None:
    quiet = msgspec.structs.replace(MODEL, risk=stumps(intercept=-3.0)).judge(known())
    assert quiet.risk < ALONE_FROM
    assert quiet.risk_alone is None


SHIPPED = load_catalog().rules["on_time_arrival"].model or MODEL
counts = st.integers(0, 60)


@given(counts, counts, counts, counts, counts, counts, counts)
def test_one_more_miss_never_makes_a_route_look_better(
    flights: int, missed: int, before: int, missed_before: int, here: int, left: int, left_late: int
) -> None:
    """Of the route in either half of its day, of its departures, of departures and cancellations at its airport."""
    missed, missed_before, late = min(missed, flights), min(missed_before, before), min(left_late, left)

    def risk(
        model: PooledModel, missed: int, missed_before: int, late: int, late_here: int = 0, cancelled: int = 0
    ) -> float:
        row = day(flights + before, flights + before - missed - missed_before)
        airport = a_row(
            "airport", "JFK", "3h",
            flights=here, departures=here, departures_on_time=here - late_here, cancelled=cancelled,
        )  # fmt: skip
        known = recent(flights, missed, left, late, before, missed_before)
        return model.judge(pool(row, context(MONTH, airport), known)).risk

    for model in (MODEL, SHIPPED):
        for more in (
            (missed + (missed < flights), missed_before, late),
            (missed, missed_before + (missed_before < before), late),
            (missed, missed_before, late + (late < left)),
            (missed, missed_before, late, min(1, here)),
            (missed, missed_before, late, 0, 1),
        ):
            assert risk(model, missed, missed_before, late) <= risk(model, *more) + 1e-9


@given(st.binary(min_size=len(MEASURE_NAMES), max_size=len(MEASURE_NAMES)))
def test_an_unmatched_correction_does_no_harm(drawn: bytes) -> None:
    values = tuple(byte % 61 - 20 for byte in drawn)
    row = KpiRow("route", "JFK-LAX", "24h", START, 0, START, 1, values)
    airport = KpiRow("airport", "JFK", "3h", START, 0, START, 1, values)
    assert 0 <= MODEL.judge(pool(row, context(airport), recent(values[0], values[1], values[2], values[3]))).risk <= 100
