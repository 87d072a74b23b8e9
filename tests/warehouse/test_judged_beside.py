"""A pooled light that was judged beside rows of before is explained by these, and by none that give another."""

from datetime import datetime, timedelta

import msgspec
import polars as pl
import pytest

from rules.evaluate import evaluate
from rules.load import load_catalog
from rules.pooled_features import BEFORE, Context
from rules.rule import Rule
from schemas.lights import LightState, Pooled, Transition
from schemas.rows import FLAT_COLUMNS, KpiRow, flat
from tests.alerts.samples import minutes, row
from warehouse.judged_beside import Known, judged_beside
from warehouse.lights_parity import Change

HOUR = 60
AT = 8 * HOUR
SECOND = timedelta(seconds=1)


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


def own() -> list[KpiRow]:
    return [row(AT, 60, 70, window="7d"), row(AT, 240, 280, window="28d"), row(AT, 1, 10, departures=10)]


def known(late: timedelta = SECOND) -> Known:
    """All rows, each on the stream so long after its instant."""
    rows = [*airports(), *own()]
    frame = pl.DataFrame([flat(one) for one in rows], schema=FLAT_COLUMNS, orient="row")
    at = [(one.at + late).replace(tzinfo=None) for one in rows]
    return Known([frame.with_columns(known_at=pl.Series(at, dtype=pl.Datetime("us")))])


def beside(hour: int) -> Context:
    """What the route sees if JFK's row of that hour is its newest."""
    of = {(one.entity, one.at): one for one in airports()}
    here = {("airport", "JFK", "3h"): of["JFK", minutes(hour * HOUR)], ("airport", "LAX", "3h"): of["LAX", minutes(AT)]}
    before = {
        ("airport", "JFK", BEFORE): of["JFK", minutes((hour - 2) * HOUR)],
        ("airport", "LAX", BEFORE): of["LAX", minutes(AT - 2 * HOUR)],
    }
    return {**here, **before, **{one.key: one for one in own()}}  # type: ignore[dict-item]


def told(rule: Rule, hour: int, known_at: datetime | None = None) -> Change:
    mine = own()[-1]
    when = known_at or mine.at + 2 * SECOND
    _, made = evaluate(rule, mine, beside(hour), LightState(), when)
    assert made, "a route of such numbers must come out of grey"
    change = msgspec.json.decode(msgspec.json.encode(made), type=Transition)  # as the log has it
    return Change(entity_key="route#JFK-LAX", alert_id="x", known_at=when, transition=change, rule=rule, row=mine)


@pytest.mark.parametrize("hour", [8, 6, 4])
def test_the_rows_that_were_newest_then_are_found_and_named(pooling: Rule, hour: int) -> None:
    change = told(pooling, hour)
    found = judged_beside(pooling, own()[-1], LightState(), known(), change, change.known_at)
    assert found
    assert found.transition == change.transition
    assert f"JFK {BEFORE} of 08 {10 + hour:02}:00:00" in found.beside  # START is noon, two hours less
    assert (f"JFK 3h of 08 {12 + hour:02}:00:00" in found.beside) == (hour != 8)


def test_a_risk_that_no_rows_give_is_not_explained(pooling: Rule) -> None:
    change = told(pooling, 6)
    pooled = change.transition.evidence.pooled
    assert isinstance(pooled, Pooled)
    for wrong in ({"risk": pooled.risk + 1}, {"miss": pooled.miss + 1}, {"parts": pooled.parts[1:]}):
        evidence = msgspec.structs.replace(change.transition.evidence, pooled=msgspec.structs.replace(pooled, **wrong))
        forged = msgspec.structs.replace(
            change, transition=msgspec.structs.replace(change.transition, evidence=evidence)
        )
        assert judged_beside(pooling, own()[-1], LightState(), known(), forged, change.known_at) is None


def test_rows_that_were_not_known_yet_explain_nothing(pooling: Rule) -> None:
    change = told(pooling, 6)
    assert (
        judged_beside(pooling, own()[-1], LightState(), known(5 * HOUR * 60 * SECOND), change, change.known_at) is None
    )
