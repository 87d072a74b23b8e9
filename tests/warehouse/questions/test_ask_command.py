"""`python -m warehouse ask`: formats, mistakes, and that a spreadsheet runs nothing."""

import io
import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from warehouse.__main__ import app
from warehouse.answer_formats import Format, written

runner = CliRunner()


@pytest.fixture
def star(year_star: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEMAFORO_STAR_PATH", str(year_star))
    return year_star


@pytest.mark.usefixtures("star")
def test_a_stretch_of_dates_in_every_format(tmp_path: Path) -> None:
    said = ["ask", "airline-performance", "--from", "2013-02-08", "--to", "2013-02-09"]
    as_csv = pl.read_csv(io.BytesIO(runner.invoke(app, [*said, "--format", "csv"]).stdout.encode()))
    as_json = json.loads(runner.invoke(app, [*said, "--format", "json"]).stdout)
    out = tmp_path / "new" / "answer.parquet"
    assert runner.invoke(app, [*said, "--format", "parquet", "--out", str(out)]).exit_code == 0
    as_table = runner.invoke(app, said).stdout
    assert as_csv["flights"].sum() == 930
    assert (
        [row["flights"] for row in as_json] == pl.read_parquet(out)["flights"].to_list() == as_csv["flights"].to_list()
    )
    assert len(as_table.splitlines()) == as_csv.height + 1


def test_the_list_needs_no_star() -> None:
    told = runner.invoke(app, ["ask", "--list"])
    assert told.exit_code == 0
    assert "margin_bridge" in told.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["airline_performence"], "did you mean airline_performance"),
        ([], "--list"),
        (["trends", "--format", "parquet"], "--out"),
        (["trends", "--from", "2013-02-01", "--to", "2013-02-01"], "not a range"),
        (["trends", "--from", "yesterday"], "does not match"),
    ],
)
@pytest.mark.usefixtures("star")
def test_wrong_use_is_exit_2_with_a_word(arguments: list[str], said: str) -> None:
    told = runner.invoke(app, ["ask", *arguments], env={"COLUMNS": "200"})
    assert told.exit_code == 2
    assert said in told.stderr


def test_without_a_star_it_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (tmp_path / "none.duckdb", tmp_path / "text.duckdb"):
        monkeypatch.setenv("SEMAFORO_STAR_PATH", str(path))
        told = runner.invoke(app, ["ask", "trends"])
        assert told.exit_code == 2
        assert "Traceback" not in told.stderr
        assert "no star" in told.stderr or "cannot be read" in told.stderr
        (tmp_path / "text.duckdb").write_text("no database")


def test_a_spreadsheet_runs_nothing_and_a_terminal_obeys_nothing() -> None:
    answer = pl.DataFrame({"name": ["=cmd()", "+1", "-1", "@x", "\tx", "plain", None], "number": [-1] * 7})
    lines = written(answer, Format.CSV).decode().splitlines()
    assert lines[1:6] == ["'=cmd(),-1", "'+1,-1", "'-1,-1", "'@x,-1", "'\tx,-1"]
    assert lines[6] == "plain,-1", "numbers stay numbers"
    assert "\x1b" not in written(pl.DataFrame({"name": ["\x1b[2Jgone"]}), Format.TABLE).decode()


def test_a_narrow_terminal_gets_a_column_a_line() -> None:
    answer = pl.DataFrame({"a_long_name": ["x" * 30], "another_long_name": [1234567.891]})
    assert written(answer, Format.TABLE, width=40).decode().splitlines()[:2] == [
        f"a_long_name        {'x' * 30}",
        "another_long_name  1,234,567.89",
    ]
