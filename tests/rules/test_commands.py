"""`python -m rules` as people and CI call it: what it prints, where, and its exit code."""

import subprocess
import sys
from pathlib import Path

import msgspec
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from rules.__main__ import app, model_text
from rules.pooled import PooledModel
from rules.trees import Trees
from schemas.kpis import KPIS
from tests.rules.making import START
from tests.rules.test_fit_pooled import DAY, network
from tests.rules.test_load import RULE, written
from tests.rules.test_testing import NEGATIVE, POSITIVE


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """A folder like ours: rules/catalog with one sound rule, rules/runbooks with its page."""
    folder = tmp_path / "rules" / "catalog"
    folder.mkdir(parents=True)
    written(folder, RULE + POSITIVE + NEGATIVE)
    (tmp_path / "rules" / "runbooks").mkdir()
    (tmp_path / "rules" / "runbooks" / "on_time_arrival.md").write_text("# Late arrivals\n")
    return folder


def test_the_shipped_rules_pass_both_commands() -> None:
    for words in (["check"], ["test"]):
        result = call(*words)
        assert (result.exit_code, result.stderr) == (0, "")


def test_check_and_test_say_what_they_did(catalog: Path) -> None:
    assert call("check", catalog).stdout == "rules: 1 rules with 2 tests are sound\n"
    assert call("test", catalog).stdout == "rules: 2 tests of 1 rules pass, 6 rows\n"
    assert call("test", catalog / "on_time_arrival.toml").exit_code == 0


@pytest.mark.parametrize("command", ["check", "test"])
def test_a_broken_rule_fails_both_with_file_and_line(catalog: Path, command: str) -> None:
    path = written(catalog, RULE.replace("min_n = 8", "min_n = 0") + POSITIVE + NEGATIVE)
    result = call(command, catalog)
    assert result.exit_code == 1
    assert result.stderr == f"{path}:10: Expected `int` >= 1\nrules: 1 problem\n"
    assert result.stdout == ""


def test_check_demands_tests_and_a_runbook(catalog: Path) -> None:
    path = written(catalog, RULE.replace("runbooks/on_time", "runbooks/on_tyme"))
    result = call("check", catalog)
    assert result.exit_code == 1
    assert f"{path}:16: no runbook 'rules/runbooks/on_tyme_arrival.md'" in result.stderr
    assert "no positive test" in result.stderr
    assert "no negative test" in result.stderr
    assert result.stderr.endswith("rules: 3 problems\n")


def test_a_runbook_may_be_an_address(catalog: Path) -> None:
    text = RULE.replace("rules/runbooks/on_time_arrival.md", "https://example.com/late")
    written(catalog, text + POSITIVE + NEGATIVE)
    assert call("check", catalog).exit_code == 0


def test_the_runbook_of_an_override_must_be_there_too(catalog: Path) -> None:
    where = '[[where]]\nairports = ["MEX"]\nrunbook = "rules/runbooks/mexico.md"\n'
    path = written(catalog, RULE + where + POSITIVE + NEGATIVE)
    result = call("check", catalog)
    assert result.exit_code == 1
    assert result.stderr == f"{path}:22: no runbook 'rules/runbooks/mexico.md'\nrules: 1 problem\n"


def test_a_broken_override_fails_with_file_and_line(catalog: Path) -> None:
    where = '[[where]]\nairports = ["MEX"]\nred = 0\n[[where]]\nroutes = ["MEX-MEX"]\namber = 75\n'
    path = written(catalog, RULE + where + POSITIVE + NEGATIVE)
    result = call("check", catalog)
    assert result.stderr.splitlines() == [
        f"{path}:22: RED is unreachable: no on_time_arrival is beyond 0",
        f"{path}:24: no row matches: 'MEX-MEX' is none of routes",
        "rules: 2 problems",
    ]


