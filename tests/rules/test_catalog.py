"""The shipped rules: each file's own tests, and what all files have in common."""

import re
import sys
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from msgspec.structs import replace

from rules.evaluate import evaluate
from rules.load import CATALOG_FOLDER, Catalog, RuleFile, load_catalog, load_files
from rules.severity import double_counts
from rules.testing import run_tests, test_problems
from schemas.kpis import KPIS
from schemas.lights import LightState
from schemas.measures import MEASURE_NAMES
from schemas.rows import WINDOWS_OF_SCOPE, KpiRow, Window
from tests.rules.making import MINUTE, START

FILES = load_files()
PROJECT = Path(__file__).parents[2]
EACH = pytest.mark.parametrize("file", FILES, ids=lambda file: file.rule.id)


@EACH
def test_the_tests_inside_pass(file: RuleFile) -> None:
    assert test_problems(file) == []
    assert run_tests(file) == []


@EACH
def test_a_rule_is_a_page(file: RuleFile) -> None:
    lines = file.path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 120


@EACH
def test_one_stem_from_kpi_to_runbook(file: RuleFile) -> None:
    scope = "" if file.rule.scope == "route" else f"_{file.rule.scope}"
    assert file.rule.kpi_name in KPIS
    assert file.rule.id == f"{file.rule.kpi_name}{scope}"
    assert file.rule.runbook == f"rules/runbooks/{file.rule.id}.md"
    assert (PROJECT / file.rule.runbook).is_file()


@EACH
def test_the_runbook_names_the_thresholds(file: RuleFile) -> None:
    numbers = set(re.findall(r"\d+(?:\.\d+)?", (PROJECT / file.rule.runbook).read_text(encoding="utf-8")))
    for rule in (file.rule, *(override.rule for override in file.rule.overrides)):
        limits = rule.thresholds
        named = (limits.amber, limits.red, limits.recover_amber, limits.recover_red)
        assert {f"{abs(limit):g}" for limit in named} <= numbers


@EACH
def test_every_override_is_reached_by_a_test_that_ends_otherwise_without_it(file: RuleFile) -> None:
    for override in file.rule.overrides:
        without = tuple(one for one in file.rule.overrides if one is not override)
        assert run_tests(replace(file, rule=replace(file.rule, overrides=without))) != []


@EACH
def test_the_words_fit_a_message(file: RuleFile) -> None:
    for words in (file.rule.title, file.rule.advice):
        assert words.en != words.es
        assert all(0 < len(text) <= 90 and text == text.strip() for text in (words.en, words.es))


@EACH
def test_every_threshold_and_the_time_are_tested(file: RuleFile) -> None:
    """Without any one of them, some test of the file fails."""
    one, limits = file.rule, file.rule.thresholds
    beyond = 1e9 if one.sign < 0 else -1e9
    blunted = [
        replace(one, thresholds=replace(limits, red=beyond)),
        replace(one, thresholds=replace(limits, amber=beyond)),
        replace(one, thresholds=replace(limits, recover_amber=-beyond)),
        replace(one, thresholds=replace(limits, recover_red=-beyond)),
        *([replace(one, hold=timedelta())] if one.hold else []),
    ]
    passing = [index for index, rule in enumerate(blunted) if not run_tests(replace(file, rule=rule))]
    assert passing == []


def test_the_runbooks_are_the_rules() -> None:
    assert {path.stem for path in (CATALOG_FOLDER.parent / "runbooks").iterdir()} == {file.rule.id for file in FILES}


def test_the_catalogue_holds_the_rules() -> None:
    first = {"on_time_arrival", "completion", "mean_arrival_delay", "load_factor", "margin"}
    later = {
        "on_time_departure",
        "block_overrun",
        "turnaround_overrun",
        "misconnection",
        "unit_spread",
        "fuel_intensity",
    }
    rest = {"satisfaction", "nps", "compensation_exposure", "chronic_delay"}
    elsewhere = {"on_time_arrival_airport", "on_time_arrival_carrier"}
    assert load_catalog().rules.keys() == first | later | rest | elsewhere


def test_no_rule_counts_money_twice_or_judges_a_mean_without_a_bound() -> None:
    for one in load_catalog().rules.values():
        assert double_counts(one) == ""
        assert one.model is not None or one.z is not None


def test_a_decision_takes_few_steps_and_no_more_as_lights_grow_old() -> None:
    """A packed record has 200 rows, a replay of three days 100,000 and more. Lines that ran are counted, for they are
    the same on every machine: 350 a decision at 31,000 decisions a second of CPU, 150 of them for late arrivals' trees;
    before those 210 at 37,000."""
    catalog = load_catalog()
    states: dict[str, LightState] = {}
    first, last = (_lines_a_decision(catalog, minutes, states) for minutes in (range(250), range(250, 500)))
    assert last <= 1.1 * first
    assert first <= 500
    assert any(len(state.recent_transitions_at) > 1 for state in states.values())


def _busy_row(minute: int, window: Window) -> KpiRow:
    """All measures filled; good for 97 minutes, then bad for 97."""
    at = START + minute * MINUTE
    few = 3 if minute // 97 % 2 else 20
    given = dict.fromkeys(MEASURE_NAMES, 1000) | {"flights": 20, "operated": few, "arrivals_on_time": few}
    return KpiRow("route", "JFK-LAX", window, at, 0, at, 1, tuple(given.values()))


def _lines_a_decision(catalog: Catalog, minutes: range, states: dict[str, LightState]) -> float:
    """How many lines of Python run from a row to a light, those of each turn of a loop counted."""
    lines = decisions = 0

    def count(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return count

    rows = [_busy_row(minute, window) for minute in minutes for window in WINDOWS_OF_SCOPE["route"]]
    traced_by = sys.gettrace()
    try:
        for a_row in rows:
            sys.settrace(count)
            for rule in catalog.rules_for(a_row):
                states[rule.id], _ = evaluate(rule, a_row, {}, states.get(rule.id, LightState()), a_row.at)
                decisions += 1
            sys.settrace(traced_by)
    finally:
        sys.settrace(traced_by)
    return lines / decisions
