"""Which rule sets a backtest takes; its run is tested with the page."""

import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import pytest

from rules.load import CATALOG_FOLDER
from streamlit_app.readers.backtests import (
    MOST_OF_A_SET,
    Backtests,
    BadRuleError,
    Request,
    RuleSet,
    beside_changed,
    uploaded,
)

RULE = "on_time_arrival.toml"
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in CATALOG_FOLDER.iterdir()}


def test_a_rule_alone_takes_its_model_along_and_a_catalogue_all() -> None:
    now, changed = beside_changed("on_time_arrival", TEXTS, "other", alone=True)
    assert set(now.texts) == {RULE, "on_time_arrival.model.json"}
    assert changed.texts == {**now.texts, RULE: "other"}
    now, changed = beside_changed("on_time_arrival", TEXTS, "other", alone=False)
    assert now.texts == TEXTS
    assert {name for name in TEXTS if changed.texts[name] != TEXTS[name]} == {RULE}


def test_of_a_folder_rules_and_models_are_taken() -> None:
    files = {"mine/margin.toml": b"a", "mine/x.model.json": b"b", "mine/README.md": b"c", "../../Etc.toml": b"d"}
    assert uploaded(files).texts == {"margin.toml": "a", "x.model.json": "b"}
    with pytest.raises(BadRuleError, match="not UTF-8"):
        uploaded({"margin.toml": b"\xff"})


def test_the_folders_of_killed_servers_go_when_another_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And those of one that runs stay."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    script = """
import sys, tempfile
from pathlib import Path
from streamlit_app.readers import backtests
folder = Path(tempfile.mkdtemp(prefix=backtests._PREFIX))
held = backtests._hold(folder)
print(folder, flush=True)
sys.stdin.read()
"""
    killed, running = (
        subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    )
    try:
        folders = [Path(one.stdout.readline().strip()) for one in (killed, running) if one.stdout]
        killed.kill()
        killed.wait()
        assert [one.is_dir() for one in folders] == [True, True]
        Backtests(None)
        assert [one.is_dir() for one in folders] == [False, True]
    finally:
        for one in (killed, running):
            one.kill()
            one.communicate()


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({}, "no rule files"),
        ({"margin.toml": "amber = nonsense"}, "margin.toml:1: "),
        ({**TEXTS, "margin.toml": "#" * MOST_OF_A_SET}, "characters"),
        ({**TEXTS, "../margin.toml": TEXTS["margin.toml"]}, "not the name of a rule"),
    ],
)
def test_a_set_that_is_none_is_refused_and_nothing_runs(texts: dict[str, str], said: str) -> None:
    backtests = Backtests(None)
    sets = (RuleSet("now", TEXTS), RuleSet("files", texts))
    with pytest.raises(BadRuleError, match=said):
        backtests.start(Request(sets=sets, rule="", first=date(2013, 2, 4), until=date(2013, 2, 5), by="ana"))
    assert backtests.job() is None
