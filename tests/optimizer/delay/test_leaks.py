"""Nothing that a prediction looks at becomes known later than it is made: whatever happens after it may be anything."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest

from optimizer.delay.features import Features, features
from optimizer.delay.known_now import known_now_features
from optimizer.delay.past import past_features
from optimizer.delay.recent import Said, corrected
from optimizer.delay.rotation import TAIL_FEATURES, rotation_features
from optimizer.delay.weather import weather_features
from optimizer.flights import AHEAD_MINUTES, Flights, of_table
from tests.optimizer.made_up import season
from tests.optimizer.spoiled import spoiled

FLIGHTS, WEATHER = season(20, seed=3)
SOME = [int(one) for one in np.random.default_rng(5).choice(np.arange(600, len(FLIGHTS)), 8, replace=False)]


@cache
def known() -> Features:
    return features(of_table(FLIGHTS), WEATHER)


@cache
def spoil(number: int, hours_before: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    minute = int(of_table(FLIGHTS).at[number]) - hours_before * 60
    return spoiled(FLIGHTS, WEATHER, minute, seed=int(number))


@pytest.mark.parametrize("number", SOME)
def test_features_know_nothing_of_what_comes_after(number: int) -> None:
    before = known()
    flights, weather = spoil(number)
    after = features(of_table(flights), weather)
    changed = [
        name for name, was, now in zip(before.names, before.x[number], after.x[number], strict=True) if was != now
    ]
    assert changed == []


@pytest.mark.parametrize("number", SOME)
def test_corrections_know_nothing_of_what_comes_after(number: int) -> None:
    luck = np.random.default_rng(1)
    chance, low = luck.uniform(0.05, 0.6, len(FLIGHTS)), luck.normal(-10, 5, len(FLIGHTS))
    said = Said(chance, low, low + 10, low + 40)
    before = corrected(said, of_table(FLIGHTS))
    after = corrected(said, of_table(spoil(number)[0]))
    assert [of[number] for of in before] == [of[number] for of in after]


Part = Callable[[Flights, pl.DataFrame], dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]]
PARTS: dict[str, Part] = {
    "known_now": lambda flights, _: known_now_features(flights),
    "past": lambda flights, _: past_features(flights),
    "rotation": lambda flights, _: rotation_features(flights),
    "weather": weather_features,
}


@pytest.mark.parametrize("part", PARTS)
def test_the_same_test_finds_a_part_that_looks_ahead(part: str) -> None:
    def changes(ahead: int) -> int:
        found = 0
        for number in SOME[:4]:
            flights, weather = spoil(number)
            was, now = (
                PARTS[part](replace(one, at=one.departs - ahead), hours)
                for one, hours in ((of_table(FLIGHTS), WEATHER), (of_table(flights), weather))
            )
            found += any(was[name][number] != now[name][number] for name in was)
        return found

    assert changes(AHEAD_MINUTES) == 0
    assert changes(AHEAD_MINUTES - 6 * 60) > 0


def test_a_missing_tail_looks_like_any_other() -> None:
    # 80 flights of the season lost their tail by being cancelled: what is said of them was said of a flight before.
    found = rotation_features(of_table(FLIGHTS))
    rows = np.stack([found[name] for name in TAIL_FEATURES], axis=1)
    ordered = of_table(FLIGHTS).table
    missing = ordered["tail"].is_null().to_numpy()
    routes = (ordered["carrier"] + ordered["origin"] + ordered["destination"]).to_numpy()
    assert missing.sum() > 10
    for number in np.flatnonzero(missing):
        earlier = (routes[:number] == routes[number]) & ~missing[:number]
        assert (rows[:number][earlier] == rows[number]).all(axis=1).any() or not earlier.any()
