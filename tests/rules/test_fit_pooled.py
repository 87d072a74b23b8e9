"""Fitting the pooled model: the truth by hand, and a made-up network in which the airport knows first."""

import random
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from rules.fit_pooled import Examples, average_precision, examples, fit, is_bad, probabilities
from rules.pooled import AIRPORT_FEATURES, FEATURES
from schemas.rows import FLAT_COLUMNS, to_ms
from tests.rules.making import HOUR, START

DAY = timedelta(days=1)


def flat(scope: str, entity: str, window: str, after: timedelta, flights: int, on_time: int) -> dict[str, object]:
    at_ms = to_ms(START + after)
    given = {"scope": scope, "entity": entity, "window": window, "at_ms": at_ms, "ingested_at_ms": at_ms}
    return {**dict.fromkeys(FLAT_COLUMNS, 0), **given, "flights": flights, "arrivals_on_time": on_time}


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=FLAT_COLUMNS)


@pytest.mark.parametrize(
    ("flights", "on_time", "bad"),
    [
        (3, 0, False),  # 0.3^3 = 2.7 %, but of three flights
        (4, 0, True),  # 0.8 %
        (4, 1, True),  # 8.4 %
        (4, 2, False),  # 34.8 %
        (10, 4, True),  # 4.7 %
        (10, 5, False),  # 15.0 %
    ],
)
def test_what_is_bad(flights: int, on_time: int, bad: bool) -> None:
    """Binomial at 70 %, worked out by hand."""
    assert is_bad(np.array([flights]), np.array([on_time])).tolist() == [bad]


def test_the_truth_is_the_row_of_half_a_day_later() -> None:
    late = 30 * DAY
    rows = frame(
        flat("route", "JFK-LAX", "24h", timedelta(), 8, 8),
        flat("route", "JFK-LAX", "24h", late, 8, 8),
        flat("airport", "JFK", "3h", late, 40, 4),
        flat("route", "JFK-LAX", "28d", late, 100, 80),
        flat("route", "JFK-LAX", "24h", late + 12 * HOUR, 9, 1),  # its own truth is not there
        flat("route", "JFK-LAX", "24h", late + HOUR, 8, 8),  # an odd hour
        flat("carrier", "B6", "24h", late, 40, 4),
    )
    found = examples(rows)
    assert found.at_ms.tolist() == [to_ms(START + late)]
    assert found.bad.tolist() == [True]
    arrivals = found.x[0, FEATURES.index("arrivals")]
    assert arrivals > found.x[0, FEATURES.index("departures")], "the airport's row of the same hour counts"


def network(seed: int, days: int) -> pl.DataFrame:
    """Ten routes from one airport with good and bad days. Its row shows the day as it is, theirs the day before."""
    chance = random.Random(seed)
    rows = []
    good = [chance.random() < 0.8 for _ in range(days + 2)]
    share = [0.9 if one else 0.3 for one in good]
    for day in range(days):
        at = day * DAY
        rows.append(flat("airport", "JFK", "3h", at, 50, round(50 * share[day + 1])))
        for number in range(10):
            route = f"JFK-A{number:02}"
            before = sum(chance.random() < share[day] for _ in range(6))
            around = sum(chance.random() < share[day + 1] for _ in range(6))
            rows += [
                flat("route", route, "24h", at, 6, before),
                flat("route", route, "24h", at + 12 * HOUR, 6, around),
                flat("route", route, "28d", at, 160, 128),
            ]
    return frame(*rows)


def test_the_airport_is_believed_when_it_knows() -> None:
    known = examples(network(1, 200))
    model = fit(known.before(START + 150 * DAY))
    weights = model.weights
    assert min(weight for name, weight in weights.items() if name != "flights") >= 0
    assert weights["arrivals"] > weights["own"]
    held_out = known.since(START + 150 * DAY)
    assert 500 < len(held_out.bad) < 1_000
    precision = average_precision(probabilities(model, held_out), held_out.bad)
    assert precision > held_out.bad.mean() + 0.3
    alone = fit(known.before(START + 150 * DAY), without=AIRPORT_FEATURES)
    assert all(alone.weights[name] == 0 for name in AIRPORT_FEATURES)
    assert precision > average_precision(probabilities(alone, held_out), held_out.bad) + 0.1


def test_what_was_not_known_by_then_is_held_out() -> None:
    known = examples(network(1, 60))
    until = START + 50 * DAY
    assert known.before(until).at_ms.max() < to_ms(until - 12 * HOUR)
    assert known.since(until).at_ms.min() == to_ms(until)


def test_nothing_to_tell_apart_is_refused() -> None:
    nothing = Examples(np.zeros((4, len(FEATURES))), np.zeros(4, np.bool_), np.arange(4))
    with pytest.raises(ValueError, match="4 hours, 0 of them bad"):
        fit(nothing)


def test_average_precision_by_hand() -> None:
    """Bad at ranks 1 and 3: (1/1 + 2/3) / 2."""
    said, bad = np.array([0.9, 0.8, 0.7, 0.1]), np.array([True, False, True, False])
    assert average_precision(said, bad) == pytest.approx((1 + 2 / 3) / 2)
