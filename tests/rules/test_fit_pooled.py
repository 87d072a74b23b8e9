"""Fitting the pooled model: the truth by hand, and a made-up network in which the airport knows first."""

import random
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
