"""A build that is killed anywhere and run again says what one that was left alone says."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.integration.blizzard import settings_of
from tests.integration.test_star import CONTRACT, contents
from warehouse.settings import HistorySettings
from warehouse.star import build

pytestmark = pytest.mark.integration

COMMAND = [sys.executable, "-m", "warehouse", "star"]


def killed(root: Path, after: int) -> int:
    """Start a build and kill it as it reports its `after`th model or so; the number of lines that came."""
    settings = settings_of(root)
    environment = {
        **os.environ,
        "SEMAFORO_CLEAN_URL": settings.clean_url,
        "SEMAFORO_STAR_PATH": str(settings.star_path),
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen(COMMAND, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert process.stderr is not None
    lines = 0
    for _line in process.stderr:
        lines += 1
        if lines == after:
            process.send_signal(signal.SIGKILL)
    process.wait(60)
    return lines


def history(clean: Path, folder: Path) -> Path:
    root = folder / "history"
    shutil.copytree(clean / "clean", root / "clean")
    return root


def campaign(clean: Path, star: HistorySettings, folder: Path, rounds: int, seed: int) -> None:
    """One history, killed `rounds` times at models drawn by a seed, then left alone."""
    root, chance = history(clean, folder), random.Random(seed)
    reference = contents(star.star_path)
    for _ in range(rounds):
        # 27 models and seeds; tests say nothing while they pass.
        assert killed(root, chance.randint(1, 24)) >= 1
        assert build_is_unfinished(root)
    build(settings_of(root))
    assert contents(settings_of(root).star_path) == reference


def build_is_unfinished(root: Path) -> bool:
    with duckdb.connect(settings_of(root).star_path) as connection:
        return connection.execute("SELECT count(*) FROM meta.built").fetchone() == (0,)


def test_killed_once_it_equals_the_reference(clean: Path, star: HistorySettings, tmp_path: Path) -> None:
    campaign(clean, star, tmp_path, 1, seed=5)


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(4))
def test_killed_twenty_times_it_equals_the_reference(
    clean: Path, star: HistorySettings, tmp_path: Path, seed: int
) -> None:
    campaign(clean, star, tmp_path, 5, seed=seed)


def test_a_build_that_lost_rows_is_seen(clean: Path, star: HistorySettings, tmp_path: Path) -> None:
    """The negative control: a star whose facts were killed between delete and insert is not the reference."""
    root = tmp_path / "history"
    root.mkdir()
    shutil.copy(star.star_path, root / "warehouse.duckdb")
    with duckdb.connect(root / "warehouse.duckdb") as connection:
        connection.execute("DELETE FROM star.fct_flight WHERE flight_id = (SELECT min(flight_id) FROM star.fct_flight)")
    found, reference = contents(root / "warehouse.duckdb"), contents(star.star_path)
    assert [table for table in CONTRACT if found[table] != reference[table]] == ["fct_flight"]
