from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.__main__ import app
from bench.partition import planted, read_partition
from optimizer.mip.choose import choose
from optimizer.mip.selection import Stop

# Three flights, four duties: the first two together cost 5, the last two 4, each of them 3 alone, all of them 7.
SMALL = "3 5\n5 2 1 2\n4 2 2 3\n3 1 1\n3 1 3\n7 3 1 2 3\n"


def test_the_optimum_is_found_and_compared(tmp_path: Path) -> None:
    (tmp_path / "small.txt").write_text(SMALL)
    said = CliRunner().invoke(app, ["partition", str(tmp_path / "small.txt"), "--optimum", "7"])
    assert said.exit_code == 0
    assert "3 rows, 5 columns: cost 7, known 7: gap 0.000%" in said.stdout
    missed = CliRunner().invoke(app, ["partition", str(tmp_path / "small.txt"), "--optimum", "6"])
    assert missed.exit_code == 1
    assert "above 1%" in missed.stderr


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a set partitioning problem"):
        read_partition("3 5\n5 2 1 2\n")
    assert CliRunner().invoke(app, ["partition", str(tmp_path / "none"), "--optimum", "6"]).exit_code == 2


def test_a_planted_optimum_is_one() -> None:
    selection, optimum = planted(seed=3)
    found = choose(selection, Stop())
    assert (found.cost_cents, found.gap) == (optimum, 0)
