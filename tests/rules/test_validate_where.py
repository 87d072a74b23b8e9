"""Overrides that make no sense, each with its line; those that do, pass."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from rules.load import load_catalog, load_file
from rules.rule import Override
from rules.selector import Selector
from rules.validate_where import where_problems
from tests.rules.test_load import RULE, problems, written

FIRST = len(RULE.splitlines()) + 1


def found(folder: Path, *tables: str, rule: str = RULE) -> list[tuple[int, str]]:
    """(line from the first [[where]], message)."""
    text = rule + "".join(f"[[where]]\n{table}\n" for table in tables)
    return [(line - FIRST, message) for line, message in problems(folder, text=text)]


def passes(folder: Path, *tables: str, rule: str = RULE) -> None:
    load_file(written(folder, rule + "".join(f"[[where]]\n{table}\n" for table in tables)))


AIRPORT = RULE.replace('"route"', '"airport"')
CARRIER = RULE.replace('"route"', '"carrier"')


def test_an_override_is_the_rule_with_its_changes(tmp_path: Path) -> None:
    table = 'airports = ["MEX"]\nseasons = ["summer"]\namber = 75\nfor = "2h"\naudience = ["hub"]\nmin_n = 20'
    rule = load_file(written(tmp_path, f"{RULE}[[where]]\n{table}\n")).rule
    (override,) = rule.overrides
    assert override.rule.where == "airport MEX, summer"
    assert (override.rule.thresholds.amber, override.rule.thresholds.red) == (75, 70)
    assert (override.rule.hold.total_seconds(), override.rule.audience, override.rule.min_n) == (7200, ("hub",), 20)
    assert (override.rule.dwell, override.rule.runbook) == (rule.dwell, rule.runbook)
    assert override.weight == 9


@pytest.mark.parametrize(
    ("table", "line", "message"),
    [
        ("amber = 75", 0, "no condition: it would be for every row, so change the rule itself"),
        ('routes = ["JFK-LAX"]', 0, "it changes nothing"),
        ('routes = ["JFK-LAX"]\namber = 80', 0, "it changes nothing"),
        ('routes = ["JFKLAX"]\namber = 75', 1, "no row matches: 'JFKLAX' is none of routes"),
        ('routes = ["JFK-JFK"]\namber = 75', 1, "no row matches: 'JFK-JFK' is none of routes"),
        ('airports = ["jfk"]\namber = 75', 1, "no row matches: 'jfk' is none of airports"),
        ('carriers = ["AM"]\namber = 75', 1, "no row matches: rows of scope route have no carriers"),
        ('stage_km = [1500, 1500]\namber = 75', 1,
         "no row matches: no great circle is from 1500 to below 1500 km long"),
        ('stage_km = [30000, 40000]\namber = 75', 1,
         "no row matches: no great circle is from 30000 to below 40000 km long"),
        ('routes = ["JFK-LAX"]\nairports = ["SFO"]\namber = 75', 1,
         "routes name their airports: give one of the two"),
        ('airports = ["JFK", "JFK"]\namber = 75', 1, "'JFK' is named twice"),
        ('seasons = ["autumn"]\namber = 75', 1, "Invalid enum value 'autumn'"),
        ('stage_km = [1500]\namber = 75', 1, "Expected `array` of length 2, got 1"),
        ('airports = ["JFK"]\nambre = 75', 2, "unknown key 'ambre'; did you mean 'amber'?"),
        ('airports = ["JFK"]\nkpi = "margin"', 2, "unknown key 'kpi'"),
        ('airports = ["JFK"]\nfor = "1 h"', 2, "'1 h' is not a duration"),
        ('airports = ["JFK"]\nred = 81', 2, "higher is better: red 81 must be beyond amber 80"),
        ('airports = ["JFK"]\nred = 0', 2, "RED is unreachable: no on_time_arrival is beyond 0"),
        ('airports = ["JFK"]\nrecover_amber = 101', 2, "GREEN is unreachable: no on_time_arrival comes back past 101"),
        ('airports = ["JFK"]\nconfidence = 0.4', 2, "confidence 0.4 is not between 0.5 and 1"),
        ('airports = ["JFK"]\nmin_n = 0', 2, "Expected `int` >= 1"),
    ],
)  # fmt: skip
def test_each_mistake_with_its_line(tmp_path: Path, table: str, line: int, message: str) -> None:
    assert any(at == line and text.startswith(message) for at, text in found(tmp_path, table)), found(tmp_path, table)


def test_a_mistake_in_the_second_table_has_its_line(tmp_path: Path) -> None:
    assert found(tmp_path, 'airports = ["JFK"]\namber = 75', 'airports = ["LAX"]\nmin_n = 0')[0][0] == 5


def test_where_must_be_tables(tmp_path: Path) -> None:
    assert problems(tmp_path, ("min_n = 8", "min_n = 8\nwhere = 3")) == [(11, "overrides are tables: [[where]]")]


def test_conditions_that_a_scope_lacks(tmp_path: Path) -> None:
    assert (
        "rows of scope airport have no stage_km"
        in found(tmp_path, "stage_km = [0, 1500]\namber = 75", rule=AIRPORT)[0][1]
    )
    assert (
        "rows of scope carrier have no airports"
        in found(tmp_path, 'airports = ["JFK"]\namber = 75', rule=CARRIER)[0][1]
    )
    passes(tmp_path, 'airports = ["JFK"]\namber = 75', rule=AIRPORT)
    passes(tmp_path, 'carriers = ["AM"]\namber = 75', rule=CARRIER)


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ('seasons = ["summer", "winter"]', 'seasons = ["winter"]', "winter"),
        ('stage_km = [0, 1500]', "stage_km = [1000, 4000]", "1000 to 1500 km"),
        ('routes = ["JFK-LAX", "JFK-SFO"]', 'routes = ["JFK-SFO"]', "route JFK-SFO"),
        ('airports = ["JFK", "LAX"]', 'airports = ["LAX"]', "airport LAX"),
        ('airports = ["JFK"]', 'airports = ["LAX"]', "route JFK-LAX"),
        ('airports = ["JFK"]\nseasons = ["winter"]', 'airports = ["LAX"]\nseasons = ["spring", "winter"]',
         "route JFK-LAX, winter"),
    ],
)  # fmt: skip
def test_equal_weight_and_a_row_in_common_is_a_mistake(tmp_path: Path, first: str, second: str, both: str) -> None:
    ((line, message),) = found(tmp_path, f"{first}\namber = 75", f"{second}\namber = 76")
    assert line == 2 + first.count("\n") + 1
    assert message.endswith(f", and both match {both}: give that one of its own, or say more of either")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('seasons = ["summer"]', 'seasons = ["winter"]'),
        ('seasons = ["summer"]', 'airports = ["JFK"]'),
        ("stage_km = [0, 1500]", "stage_km = [1500, 4000]"),
        ('routes = ["JFK-LAX"]', 'routes = ["LAX-JFK"]'),
        ('airports = ["JFK"]\nseasons = ["summer"]', 'airports = ["LAX"]\nseasons = ["winter"]'),
        ('airports = ["JFK"]\nstage_km = [0, 900]', 'airports = ["LAX"]\nstage_km = [900, 4000]'),
        ('airports = ["JFK"]\nseasons = ["summer"]', 'airports = ["JFK"]'),
    ],
)
def test_other_weights_or_no_row_in_common_pass(tmp_path: Path, first: str, second: str) -> None:
    passes(tmp_path, f"{first}\namber = 75", f"{second}\namber = 76")


def test_an_override_of_a_pooled_rule_is_in_percent_of_risk() -> None:
    """Above is worse there, and no risk is beyond 100."""
    shipped = next(one for one in load_catalog().rules.values() if one.model)
    limits = shipped.thresholds

    def with_thresholds(**changes: float) -> list[tuple[str, str]]:
        there = replace(shipped, thresholds=replace(limits, **changes), where="airport MEX")
        return where_problems(replace(shipped, overrides=(Override(Selector(airports=("MEX",)), there),)))

    assert with_thresholds(amber=limits.amber + 2, red=limits.red + 2) == []
    assert with_thresholds() == [("where[0]", "it changes nothing")]
    assert with_thresholds(red=100) == [("where[0].red", "RED is unreachable: no risk is beyond 100")]
    assert with_thresholds(recover_amber=-1)[0][1].startswith("GREEN is unreachable: no risk comes back past -1")
    assert with_thresholds(red=limits.amber)[0][1].startswith("lower is better: red")


def test_airports_do_not_share_a_route_in_another_scope(tmp_path: Path) -> None:
    passes(tmp_path, 'airports = ["JFK"]\namber = 75', 'airports = ["LAX"]\namber = 76', rule=AIRPORT)


def test_an_override_for_the_routes_between_decides(tmp_path: Path) -> None:
    two = ('airports = ["JFK"]\namber = 75', 'airports = ["LAX"]\namber = 76')
    passes(tmp_path, *two, 'routes = ["JFK-LAX", "LAX-JFK"]\namber = 77')
    one_way = found(tmp_path, *two, 'routes = ["JFK-LAX"]\namber = 77')
    assert [line for line, _ in one_way] == [3]
    assert "and both match route LAX-JFK: " in one_way[0][1]
    # Only in summer is not enough.
    part = found(tmp_path, *two, 'routes = ["JFK-LAX", "LAX-JFK"]\nseasons = ["summer"]\namber = 77')
    assert "and both match route JFK-LAX: " in part[0][1]


@pytest.mark.parametrize(
    ("jfk", "lax", "between", "undecided"),
    [
        ('seasons = ["summer"]', 'seasons = ["summer"]', 'seasons = ["summer"]', ""),
        ('seasons = ["summer"]', 'seasons = ["summer"]', 'seasons = ["spring", "summer"]', ""),
        ('seasons = ["summer"]', 'seasons = ["summer"]', 'seasons = ["winter"]', "route JFK-LAX, summer"),
        ('seasons = ["spring", "summer"]', 'seasons = ["spring", "summer"]', 'seasons = ["summer"]',
         "route JFK-LAX, spring or summer"),
        ("stage_km = [0, 3000]", "stage_km = [1000, 4000]", "stage_km = [1000, 3000]", ""),
        ("stage_km = [0, 3000]", "stage_km = [1000, 4000]", "stage_km = [500, 3500]", ""),
        ("stage_km = [0, 3000]", "stage_km = [1000, 4000]", "stage_km = [1001, 3000]",
         "route JFK-LAX, 1000 to 3000 km"),
        ("stage_km = [0, 3000]", "stage_km = [1000, 4000]", "stage_km = [1000, 2999]",
         "route JFK-LAX, 1000 to 3000 km"),
        ("stage_km = [0, 3000]", "stage_km = [1000, 4000]", "", ""),
        ("", "", "stage_km = [0, 20000]", "route JFK-LAX"),
    ],
)  # fmt: skip
def test_and_only_where_it_holds_for_all_they_share(
    tmp_path: Path, jfk: str, lax: str, between: str, undecided: str
) -> None:
    tables = (
        f'airports = ["JFK"]\n{jfk}\namber = 75',
        f'airports = ["LAX"]\n{lax}\namber = 76',
        f'routes = ["JFK-LAX", "LAX-JFK"]\n{between}\namber = 77',
    )
    if not undecided:
        passes(tmp_path, *tables)
    else:
        assert f"and both match {undecided}: " in found(tmp_path, *tables)[0][1]
