"""What the page of rules says of a rule, without a screen: its tests with their result, the override in force."""

from collections.abc import Iterable, Mapping

import msgspec

from rules.choose import rule_for
from rules.durations import format_duration
from rules.load import RuleFile
from rules.rule import Rule
from rules.testing import run_tests, test_problems
from schemas.rows import KpiRow, Window
from streamlit_app.rule_words import evidence_needed, unit_text
from streamlit_app.words import Speech


class Outcome(msgspec.Struct, frozen=True):
    """One test of a rule file, and what did otherwise than it expects (nothing: it passes)."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    problems: tuple[str, ...]


def outcomes_of(file: RuleFile) -> list[Outcome]:
    """The tests of a file, run here and now; malformed ones are not run, and say so."""
    if malformed := test_problems(file):
        return [Outcome("", (), (), tuple(problem.message for problem in malformed))]
    return [
        Outcome(
            test.name,
            test.columns,
            tuple(tuple(str(cell) for cell in row) for row in test.rows),
            tuple(problem.message for problem in run_tests(msgspec.structs.replace(file, tests=[test]))),
        )
        for test in file.tests
    ]


def passed(tests: Iterable[Outcome]) -> tuple[int, int]:
    """How many pass, of how many."""
    results = [not one.problems for one in tests]
    return sum(results), len(results)


def in_force(rule: Rule, rows: Mapping[Window, KpiRow]) -> Rule | None:
    """The rule as it is for the entity of these rows, its newest by window; None where it judges none of them."""
    row = rows.get(rule.window)
    return rule_for(rule, row) if row is not None and row.scope == rule.scope else None


def settings_of(rule: Rule, say: Speech) -> list[tuple[str, str]]:
    """What decides a light, each with its unit: name and value."""
    limits, unit = rule.thresholds, unit_text(rule, say)
    return [
        (say["kpi"], f"{say.kpi(rule.kpi)} ({rule.kpi.formula})"),
        (say["scope"], say[f"scope_{rule.scope}"]),
        (say["window"], say.window(rule.window)),
        (say["threshold_amber"], f"{limits.amber:g} {unit}, {say['recovers']} {limits.recover_amber:g}"),
        (say["threshold_red"], f"{limits.red:g} {unit}, {say['recovers']} {limits.recover_red:g}"),
        (say["hold"], format_duration(rule.hold)),
        (say["dwell"], format_duration(rule.dwell)),
        (say["min_n"], evidence_needed(rule, say)),
        (say["confidence"], "–" if rule.confidence is None else f"{100 * rule.confidence:g} %"),
        (say["max_age"], "–" if rule.max_age is None else format_duration(rule.max_age)),
        (say["evidence"], say["evidence_pooled" if rule.model else "evidence_own"]),
        (say["audience"], ", ".join(rule.audience)),
        (say["version"], rule.version),
    ]
