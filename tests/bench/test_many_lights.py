"""Lights of many hours at once are those that rows one by one lead to."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bench.many_lights import claims, lights
from rules.backtest import LIGHTS
from rules.choose import Choice, places_of
from rules.evaluate import retrace
from rules.hourly import Floats, Grid, Ints
from rules.recent import HOUR_MS
from rules.rule import Override, Rule
from rules.selector import Selector
from schemas.lights import LightState
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow, to_ms
from tests.rules.making import HOUR, rule

EVENING_BEFORE_SUMMER = datetime(2013, 7, 14, 12, tzinfo=UTC)
ROUTES = ["JFK-BOS", "JFK-LAX"]
FLIGHTS = arrays(np.int64, (len(ROUTES), 40), elements=st.sampled_from((0, 4, 12, 12, 30)))
SHARES = arrays(np.float64, (len(ROUTES), 40), elements=st.sampled_from((0.2, 0.6, 0.7, 0.75, 0.8, 1.0)))


def seasonal(hold: timedelta, dwell: timedelta) -> Rule:
    base = rule(hold=hold, dwell=dwell)
    summer = rule(base, amber=70, red=60, recover_amber=73, recover_red=63, where="summer")
    return rule(base, overrides=(Override(Selector(seasons=("summer",)), summer),))


def grid(flights: Ints, on_time: Ints) -> Grid:
    measures = {"flights": flights, "arrivals_on_time": on_time}
    none = np.zeros_like(flights)
    at_ms = to_ms(EVENING_BEFORE_SUMMER) + HOUR_MS * np.arange(flights.shape[1])
    return Grid("route", "24h", ROUTES, at_ms, {**measures, "seats": none, "seat_km": none})


def one_by_one(one: Rule, said: Grid, entity: int) -> list[int]:
    choice, state, found = Choice(one), LightState(), []
    for hour in range(len(said.at_ms)):
        at = EVENING_BEFORE_SUMMER + hour * HOUR
        values = tuple(int(said.measures[name][entity, hour]) if name in said.measures else 0 for name in MEASURE_NAMES)
        row = KpiRow("route", said.entities[entity], "24h", at, 0, at, 0, values)
        state, _ = retrace(choice.rule_for(row, places_of(row)), row, {}, state, at)
        found.append(LIGHTS.index(state.light))
    return found


@given(FLIGHTS, SHARES, st.sampled_from((0, 0.5, 1, 3)), st.sampled_from((1, 3, 6)))
def test_as_rows_one_by_one(flights: Ints, shares: Floats, hold: float, dwell: int) -> None:
    one = seasonal(hold * HOUR, dwell * HOUR)
    said = grid(flights, (shares * flights).astype(np.int64))
    shown = lights(one, claims(one, said))
    for entity in range(len(ROUTES)):
        assert shown[entity].tolist() == one_by_one(one, said, entity)
