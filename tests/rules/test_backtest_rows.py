"""`python -m rules backtest` without rows has those of 2013 made by another runtime, and keeps them.

The warehouse here is a stand-in, started like the real one: it notes what it was asked for and writes five rows.
"""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rules.__main__ import app
from rules.load import CATALOG_FOLDER
from tests.rules.making import HOUR, START
from tests.rules.test_backtest import flat, written

STAND_IN = """
import json, pathlib, shutil, sys
words = sys.argv[1:]
with pathlib.Path("asked.jsonl").open("a") as asked:
    asked.write(json.dumps(words) + "\\n")
if pathlib.Path("broken").exists():
    sys.exit(2)
shutil.copy("rows.parquet", words[words.index("--out") + 1])
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command is called: it finds the stand-in there."""
    (tmp_path / "warehouse.py").write_text(STAND_IN)
    written(tmp_path, [flat("JFK-LAX", START + hour * HOUR, 10, 10) for hour in range(5)])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(folder: Path) -> list[dict[str, str]]:
    """The options of each call; all were `rows`."""
    calls = [json.loads(line) for line in (folder / "asked.jsonl").read_text().splitlines()]
    assert all(call[0] == "rows" for call in calls)
    return [dict(zip(call[1::2], call[2::2], strict=True)) for call in calls]


def call(first: str, until: str) -> Result:
    rules = CATALOG_FOLDER / "on_time_arrival_carrier.toml"
    return CliRunner().invoke(app, ["backtest", "--from", first, "--to", until, "--rules", str(rules)])


def test_hourly_rows_from_where_the_data_begins_so_that_pooled_evidence_is_exact(folder: Path) -> None:
    assert call("2013-02-08", "2013-02-10").exit_code == 0
    assert asked(folder) == [
        {
            "--from": "2013-01-01",
            "--to": "2013-02-10",
            "--pane-seconds": "3600",
            "--out": "build/backtest-20130210.parquet",
        }
    ]


def test_what_was_made_is_kept_for_the_next_time(folder: Path) -> None:
    first = call("2013-02-08", "2013-02-10")
    again = call("2013-02-08", "2013-02-10")
    assert again.stdout == first.stdout
    assert len(asked(folder)) == 1
    shutil.rmtree(folder / "build")
    call("2013-02-08", "2013-02-10")
    assert len(asked(folder)) == 2


def test_without_rows_it_says_how_to_give_some(folder: Path) -> None:
    (folder / "broken").touch()
    result = call("2015-02-08", "2015-02-10")
    assert result.exit_code == 2
    assert result.stderr == "rules: no rows: give some with --rows, or dates of 2013\n"
