"""All of 2013 from raw lines to a star that answers, against its bars."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from bench.history.step import Step, run

FLIGHTS: Final = 336_776
MOST_WALL_SECONDS: Final = 180.0
MOST_MIB: Final = 2048.0
MOST_QUESTION_SECONDS: Final = 1.0
CORES: Final = 2


class Year(msgspec.Struct, frozen=True, kw_only=True):
    """What it took: `wall_seconds` and `peak_mib` from raw to star. `questions` has the seconds and rows of each."""

    cores: int
    raw_mib: float
    steps: list[Step]
    wall_seconds: float
    cpu_seconds: float
    peak_mib: float
    flights: int
    questions: dict[str, tuple[float, int]]

    def failures(self) -> list[str]:
        """The bars that were missed."""
        found = [] if self.flights == FLIGHTS else [f"the star has {self.flights:,} flights, not {FLIGHTS:,}"]
        if self.wall_seconds >= MOST_WALL_SECONDS:
            found.append(f"raw to star took {self.wall_seconds:.0f} s, not under {MOST_WALL_SECONDS:.0f}")
        if self.peak_mib >= MOST_MIB:
            found.append(f"raw to star took {self.peak_mib:.0f} MiB, not under {MOST_MIB:.0f}")
        slow = {name: seconds for name, (seconds, _) in self.questions.items() if seconds >= MOST_QUESTION_SECONDS}
        return found + [f"{name} took {s:.2f} s, not under {MOST_QUESTION_SECONDS:.0f}" for name, s in slow.items()]


def measure_year(work: Path, raw: Path | None, says: Callable[[str], None]) -> Year:
    """Measure below the folder `work`, on two cores, from the raw lines in `raw`; None makes them first.

    Raises StepFailed.
    """
    if raw is None:
        raw = work / "raw"
        dates = ["--from", "2013-01-01", "--to", "2014-01-01"]
        says(line(run("replay", ["producers", "replay", *dates, "--raw", str(raw)])) + "  (makes the raw lines)")
    cores = keep_to(CORES)
    where = {
        "SEMAFORO_RAW_URL": str(raw),
        "SEMAFORO_CLEAN_URL": str(work / "clean"),
        "SEMAFORO_STAR_PATH": str(work / "warehouse.duckdb"),
    }
    steps = []
    for name in ("compact", "star"):
        steps.append(run(name, ["warehouse", name], where))
        says(line(steps[-1]))
    asked = run("questions", ["bench.history.ask_all"], where)
    says(line(asked))
    answered = json.loads(asked.output)
    return Year(
        cores=cores,
        raw_mib=sum(path.stat().st_size for path in raw.rglob("*.jsonl*")) / 1024 / 1024,
        steps=[*steps, asked],
        wall_seconds=sum(step.wall_seconds for step in steps),
        cpu_seconds=sum(step.cpu_seconds for step in steps),
        peak_mib=max(step.peak_mib for step in steps),
        flights=answered["flights"],
        questions=answered["questions"],
    )


def keep_to(cores: int) -> int:
    """Keep this process and what it will start on so many cores, where the system can (Linux); how many those are."""
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count() or 1
    chosen = sorted(os.sched_getaffinity(0))[:cores]
    os.sched_setaffinity(0, chosen)
    return len(chosen)


def said(year: Year) -> Sequence[str]:
    """The figures beside their bars."""
    questions = [
        f"    {name:<32} {seconds:6.3f} s  {rows:6,} rows" for name, (seconds, rows) in sorted(year.questions.items())
    ]
    return (
        f"each question over the year (under {MOST_QUESTION_SECONDS:.0f} s):",
        *questions,
        f"raw to star, {year.flights:,} flights of {year.raw_mib:,.0f} MiB of lines, {year.cores} cores: "
        f"{year.wall_seconds:.0f} s (under {MOST_WALL_SECONDS:.0f}), {year.cpu_seconds:.0f} s CPU, "
        f"{year.peak_mib:.0f} MiB (under {MOST_MIB:.0f}): {'missed' if year.failures() else 'held'}",
    )


def line(step: Step) -> str:
    """A step in figures."""
    spent = f"{step.wall_seconds:7.1f} s  {step.cpu_seconds:7.1f} s CPU  {step.peak_mib:6.0f} MiB at most"
    return f"{step.name:<10} {spent}"
