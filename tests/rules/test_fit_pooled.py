"""Fitting the pooled model: the truth by hand, and a made-up network in which the airport knows first."""

import random
from collections.abc import Sequence
from datetime import timedelta
from math import log

import numpy as np
import polars as pl
import pytest

from rules.fit_pooled import Examples, average_precision, examples, fit, precision_of, probabilities
from rules.pooled_features import AIRPORT_FEATURES, MISS_FEATURES, RISK_FEATURES
from schemas.rows import FLAT_COLUMNS, to_ms
from tests.rules.making import HOUR, START

DAY = timedelta(days=1)


def flat(scope: str, entity: str, window: str, after: timedelta, flights: int, on_time: int) -> dict[str, object]:
    at_ms = to_ms(START + after)
    given = {"scope": scope, "entity": entity, "window": window, "at_ms": at_ms, "ingested_at_ms": at_ms}
    return {**dict.fromkeys(FLAT_COLUMNS, 0), **given, "flights": flights, "arrivals_on_time": on_time}


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=FLAT_COLUMNS)


def test_the_truth_is_the_row_of_half_a_day_later() -> None:
    """Eight flights on time, then one that missed; half a day later nine, eight of which missed: the hour was bad."""
    late = 30 * DAY
    rows = frame(
        flat("route", "JFK-LAX", "24h", timedelta(), 0, 0),
        flat("route", "JFK-LAX", "24h", late - 14 * HOUR, 8, 8),
        flat("route", "JFK-LAX", "24h", late, 9, 8),
        flat("airport", "JFK", "3h", late, 40, 4) | {"cancelled": 30},
        flat("route", "JFK-LAX", "28d", late, 100, 80),
        flat("route", "JFK-LAX", "24h", late + 12 * HOUR, 9, 1),  # its own truth is not there
        flat("route", "JFK-LAX", "24h", late + HOUR, 9, 8),  # an odd hour
        flat("carrier", "B6", "24h", late, 40, 4),
    )
    found = examples(rows)
    assert found.at_ms.tolist() == [to_ms(START + late)]
    known = [found.risk_x[0, RISK_FEATURES.index(name)] for name in ("flights", "missed", "ahead")]
    assert known == [1, 1, 8], "one of the last twelve hours, eight are expected ahead"
    assert found.became.tolist() == [[8, 7]]
    assert found.bad(70).tolist() == [True]
    base = found.miss_x[0, MISS_FEATURES.index("base")]
    assert base == pytest.approx(log(22.2 / 87.8)), "(20 + 10 x 0.22) of (100 + 10)"
    assert found.miss_x[0, MISS_FEATURES.index("cancellations")] == pytest.approx(log(30.5 / 50) + log(0.5 / 10))


def network(seed: int, days: int) -> pl.DataFrame:
    """Ten routes from one airport with good and bad days, six flights each: three before noon, three after.

    At noon the airport's row shows the day as it is, a route's own row yesterday's afternoon and this morning.
    """
    chance = random.Random(seed)
    rows = []
    share = [0.1 if chance.random() < 0.8 else 0.7 for _ in range(days + 1)]
    missed = [[[chance.random() < one for _ in range(6)] for one in share] for _ in range(10)]
    for day in range(1, days):
        at = day * DAY
        late = round(50 * share[day])
        airport = flat("airport", "JFK", "3h", at, 50, 50 - late) | {"departures": 50, "departures_on_time": 50 - late}
        rows.append(airport)
        for number in range(10):
            route, of_day = f"JFK-A{number:02}", missed[number]
            noon = sum(of_day[day - 1][3:]) + sum(of_day[day][:3])
            rows += [
                flat("route", route, "24h", at, 6, 6 - noon),
                flat("route", route, "24h", at + 12 * HOUR, 6, 6 - sum(of_day[day])),
                flat("route", route, "28d", at, 160, 128),
            ]
    return frame(*rows)


def test_the_airport_is_believed_when_it_knows() -> None:
    known = examples(network(1, 400))
    model = fit(known.before(START + 300 * DAY))
    assert min(model.miss.weights.values()) >= 0
    assert model.miss.weights["departures"] > 0.3
    held_out = known.since(START + 300 * DAY)
    bad = held_out.bad(70)
    assert 900 < len(bad) < 2_000
    precision = average_precision(probabilities(model, held_out), bad)
    assert precision == precision_of(model, held_out) > bad.mean() + 0.3
    alone = fit(known.before(START + 300 * DAY), without_airports=True)
    assert all(alone.miss.weights[name] == 0 for name in AIRPORT_FEATURES)
    assert precision > precision_of(alone, held_out) + 0.03


def test_what_was_not_known_by_then_is_held_out() -> None:
    known = examples(network(1, 60))
    until = START + 50 * DAY
    assert known.before(until).at_ms.max() < to_ms(until - 12 * HOUR)
    assert known.since(until).at_ms.min() == to_ms(until)


def test_nothing_to_tell_apart_is_refused() -> None:
    miss_x, risk_x, became = (np.zeros((4, n)) for n in (len(MISS_FEATURES), len(RISK_FEATURES), 2))
    nothing = Examples(miss_x, risk_x, became, np.arange(4))
    with pytest.raises(ValueError, match="4 hours, 0 of them bad"):
        fit(nothing)


