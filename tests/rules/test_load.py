"""What a rule file may say, and how each mistake is reported: with its file and line."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from rules.load import Catalog, load_catalog, load_file, load_files
from rules.problems import CatalogError
from schemas.errors import ContractError
from tests.rules.making import PUNCTUALITY, row, rule

RULE = """\
version = 3
kpi = "on_time_arrival"
scope = "route"
window = "24h"
amber = 80
red = 70
recover_amber = 83
recover_red = 73.0
confidence = 0.9
min_n = 8
n_of = "flights"
for = "30m"
dwell = "3h"
max_age = "15m"
audience = ["operations"]
runbook = "rules/runbooks/on_time_arrival.md"
title = { en = "Late arrivals", es = "Llegadas tarde" }
advice.en = "Look"
advice.es = "Mire"
"""


def written(folder: Path, text: str = RULE, name: str = "on_time_arrival") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, *changes: tuple[str, str], text: str = RULE) -> list[tuple[int, str]]:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = written(folder, text)
    with pytest.raises(CatalogError) as caught:
        load_file(path)
    assert all(problem.file == str(path) for problem in caught.value.problems)
    return [(problem.line, problem.message) for problem in caught.value.problems]


def test_reads_a_rule(tmp_path: Path) -> None:
    file = load_file(written(tmp_path))
    assert file.rule == PUNCTUALITY
    assert file.tests == []
    assert file.path.name == "on_time_arrival.toml"


def test_defaults(tmp_path: Path) -> None:
    one = load_file(written(tmp_path, RULE.replace('max_age = "15m"\n', ""))).rule
    assert one.max_age is None
    assert one.usd_per_block_minute == 74.24


def test_reads_tests(tmp_path: Path) -> None:
    more = '\n[[tests]]\nname = "a"\ncolumns = ["flights"]\nrows = [["0m", 8, "nothing"]]\n'
    tests = load_file(written(tmp_path, RULE + more)).tests
    assert [(t.name, t.columns, t.rows) for t in tests] == [("a", ("flights",), [["0m", 8, "nothing"]])]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("min_n = 8", "min_m = 8", 10, "unknown key 'min_m'; did you mean 'min_n'?"),
        ("version = 3", "version = 3\nxyzzy = 1", 2, "unknown key 'xyzzy'"),
        ("version = 3", "version = 0", 1, "Expected `int` >= 1"),
        ("min_n = 8", 'min_n = "8"', 10, "Expected `int`, got `str`"),
        ("min_n = 8", "min_n = 0", 10, "Expected `int` >= 1"),
        ('scope = "route"', 'scope = "rout"', 3, "Invalid enum value 'rout'"),
        ('window = "24h"', 'window = "1h"', 4, "Invalid enum value '1h'"),
        ('audience = ["operations"]', "audience = []", 15, "Expected `array` of length >= 1"),
        ('es = "Llegadas tarde"', 'fr = "Retards"', 17, "Object contains unknown field `fr`"),
        ('advice.es = "Mire"', "", 18, "Object missing required field `es`"),
        ('for = "30m"', 'for = "30 min"', 12, '\'30 min\' is not a duration like "90s", "45m", "6h", "7d" or "1h30m"'),
        ('dwell = "3h"', 'dwell = "-3h"', 13, '\'-3h\' is not a duration like "90s", "45m", "6h", "7d" or "1h30m"'),
        ('max_age = "15m"', 'max_age = "x"', 14, '\'x\' is not a duration like "90s", "45m", "6h", "7d" or "1h30m"'),
        ('n_of = "flights"', 'n_of = "flihgts"', 11, "unknown measure 'flihgts'"),
        ('window = "24h"', 'window = "3h"', 4, "no row ever comes for route 3h; there are: 24h, 7d, 28d"),
        ("confidence = 0.9\n", "", 2, "on_time_arrival is a proportion: its rule needs a confidence"),
        ("confidence = 0.9", "confidence = 90", 9, "confidence 90 is not between 0.5 and 1"),
        ("confidence = 0.9", "confidence = 0.5", 9, "confidence 0.5 is not between 0.5 and 1"),
        ("confidence = 0.9", "confidence = 1", 9, "confidence 1 is not between 0.5 and 1"),
        ('dwell = "3h"', 'dwell = "0m"', 13, "a rule without dwell may change at every row"),
        ('max_age = "15m"', 'max_age = "0s"', 14, "no row is younger than that: every light would be grey"),
        ("amber = 80", "amber = nan", 5, "amber is not a number to compare with"),
        ("red = 70", "red = -inf", 6, "red is not a number to compare with"),
        ("red = 70", "red = 0", 6, "RED is unreachable: no on_time_arrival is beyond 0"),
        (
            "recover_amber = 83",
            "recover_amber = 100.5",
            7,
            "GREEN is unreachable: no on_time_arrival comes back past 100.5",
        ),
        ("red = 70", "red = 80", 6, "higher is better: red 80 must be beyond amber 80"),
        (
            "recover_red = 73.0",
            "recover_red = 69",
            6,
            "higher is better: red 70 must not be better than recover_red 69",
        ),
        (
            "recover_amber = 83",
            "recover_amber = 79",
            5,
            "higher is better: amber 80 must not be better than recover_amber 79",
        ),
        (
            "recover_red = 73.0",
            "recover_red = 84",
            8,
            "higher is better: recover_red 84 must not be better than recover_amber 83",
        ),
    ],
)  # fmt: skip
def test_each_mistake_with_its_line(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    assert (line, message) in problems(tmp_path, (old, new))


def test_an_unknown_kpi_lists_the_known_ones(tmp_path: Path) -> None:
    ((line, message),) = problems(tmp_path, ('kpi = "on_time_arrival"', 'kpi = "otp"'))
    assert line == 2
    assert message.startswith("unknown KPI 'otp'; known: on_time_arrival, on_time_departure, ")


def test_a_kpi_without_direction_is_not_judged(tmp_path: Path) -> None:
    found = problems(tmp_path, ('kpi = "on_time_arrival"', 'kpi = "late_aircraft_share"'), ("confidence = 0.9\n", ""))
    assert (2, "late_aircraft_share has no good direction: it can be shown, not judged") in found


def test_a_window_that_the_kpi_is_not_read_over(tmp_path: Path) -> None:
    assert problems(tmp_path, ('kpi = "on_time_arrival"', 'kpi = "chronic_delay"'), ("red = 70", "red = 90"))[0] == (
        4,
        "chronic_delay is not read over 24h; windows: 28d",
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("", "", 2, "load_factor is no proportion: its rule needs a confidence and the spread of one flights"),
        ("confidence = 0.9", "spread = 15", 2, "load_factor is no proportion: its rule needs a confidence"),
        ("confidence = 0.9", "confidence = 0.9\nspread = 0", 10, "spread 0 is not a standard deviation"),
        ("confidence = 0.9", "confidence = 0.9\nspread = nan", 10, "spread nan is not a standard deviation"),
        ("confidence = 0.9", "confidence = 2\nspread = 9", 9, "confidence 2 is not between 0.5 and 1"),
        ("confidence = 0.9", "confidence = 0.9\nspread = 9\nskew = -1", 11, "skew -1 is not a skewness towards"),
    ],
)
def test_what_is_no_proportion_needs_a_bound_too(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    found = problems(tmp_path, ('kpi = "on_time_arrival"', 'kpi = "load_factor"'), (old, new))
    assert [at for at, _ in found] == [line]
    assert found[0][1].startswith(message)


def test_a_proportion_takes_no_spread(tmp_path: Path) -> None:
    found = problems(tmp_path, ("confidence = 0.9", "confidence = 0.9\nspread = 9"))
    assert found == [(10, "on_time_arrival is a proportion: its bound needs no spread")]


@pytest.mark.parametrize(
    ("against", "message"),
    [
        ("otp", "unknown KPI 'otp'; known: on_time_arrival"),
        ("load_factor", "there is nothing to compare"),
        ("margins", "unknown KPI 'margins'"),
        ("rask", "rask is in US¢/ASK over 7d, 28d, 24h"),
        ("chronic_delay", "chronic_delay is in % over 28d"),
    ],
)
def test_a_kpi_is_compared_with_one_of_its_unit_and_window(tmp_path: Path, against: str, message: str) -> None:
    bound = ("confidence = 0.9", f'confidence = 0.9\nspread = 15\nagainst = "{against}"')
    ((line, found),) = problems(tmp_path, ('kpi = "on_time_arrival"', 'kpi = "load_factor"'), bound)
    assert line == 11
    assert found.startswith(message)


def test_the_terms_of_severity_are_named_and_count_once(tmp_path: Path) -> None:
    one = load_file(written(tmp_path, RULE.replace("advice.en", 'severity = ["delay"]\nadvice.en'))).rule
    assert one.severity == ("delay",)
    line, message = problems(tmp_path, ("advice.en", 'severity = ["delay", "overrun"]\nadvice.en'))[0]
    assert (line, message) == (18, "delay and overrun price the same minutes")
    assert "Invalid enum value 'late'" in problems(tmp_path, ("advice.en", 'severity = ["late"]\nadvice.en'))[0][1]


def test_order_and_reach_follow_the_direction(tmp_path: Path) -> None:
    delay = (
        ('kpi = "on_time_arrival"', 'kpi = "mean_arrival_delay"'),
        ("confidence = 0.9", "confidence = 0.9\nspread = 40"),
    )
    found = problems(tmp_path, *delay)
    assert (6, "lower is better: red 70 must be beyond amber 80") in found
    swapped = (("amber = 80", "amber = 10"), ("red = 70", "red = 20"), ("recover_red = 73.0", "recover_red = 17"))
    found = problems(tmp_path, *delay, *swapped, ("recover_amber = 83", "recover_amber = -1"))
    assert found == [(7, "GREEN is unreachable: no mean_arrival_delay comes back past -1")]


def test_a_share_of_which_less_is_better_cannot_be_beyond_all(tmp_path: Path) -> None:
    changes = (
        ('kpi = "on_time_arrival"', 'kpi = "misconnection"'), ("amber = 80", "amber = 10"), ("red = 70", "red = 100"),
        ("recover_amber = 83", "recover_amber = 8"), ("recover_red = 73.0", "recover_red = 17"),
    )  # fmt: skip
    assert problems(tmp_path, *changes) == [(6, "RED is unreachable: no misconnection is beyond 100")]


def test_a_margin_may_be_negative(tmp_path: Path) -> None:
    text = RULE.replace('"on_time_arrival"', '"margin"').replace("confidence = 0.9", "confidence = 0.9\nspread = 18")
    text = text.replace("= 80", "= 7").replace("= 70", "= -5").replace("= 83", "= 8").replace("= 73.0", "= -4")
    assert load_file(written(tmp_path, text)).rule.thresholds.red == -5


def test_all_missing_and_unknown_keys_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, ("version = 3\n", ""), ("amber = 80", "ambre = 80"))
    assert found == [
        (4, "unknown key 'ambre'; did you mean 'amber'?"),
        (1, "missing key 'version'"),
        (1, "missing key 'amber'"),
    ]


def test_broken_syntax(tmp_path: Path) -> None:
    ((line, message),) = problems(tmp_path, ("amber = 80", "amber = "))
    assert line == 5
    assert "Invalid value" in message
    ((line, _),) = problems(tmp_path, text="version = 1\nkpi = [")
    assert line == 2


@pytest.mark.parametrize("name", ["On_time", "on-time", "1st", "on time"])
def test_the_file_name_is_the_id(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name=name)
    with pytest.raises(CatalogError) as caught:
        load_file(path)
    assert str(caught.value) == f"{path}:1: the file name is the rule's id: a-z, 0-9 and _ alone"


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    said = {"gone": "cannot be read: No such file or directory", "bytes": "not UTF-8 text"}
    for stem, message in said.items():
        with pytest.raises(CatalogError) as caught:
            load_file(tmp_path / f"{stem}.toml")
        assert str(caught.value) == f"{tmp_path}/{stem}.toml:1: {message}"


def test_a_folder_reports_the_problems_of_all_its_files(tmp_path: Path) -> None:
    written(tmp_path, RULE.replace("min_n = 8", "min_n = 0"), "one")
    written(tmp_path, RULE.replace('n_of = "flights"', 'n_of = "x"'), "two")
    written(tmp_path, name="three")
    with pytest.raises(CatalogError) as caught:
        load_files(tmp_path)
    assert [Path(problem.file).stem for problem in caught.value.problems] == ["one", "two"]
    assert str(caught.value).splitlines() == [
        f"{tmp_path}/one.toml:10: Expected `int` >= 1",
        f"{tmp_path}/two.toml:11: unknown measure 'x'",
    ]
    assert isinstance(caught.value, ContractError)


def test_a_folder_without_rules_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(CatalogError) as caught:
        load_catalog(tmp_path)
    assert str(caught.value) == f"{tmp_path}:1: no rule files (*.toml) here"


def test_the_catalogue_finds_the_rules_that_read_a_row() -> None:
    week, cancelled = rule(id="week", window="7d"), rule(id="cancelled", kpi_name="completion")
    catalog = Catalog([PUNCTUALITY, week, cancelled])
    assert catalog.rules_for(row()) == (PUNCTUALITY, cancelled)
    assert catalog.rules_for(row(window="7d")) == (week,)
    assert catalog.rules_for(row(scope="airport")) == ()
    assert list(catalog.rules) == ["on_time_arrival", "week", "cancelled"]


def test_versions_change_with_what_decides_and_not_with_words() -> None:
    number, digest = PUNCTUALITY.version.split("-")
    assert number == "3"
    assert len(digest) == 8
    assert rule(title=PUNCTUALITY.advice, advice=PUNCTUALITY.title).version == PUNCTUALITY.version
    changed = [
        rule(amber=81), rule(red=71), rule(recover_amber=84), rule(recover_red=74), rule(confidence=0.95),
        rule(min_n=9), rule(n_of="arrivals"), rule(hold=timedelta(minutes=31)), rule(dwell=timedelta(hours=4)),
        rule(max_age=None), rule(usd_per_block_minute=1.0), rule(window="7d"),
        rule(kpi_name="completion"), replace(PUNCTUALITY, id="x"),
    ]  # fmt: skip
    assert len({one.version for one in [PUNCTUALITY, *changed]}) == len(changed) + 1


def test_the_catalogues_version_changes_with_any_rules() -> None:
    assert Catalog([PUNCTUALITY]).version == Catalog([rule()]).version
    assert Catalog([PUNCTUALITY]).version != Catalog([rule(min_n=9)]).version
    assert len(Catalog([PUNCTUALITY]).version) == 8
