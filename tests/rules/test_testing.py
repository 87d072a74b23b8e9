"""The runner of the tests inside rule files, on rules whose tests are right, wrong, malformed or missing."""

from pathlib import Path

import pytest

from rules.load import RuleFile, load_file
from rules.testing import run_tests, test_problems
from tests.rules.test_load import RULE, written

POSITIVE = """
[[tests]]
name = "half are late"
columns = ["flights", "arrivals_on_time"]
rows = [["0m", 12, 11, "nothing"], ["30m", 12, 11, "GREEN"],
  ["4h", 12, 6, "nothing"],
  ["5h", 12, 6, "RED"]]
"""
NEGATIVE = """
[[tests]]
name = "two thirds of twelve"
columns = ["flights", "arrivals_on_time"]
rows = [["0m", 12, 8, "nothing"], ["9h", 12, 8, "nothing"]]
"""
FIRST = len(RULE.splitlines()) + 1


def file(folder: Path, tests: str) -> RuleFile:
    return load_file(written(folder, RULE + tests))


def sayings(folder: Path, tests: str) -> list[tuple[int, str]]:
    one = file(folder, tests)
    return [(problem.line - FIRST, problem.message) for problem in test_problems(one)]


def test_sound_and_passing(tmp_path: Path) -> None:
    assert sayings(tmp_path, POSITIVE + NEGATIVE) == []
    assert run_tests(file(tmp_path, POSITIVE + NEGATIVE)) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        (
            '["4h", 12, 6, "nothing"]',
            '["4h", 12, 6, "AMBER"]',
            5,
            "'half are late' at 4h: expected AMBER, got nothing "
            "(6 of 12 = 50.0 %, at most 67.3 % at 90 %: beyond red 70; RED pending for 0s of 30m)",
        ),
        (
            '["5h", 12, 6, "RED"]',
            '["5h", 12, 6, "nothing"]',
            6,
            "'half are late' at 5h: expected nothing, got RED "
            "(6 of 12 = 50.0 %, at most 67.3 % at 90 %: beyond red 70)",
        ),
    ],
)
def test_a_row_that_does_otherwise_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    (problem,) = run_tests(file(tmp_path, POSITIVE.replace(old, new)))
    assert (problem.line - FIRST, problem.message) == (line, message)


def test_each_test_starts_grey(tmp_path: Path) -> None:
    first = '[[tests]]\nname = "a"\ncolumns = ["flights", "arrivals_on_time"]\nrows = [["0m", 9, 9, "nothing"]]\n'
    assert run_tests(file(tmp_path, POSITIVE + first + POSITIVE)) == []


def test_the_age_of_a_row(tmp_path: Path) -> None:
    aged = POSITIVE.replace('"arrivals_on_time"]', '"arrivals_on_time", "age"]').replace('11, "', '11, "16m", "')
    aged = aged.replace('6, "', '6, "15m", "')
    one = file(tmp_path, aged)
    assert test_problems(one) == [] or "no negative test" in test_problems(one)[0].message
    # Too old to turn green; 15 minutes is not too old to turn red.
    assert [p.message.split(" (")[0] for p in run_tests(one)] == ["'half are late' at 30m: expected GREEN, got nothing"]


@pytest.mark.parametrize(
    ("tests", "message"),
    [
        ("", "no positive test: none turns the light RED"),
        (NEGATIVE, "no positive test: none turns the light RED"),
        ("", "no negative test: none has a value beyond amber and neither AMBER nor RED expected"),
        (POSITIVE, "no negative test: none has a value beyond amber and neither AMBER nor RED expected"),
        # All well all the time proves nothing.
        (
            NEGATIVE.replace("8", "12"),
            "no negative test: none has a value beyond amber and neither AMBER nor RED expected",
        ),
    ],
)
def test_a_rule_shows_that_it_speaks_and_that_it_keeps_quiet(tmp_path: Path, tests: str, message: str) -> None:
    assert message in [text for _, text in sayings(tmp_path, tests)]


def test_a_test_that_expects_amber_is_neither(tmp_path: Path) -> None:
    amber = NEGATIVE.replace('["9h", 12, 8, "nothing"]', '["9h", 12, 7, "AMBER"]')
    assert len(sayings(tmp_path, amber)) == 2


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('"arrivals_on_time"]', '"on_time"]', 3, "unknown measure 'on_time'"),
        ('"arrivals_on_time"]', '"flights"]', 3, "a column is named twice"),
        ('["4h", 12, 6, "nothing"]', '["4h", 12, "nothing"]', 5, "3 values, expected 4: offset, columns, light"),
        ('["4h", 12, 6, "nothing"]', "[]", 5, "0 values, expected 4: offset, columns, light"),
        ('["4h", 12, 6, "nothing"]', '["4 h", 12, 6, "nothing"]', 5, "'4 h' is not a duration"),
        ('["4h", 12, 6, "nothing"]', '["4h", 12, "6", "nothing"]', 5, "arrivals_on_time is '6', not an integer"),
        (
            '["4h", 12, 6, "nothing"]',
            '["4h", 12, 6, "red"]',
            5,
            "expected light 'red' is none of GREEN, AMBER, RED, GREY, nothing",
        ),
        ('["4h", 12, 6, "nothing"]', '["30m", 12, 6, "nothing"]', 5, "offset 30m is not after the row before"),
    ],
)
def test_malformed_tests(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    found = sayings(tmp_path, POSITIVE.replace(old, new) + NEGATIVE)
    assert any(at == line and text.startswith(message) for at, text in found), found


def test_a_test_without_rows(tmp_path: Path) -> None:
    empty = '\n[[tests]]\nname = "a"\ncolumns = ["flights"]\nrows = []\n'
    assert (4, "a test without rows") in sayings(tmp_path, empty)


@pytest.mark.parametrize(
    ("scope", "entity", "sound"),
    [
        ("route", "JFK-LAX", True), ("route", "JFK", False), ("route", "JFK-LAX-SFO", False),
        ("airport", "JFK", True), ("airport", "JFK-LAX", False),
    ],
)  # fmt: skip
def test_the_entity_of_a_test_is_of_the_rules_scope(tmp_path: Path, scope: str, entity: str, sound: bool) -> None:
    tests = POSITIVE.replace("columns", f'entity = "{entity}"\ncolumns') + NEGATIVE
    one = load_file(written(tmp_path, RULE.replace('scope = "route"', f'scope = "{scope}"') + tests))
    found = [(problem.line - FIRST, problem.message) for problem in test_problems(one)]
    assert found == ([] if sound else [(3, f"'{entity}' is no {scope}")])


def test_a_malformed_age(tmp_path: Path) -> None:
    aged = '\n[[tests]]\nname = "a"\ncolumns = ["age"]\nrows = [["0m", "old", "nothing"]]\n'
    assert sayings(tmp_path, aged)[0][1].startswith("'old' is not a duration")
