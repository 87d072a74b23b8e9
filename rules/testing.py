"""Runs the tests inside rule files: a series of rows, and what each must do to the light, "nothing" included.

A test row is [offset, one value per column…, expected]. The row's event time is the test's start plus the offset, all
measures not among the columns are 0. `expected` is the light that the row must change the light to, or "nothing" if it
must not change it; the light starts GREY. The column `age` gives how old the row is when it is looked at. A test may
say of which `entity` the rows are, and on which date they `start`: so it reaches an override. For pooled evidence
`month.flights` is a measure of the route's last 28 days, and `airports.flights` one of the last three hours at each of
its airports.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from rules.choose import rule_for
from rules.durations import parse_duration
from rules.evaluate import evaluate
from rules.evidence import judged, weigh
from rules.load import RuleFile
from rules.pooled_features import Context
from rules.problems import Problem
from rules.rule import Rule
from rules.written import RuleTest, TestRow
from schemas.lights import Light, LightState
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow, Scope, Window, ends_of

NOTHING: Final = "nothing"
AGE: Final = "age"
_MONTH: Final = "month"
_AIRPORTS: Final = "airports"
_COLUMNS: Final = {AGE, *(f"{whose}{name}" for whose in ("", f"{_MONTH}.", f"{_AIRPORTS}.") for name in MEASURE_NAMES)}
_ALARMS: Final = (Light.AMBER, Light.RED)
# In no high season, nor are the weeks after it.
_START: Final = date(2026, 2, 2)
_ENTITY: Final = {"route": "MEX-GDL", "airport": "MEX", "carrier": "AM"}


def run_tests(file: RuleFile) -> list[Problem]:
    """One problem per row that did something else than expected; empty if all tests of the file pass.

    The tests must be well-formed: `test_problems` says if they are.
    """
    return [problem for index, test in enumerate(file.tests) for problem in _failures(file, index, test)]


def _failures(file: RuleFile, index: int, test: RuleTest) -> Iterator[Problem]:
    state = LightState()
    for number, written in enumerate(test.rows):
        row, age = _row(file.rule, test, written)
        here = rule_for(file.rule, row)
        state, transition = evaluate(here, row, _context(test, written, row), state, row.ingested_at + age)
        happened = transition.to_light if transition else NOTHING
        if happened != written[-1]:
            message = f"{test.name!r} at {written[0]}: expected {written[-1]}, got {happened} ({state.reason})"
            yield file.problem(f"tests[{index}].rows[{number}]", message)


def test_problems(file: RuleFile) -> list[Problem]:
    """What is malformed or missing in a file's tests.

    A rule shows that it speaks and that it keeps quiet: at least one test turns the light RED, and at least one holds
    a row whose value is beyond amber (of pooled evidence: short of the model's target) and yet never leaves GREEN and
    GREY.
    """
    malformed = [problem for index, test in enumerate(file.tests) for problem in _form_problems(file, index, test)]
    if malformed:
        return malformed
    problems = []
    if not any(Light.RED in _expected(test) for test in file.tests):
        problems.append(file.problem("tests", "no positive test: none turns the light RED"))
    if not any(_keeps_quiet(file.rule, test) for test in file.tests):
        message = "no negative test: none has a value beyond amber and neither AMBER nor RED expected"
        problems.append(file.problem("tests", message))
    return problems


test_problems.__test__ = False  # type: ignore[attr-defined]  # pytest: not a test, whoever imports it


def _form_problems(file: RuleFile, index: int, test: RuleTest) -> Iterator[Problem]:
    place = f"tests[{index}]"
    if test.entity is not None and test.entity.count("-") != (1 if file.rule.scope == "route" else 0):
        yield file.problem(f"{place}.entity", f"{test.entity!r} is no {file.rule.scope}")
    for column in test.columns:
        if column not in _COLUMNS:
            yield file.problem(f"{place}.columns", f"unknown measure {column!r}")
    if len(set(test.columns)) != len(test.columns):
        yield file.problem(f"{place}.columns", "a column is named twice")
    if not test.rows:
        yield file.problem(f"{place}.rows", "a test without rows")
    before: timedelta | None = None
    for number, row in enumerate(test.rows):
        fault, offset = _row_fault(test, row)
        if not fault and before is not None and offset is not None and offset <= before:
            fault = f"offset {row[0]} is not after the row before"
        if fault:
            yield file.problem(f"{place}.rows[{number}]", fault)
        before = offset if offset is not None else before


def _row_fault(test: RuleTest, row: TestRow) -> tuple[str, timedelta | None]:
    """What is wrong with a row by itself, and its offset if it has one."""
    if len(row) != len(test.columns) + 2:
        return f"{len(row)} values, expected {len(test.columns) + 2}: offset, columns, light", None
    try:
        offset = parse_duration(str(row[0]))
        for column, value in zip(test.columns, row[1:-1], strict=True):
            if column == AGE:
                parse_duration(str(value))
            elif not isinstance(value, int):
                return f"{column} is {value!r}, not an integer", offset
    except ValueError as error:
        return str(error), None
    if row[-1] not in (*Light, NOTHING):
        return f"expected light {row[-1]!r} is none of {', '.join((*Light, NOTHING))}", offset
    return "", offset


def _row(rule: Rule, test: RuleTest, written: TestRow) -> tuple[KpiRow, timedelta]:
    given = dict(zip(test.columns, written[1:-1], strict=True))
    at = datetime.combine(test.start or _START, time(tzinfo=UTC)) + parse_duration(str(written[0]))
    age = parse_duration(str(given.pop(AGE, "0s")))
    measures = tuple(int(given.get(name, 0)) for name in MEASURE_NAMES)
    return KpiRow(rule.scope, test.entity or _ENTITY[rule.scope], rule.window, at, 0, at, 1, measures), age


def _context(test: RuleTest, written: TestRow, row: KpiRow) -> Context:
    """The rows of the neighbours that the test tells of."""
    given = {column: int(value) for column, value in zip(test.columns, written[1:-1], strict=True) if "." in column}

    def told(whose: str, scope: Scope, entity: str, window: Window) -> KpiRow:
        measures = tuple(given.get(f"{whose}.{name}", 0) for name in MEASURE_NAMES)
        return KpiRow(scope, entity, window, row.at, 0, row.at, 1, measures)

    rows = [told(_AIRPORTS, "airport", code, "3h") for code in ends_of(row.entity)]
    rows.append(told(_MONTH, "route", row.entity, "28d"))
    return {one.key: one for one in rows} if given else {}


def _expected(test: RuleTest) -> set[str | int]:
    return {row[-1] for row in test.rows}


def _keeps_quiet(rule: Rule, test: RuleTest) -> bool:
    if _expected(test) & set(_ALARMS):
        return False
    return any(_is_beyond_amber(rule, _row(rule, test, row)[0]) for row in test.rows)


def _is_beyond_amber(rule: Rule, row: KpiRow) -> bool:
    here = rule_for(rule, row)
    if here.model:
        share = here.kpi.value(row)
        return share is not None and share < here.model.below
    value, _ = judged(here, weigh(here, row, {}, row.ingested_at).evidence)
    return value is not None and here.worse(value, here.thresholds.amber)
