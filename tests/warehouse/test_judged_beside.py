"""A pooled light that did not change live is explained by rows known by then beside which it does not, or by none."""

from datetime import timedelta

import polars as pl
import pytest

from rules.evaluate import evaluate
from rules.load import load_catalog
from rules.pooled_features import BEFORE, Context
from rules.rule import Rule
from schemas.lights import Light, LightState
from schemas.rows import FLAT_COLUMNS, KpiRow, flat
from tests.alerts.samples import minutes, row
from warehouse.judged_beside import Known, KnownDay, quietly_beside

HOUR = 60
AT = 8 * HOUR
SECOND = timedelta(seconds=1)
GREEN = LightState(light=Light.GREEN)


@pytest.fixture(scope="module")
def pooling() -> Rule:
    (found,) = [one for one in load_catalog().rules.values() if one.model]
    return found


def airport(at_minutes: int, code: str, on_time: int) -> KpiRow:
    """Of 40 flights and departures; the fewer arrived on time, the fewer left on time."""
    return row(
        at_minutes, on_time, 40, entity=code, scope="airport", window="3h", departures=40, departures_on_time=on_time
    )


def airports() -> list[KpiRow]:
    """JFK gets worse by four flights an hour, LAX stays: at hour 8 JFK has 3 of 40 on time."""
    worse = [airport(hour * HOUR, "JFK", 35 - 4 * hour) for hour in range(9)]
    return [*worse, *(airport(hour * HOUR, "LAX", 30) for hour in range(9))]


def own(on_time: int) -> list[KpiRow]:
    return [row(AT, 60, 70, window="7d"), row(AT, 240, 280, window="28d"), row(AT, on_time, 10, departures=10)]


def known(on_time: int, late: timedelta = SECOND) -> Known:
    """All rows, each on the stream so long after its instant."""
    rows = [*airports(), *own(on_time)]
    frame = pl.DataFrame([flat(one) for one in rows], schema=FLAT_COLUMNS, orient="row")
    at = [(one.at + late).replace(tzinfo=None) for one in rows]
    return Known([KnownDay(frame.with_columns(known_at=pl.Series(at, dtype=pl.Datetime("us"))))])


def beside(hour: int, on_time: int) -> Context:
    """What the route sees if JFK's row of that hour is its newest."""
    of = {(one.entity, one.at): one for one in airports()}
    here = {("airport", "JFK", "3h"): of["JFK", minutes(hour * HOUR)], ("airport", "LAX", "3h"): of["LAX", minutes(AT)]}
    before = {
        ("airport", "JFK", BEFORE): of["JFK", minutes((hour - 2) * HOUR)],
        ("airport", "LAX", BEFORE): of["LAX", minutes(AT - 2 * HOUR)],
    }
    return {**here, **before, **{one.key: one for one in own(on_time)}}  # type: ignore[dict-item]


@pytest.mark.parametrize(("hour", "turns_red"), [(8, True), (7, True), (6, False)])
def test_three_of_ten_are_red_by_what_jfk_became_and_not_by_what_it_was(
    pooling: Rule, hour: int, turns_red: bool
) -> None:
    mine = own(3)[-1]
    _, made = evaluate(pooling, mine, beside(hour, 3), GREEN, mine.at)
    assert (made is not None and made.to_light is Light.RED) == turns_red


def test_the_rows_of_two_hours_before_explain_that_it_stayed_green(pooling: Rule) -> None:
    mine = own(3)[-1]
    quiet = quietly_beside(pooling, mine, GREEN, known(3), mine.at, mine.at + HOUR * SECOND)
    assert quiet is not None
    assert quiet.state.light is Light.GREEN
    assert quiet.state.at == mine.at
    assert "JFK 3h of 08 18:00:00" in quiet.beside  # START is noon; hour 6 is the newest that leaves it green
    assert f"JFK {BEFORE} of 08 16:00:00" in quiet.beside


def test_where_it_turns_red_beside_any_row_nothing_explains_that_it_stayed_green(pooling: Rule) -> None:
    mine = own(0)[-1]
    assert quietly_beside(pooling, mine, GREEN, known(0), mine.at, mine.at + HOUR * SECOND) is None


def test_only_rows_known_by_then_are_tried_the_nearest_first(pooling: Rule) -> None:
    late = timedelta(hours=1)
    rows = known(3, late).of("airport", "JFK", "3h", minutes(AT), minutes(AT))
    assert [one.at for one in rows] == [minutes(hour * HOUR) for hour in range(7, -1, -1)]
    quiet = quietly_beside(pooling, own(3)[-1], GREEN, known(3, late), minutes(AT), minutes(AT))
    assert quiet is not None
    assert "JFK 3h of 08 18:00:00" in quiet.beside