def test_a_failing_test_is_named(catalog: Path) -> None:
    path = written(catalog, RULE.replace("red = 70", "red = 60") + POSITIVE + NEGATIVE)
    assert call("check", catalog).exit_code == 0
    result = call("test", catalog)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{path}:26: 'half are late' at 5h: expected RED, got AMBER (6 of 12")


def test_malformed_tests_fail_the_test_command_too(catalog: Path) -> None:
    written(catalog, RULE + POSITIVE.replace('"5h"', '"5 h"') + NEGATIVE)
    assert call("test", catalog).exit_code == 1


@pytest.mark.parametrize("kpi", [name for name, kpi in KPIS.items() if kpi.direction != "neither"])
def test_new_writes_a_rule_that_passes(catalog: Path, kpi: str) -> None:
    result = call("new", "fresh", "--kpi", kpi, "--folder", catalog)
    assert result.exit_code == 0, result.output
    assert (catalog.parent / "runbooks" / "fresh.md").is_file()
    for command in ("check", "test"):
        result = call(command, catalog)
        assert (result.exit_code, result.stderr) == (0, "")


def test_new_makes_the_folders_it_needs(tmp_path: Path) -> None:
    assert call("new", "fresh", "--kpi", "margin", "--folder", tmp_path / "a" / "rules" / "catalog").exit_code == 0
    assert call("check", tmp_path / "a" / "rules" / "catalog").exit_code == 0


@pytest.mark.parametrize(
    ("name", "kpi", "message"),
    [
        ("fresh", "otp", "rules: unknown KPI 'otp'; known: on_time_arrival"),
        ("fresh", "late_aircraft_share", "rules: late_aircraft_share has no good direction"),
        ("on_time_arrival", "margin", "rules: "),
        ("Fresh!", "margin", "rules: the file name is the rule's id"),
    ],
)
def test_new_refuses_and_leaves_nothing_behind(catalog: Path, name: str, kpi: str, message: str) -> None:
    before = {path: path.read_bytes() for path in catalog.parent.rglob("*") if path.is_file()}
    result = call("new", name, "--kpi", kpi, "--folder", catalog)
    assert result.exit_code == 2
    assert result.stderr.startswith(message)
    assert {path: path.read_bytes() for path in catalog.parent.rglob("*") if path.is_file()} == before


def test_a_model_is_fitted_written_and_read_again(tmp_path: Path) -> None:
    """Two rows a day of ten routes from day 1 on. Four weeks are left out; what became of days 29 to 44 was known by
    day 45, of the last row not. Held out are days 45 to 47, but for the last row."""
    rows, out = tmp_path / "rows.parquet", tmp_path / "model.json"
    network(1, 48).write_parquet(rows)
    until = f"{START + 45 * DAY:%Y-%m-%d}"
    result = call("fit", rows, "--until", until, "--out", out)
    assert result.exit_code == 0, result.output
    assert "fitted to 310 hours of routes" in result.output
    assert "held out 50 hours" in result.output
    text = out.read_text(encoding="utf-8")
    model = msgspec.json.decode(text, type=PooledModel)
    assert model.fitted.startswith(f"rows before {until}; average precision 0.")
    assert text == model_text(model)
    assert call("fit", rows, "--until", until).output.endswith(text)


def test_a_model_is_written_a_key_a_line() -> None:
    path = Path("rules/catalog/on_time_arrival.model.json")
    text = path.read_text(encoding="utf-8")
    model = msgspec.json.decode(text, type=PooledModel)
    assert model_text(model) == text
    heads = [line.strip(" {").split(":")[0] for line in text.splitlines()]
    assert [head for head in heads if head.startswith('"')] == [
        f'"{name}"'
        for name in ("version", "kpi", "below", "typical", "fitted", "miss", "risk", *Trees.__struct_fields__)
    ]


def test_what_is_no_rows_is_fitted_to_nothing(tmp_path: Path) -> None:
    other = tmp_path / "other.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(other)
    for path, says in ((other, "not KPI rows"), (tmp_path / "none.parquet", "none.parquet")):
        result = call("fit", path, "--until", "2013-03-01")
        assert result.exit_code == 2
        assert says in result.stderr


def test_bad_usage_is_exit_2(tmp_path: Path) -> None:
    assert call("check", tmp_path / "gone").exit_code == 2
    assert call("check", "--no-such-option").exit_code == 2
    assert call("new", "fresh").exit_code == 2


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rules", "--help"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0
    for command in ("check", "test", "new"):
        assert command in done.stdout
