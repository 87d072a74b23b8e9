"""CloudWatch's rules: AWS's own tables, and the same rules stated another way."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.watch.alarm import Alarm, Metric, Missing
from deploy.watch.evaluate import Point, State, evaluation_range, next_state

THREE = Alarm(
    name="three",
    page="stage",
    signal=Metric("N", "m", "Sum", {}),
    comparison=">",
    threshold=10,
    unit="",
    reason="",
    breaching=3,
    periods=3,
)
TWO = replace(THREE, breaching=2)
TREATMENTS: tuple[Missing, ...] = ("missing", "ignore", "breaching", "notBreaching")
KEPT = "the state before"

# AWS, "How alarm state is evaluated when data is missing": its two tables, columns in the order of TREATMENTS.
TABLES = [
    (THREE, "0-X-X", ("OK", "OK", "OK", "OK")),
    (THREE, "0----", ("OK", "OK", "OK", "OK")),
    (THREE, "-----", ("INSUFFICIENT_DATA", KEPT, "ALARM", "OK")),
    (THREE, "0XX-X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    (THREE, "--X--", ("ALARM", KEPT, "ALARM", "OK")),
    (TWO, "0-X-X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    (TWO, "00X0X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    (TWO, "0-X--", ("OK", "OK", "ALARM", "OK")),
    (TWO, "----0", ("OK", "OK", "ALARM", "OK")),
    (TWO, "---X-", ("ALARM", KEPT, "ALARM", "OK")),
]


def points(text: str) -> list[Point]:
    return [{"0": 10.0, "X": 10.5, "-": None}[one] for one in text]


@pytest.mark.parametrize(("alarm", "text", "expected"), TABLES, ids=[f"{a.breaching} {t}" for a, t, _ in TABLES])
@pytest.mark.parametrize("before", get_args(State))
def test_the_tables_of_the_documentation(alarm: Alarm, text: str, expected: tuple[str, ...], before: State) -> None:
    for missing, state in zip(TREATMENTS, expected, strict=True):
        found = next_state(replace(alarm, missing=missing), points(text), before)
        assert found == (before if state == KEPT else state), missing


@pytest.mark.parametrize("text", ["----X", "---X-"])
def test_one_bad_figure_after_silence_raises_nothing_yet(text: str) -> None:
    for before in get_args(State):
        assert next_state(replace(THREE, missing="missing"), points(text), before) == before


def test_the_range_is_that_of_the_tables() -> None:
    assert evaluation_range(THREE) == len("0-X-X")


def stated_plainly(alarm: Alarm, text: str, before: State) -> State:
    """The documentation's sentences, one after the other, over the letters of its tables."""
    real = text.replace("-", "")
    n, m = alarm.periods, alarm.breaching
    if len(real) >= n:
        return "ALARM" if real[len(real) - n :].count("X") >= m else "OK"
    fill = {"breaching": "X", "notBreaching": "0"}.get(alarm.missing)
    if fill is not None:
        return "ALARM" if real.ljust(n, fill).count("X") >= m else "OK"
    if real.count("X") >= m:
        return "ALARM"
    if "0" in real:
        return "OK"
    if alarm.missing == "ignore":
        return before
    if not real:
        return "INSUFFICIENT_DATA"
    return "ALARM" if text.lstrip("-")[m - 1 :] else before


@given(
    st.integers(1, 6).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))),
    st.sampled_from(TREATMENTS),
    st.sampled_from(get_args(State)),
    st.data(),
)
def test_it_agrees_with_the_sentences(
    n_m: tuple[int, int], missing: Missing, before: State, data: st.DataObject
) -> None:
    alarm = replace(THREE, periods=n_m[0], breaching=n_m[1], missing=missing)
    text = data.draw(st.text("0X-", min_size=evaluation_range(alarm), max_size=evaluation_range(alarm)))
    assert next_state(alarm, points(text), before) == stated_plainly(alarm, text, before)


def test_every_case_of_three_periods() -> None:
    """All 243 of both tables' alarms, every treatment, every state before."""
    treated_alarms = [replace(alarm, missing=missing) for alarm, missing in product((THREE, TWO), TREATMENTS)]
    for letters in product("0X-", repeat=5):
        text = "".join(letters)
        for treated, before in product(treated_alarms, get_args(State)):
            assert next_state(treated, points(text), before) == stated_plainly(treated, text, before), text


@pytest.mark.parametrize(
    ("comparison", "raised"), [(">", [False, True]), (">=", [True, True]), ("<", [False, False]), ("<=", [True, False])]
)
def test_at_the_threshold_and_beyond(comparison: str, raised: list[bool]) -> None:
    alarm = replace(THREE, periods=1, breaching=1, comparison=comparison)  # type: ignore[arg-type]
    assert [next_state(alarm, [None, None, point], "OK") == "ALARM" for point in (10.0, 10.5)] == raised
