"""The history bench: small objects hold the same lines, engines agree, a step that fails is told."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import msgspec
import polars as pl
import pytest

from bench.history.answers import by_duckdb, by_polars
from bench.history.command import cut_small
from bench.history.step import MIB, StepFailed, memory_of, run
from bench.history.year import Year, said


def test_cut_objects_hold_the_same_lines(tmp_path: Path) -> None:
    lines = [f"line {number}\n".encode() for number in range(100)]
    (tmp_path / "one.jsonl").write_bytes(b"".join(lines))
    assert cut_small(tmp_path, 50) > 10
    assert b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir())) == b"".join(lines)
    assert max(path.stat().st_size for path in tmp_path.iterdir()) <= 50


def test_both_engines_answer_alike(tmp_path: Path) -> None:
    """14 min 59 s by the clock's minutes is a delay of 15 where the minute hand moved so often, for both."""
    day = datetime(2013, 2, 8, 12)  # noqa: DTZ001 - UTC without a zone, as clean tables have it
    late = [day, day.replace(minute=14, second=59), day.replace(minute=15), None]
    table = pl.DataFrame(
        {
            "carrier": ["UA", "UA", "B6", "B6"], "origin": ["A"] * 4, "destination": ["B"] * 4,
            "state": ["ARRIVED", "ARRIVED", "ARRIVED", "CANCELLED"], "scheduled_departure_at": [day] * 4,
            "actual_departure_at": late, "scheduled_arrival_at": [day] * 4, "actual_arrival_at": late,
        }
    )  # fmt: skip
    folder = tmp_path / "flight" / "month=2013-02"
    folder.mkdir(parents=True)
    table.write_parquet(folder / "part-0.parquet")
    answer = by_duckdb(tmp_path)
    assert answer == by_polars(tmp_path)
    assert answer[:2] == [["on time by airline", "B6", 2, 0], ["on time by airline", "UA", 2, 2]]


def test_a_step_is_measured_and_its_failure_told() -> None:
    step = run("help", ["json.tool", "--help"])
    assert "usage" in step.output
    assert step.cpu_seconds > 0
    assert 1 < step.peak_mib < 1000
    with pytest.raises(StepFailed, match="nothing: exit 1"):
        run("nothing", ["no_such_module"])


HOLDS = """
import subprocess, sys
held = bytearray(b"x") * 100_000_000
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]]) if len(sys.argv) > 1 else print("both", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells of all processes")
def test_the_memory_of_a_process_and_its_child_is_added_up() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, HOLDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        assert parent.stdout.readline() == "both\n"
        assert 190 < memory_of(parent.pid) / MIB < 400
        parent.stdin.close()


def test_a_bar_that_is_missed_is_named() -> None:
    year = Year(
        cores=2, raw_mib=900, steps=[], wall_seconds=179, cpu_seconds=300, peak_mib=2047, flights=336_776,
        questions={"quick": (0.9, 1)},
    )  # fmt: skip
    assert year.failures() == []
    assert said(year)[-1].endswith("held")
    missed = msgspec.structs.replace(year, wall_seconds=180, peak_mib=2048, flights=1, questions={"slow": (1.0, 1)})
    assert [text.split()[0] for text in missed.failures()] == ["the", "raw", "raw", "slow"]
    assert said(missed)[-1].endswith("missed")
