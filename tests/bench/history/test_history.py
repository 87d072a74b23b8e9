"""The history bench: small objects hold the same lines, engines agree, a step that fails is told."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from bench.history.answers import by_duckdb, by_polars
from bench.history.command import cut_small
from bench.history.step import StepFailed, run


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