def test_average_precision_by_hand() -> None:
    """Bad at ranks 1 and 3: (1/1 + 2/3) / 2."""
    said, bad = np.array([0.9, 0.8, 0.7, 0.1]), np.array([True, False, True, False])
    assert average_precision(said, bad) == pytest.approx((1 + 2 / 3) / 2)


def given(flights: list[int], missed: list[int], **miss: Sequence[float]) -> Examples:
    """Examples of which nothing is known but these features of a flight ahead, and what they became."""
    miss_x, risk_x = (np.zeros((len(flights), len(names))) for names in (MISS_FEATURES, RISK_FEATURES))
    for name, values in miss.items():
        miss_x[:, MISS_FEATURES.index(name)] = values
    return Examples(miss_x, risk_x, np.array([flights, missed], np.float64).T, np.arange(len(flights)))


def test_a_miss_is_fitted_to_flights_and_a_bad_day_to_days() -> None:
    """Where `base` is -1, 20 % of the flights missed. Where it is 1, half of them did, of all days: 200 on as many,
    800 on 100 days, none on 250 days of four; and on 50 nobody flew. Bad were 100 of these 600 days, and that they were
    so firmly, and weighed more, is no part of the risk."""
    days = [(10, 2, -1.0)] * 550 + [(1, 1, 1.0)] * 200 + [(8, 8, 1.0)] * 100 + [(4, 0, 1.0)] * 250 + [(0, 0, 1.0)] * 50
    flights, missed, base = map(list, zip(*days, strict=True))
    known = given(flights, missed, base=base, own=[-one for one in base])
    model = fit(known)
    assert model.miss.log_odds({"base": -1, "own": 1}) == pytest.approx(log(0.2 / 0.8), abs=0.003)
    assert model.miss.log_odds({"base": 1, "own": -1}) == pytest.approx(0, abs=0.003)
    assert model.miss.weights["own"] == 0, "it never speaks for a day because more missed"
    said = probabilities(model, known)
    assert said[:550] == pytest.approx(0, abs=0.01)
    assert said[550:] == pytest.approx(100 / 600, abs=0.01)
    assert (model.kpi, model.below, model.typical) == ("on_time_arrival", 70, 0.22)


def test_features_are_told_apart_by_what_followed_and_of_two_that_say_the_same_each_is_believed() -> None:
    """Log odds 0.4 x + 0.8 y - 1. `base` is x + 5; `own` is 3 y and `departing` y, so that each has half of the 0.8."""
    days = [(x, y) for x in (-1, 1) for y in (-1, 1) for _ in range(100)]
    missed = [round(200 / (1 + np.exp(1 - 0.4 * x - 0.8 * y))) for x, y in days]
    bad = [8, 8]
    known = given(
        [*[200] * len(days), *bad], [*missed, *bad],
        base=[*(x + 5 for x, _ in days), 5, 5], own=[*(3 * y for _, y in days), 0, 0],
        departing=[*(y for _, y in days), 0, 0],
    )  # fmt: skip
    miss = fit(known).miss
    assert miss.weights["base"] == pytest.approx(0.4, abs=0.02)
    assert miss.weights["own"] == pytest.approx(0.4 / 3, abs=0.01)
    assert miss.weights["departing"] == pytest.approx(0.4, abs=0.02)
    assert miss.log_odds({"base": 6, "own": 3, "departing": 1}) == pytest.approx(0.2, abs=0.05)


@pytest.mark.parametrize(("name", "told_apart"), [("coming_soon", True), ("left_late", False), ("own", False)])
def test_more_flights_may_speak_for_a_day_more_misses_never(name: str, told_apart: bool) -> None:
    """Days on which there is more of it are all good, the others all bad."""
    known = given([8] * 800, [0] * 400 + [8] * 400)
    known.risk_x[:400, RISK_FEATURES.index(name)] = 5
    said = probabilities(fit(known), known)
    assert said[:400] == pytest.approx(0.0 if told_apart else 0.5, abs=0.01)
    assert said[400:] == pytest.approx(1.0 if told_apart else 0.5, abs=0.01)


def test_what_is_bad_and_what_is_firmly_so() -> None:
    """Where 70 % is the rule, of 8 flights 5 late or more are rarer than one in ten (5.8 %; 4 are 19 %), 7 rarer than
    one in a hundred (0.13 %; 6 are 1.1 %); seven flights, all late, are too few to be firm."""
    ahead = given([8, 8, 8, 8, 7, 0], [4, 5, 6, 7, 7, 0])
    closed = given([0] * 6, [0] * 6)
    closed.risk_x[:, [RISK_FEATURES.index("flights"), RISK_FEATURES.index("missed")]] = ahead.became
    for known in (ahead, closed):
        assert known.bad(70).tolist() == [False, True, True, True, True, False]
        assert known.firm(70).tolist() == [False, False, False, True, False, False]


def test_the_first_four_weeks_and_rows_off_the_hour_are_no_examples() -> None:
    rows = [flat("route", "JFK-LAX", "24h", hour * HOUR, 8, 8) for hour in (0, 28 * 24 - 2, 28 * 24, 28 * 24 + 12)]
    rows += [flat("route", "JFK-LAX", "24h", 28 * DAY + 0.5 * HOUR, 8, 8), flat("carrier", "B6", "24h", -HOUR, 9, 9)]
    assert examples(frame(*rows)).at_ms.tolist() == [to_ms(START + 28 * DAY)]
    with pytest.raises(ValueError, match="no rows on the hour"):
        examples(frame(rows[-2]))
