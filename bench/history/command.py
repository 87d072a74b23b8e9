"""`python -m bench history`."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import typer

from bench.history.step import Step, StepFailed, run
from schemas.raw import objects_of

SMALL_BYTES: Final = 64_000
"""Of a raw object in the comparison: what Firehose makes of 60 seconds of 3 events, some 350 bytes each, a second."""
LEAST_GAIN: Final = 5.0
MOST_WALL_SECONDS: Final = 180.0
MOST_MIB: Final = 2048.0
MOST_QUESTION_SECONDS: Final = 1.0


def history(
    year: Annotated[
        bool, typer.Option("--year", help="All of 2013 from raw to answers, timed; two minutes and more.")
    ] = False,
) -> None:
    """What compaction saves a query, DuckDB beside Polars; or the whole year from raw lines to answers.

    Exit 1 if answers differ or a bar is missed.
    """
    with TemporaryDirectory(prefix="semaforo-history-") as name:
        try:
            failures = _year(Path(name)) if year else _month(Path(name))
        except StepFailed as failed:
            failures = [str(failed)]
    for failure in failures:
        typer.echo(f"history: {failure}", err=True)
    if failures:
        sys.exit(1)


def _month(work: Path) -> list[str]:
    """February 2013."""
    raw, clean = work / "raw", work / "clean"
    run("replay", ["producers", "replay", "--from", "2013-02-01", "--to", "2013-03-01", "--raw", str(raw)])
    run("compact", ["warehouse", "compact", "--raw", str(raw), "--clean", str(clean)])
    objects = cut_small(raw, SMALL_BYTES)
    failures = []
    small, compacted = _answer("raw", raw), _answer("clean", clean)
    typer.echo(f"arrivals by route, 28 days: {objects:,} raw objects of at most {SMALL_BYTES:,} bytes, and clean files")
    for name, found in (("raw", small), ("clean", compacted)):
        typer.echo(f"  {name:<7} {found['cpu_seconds']:8.3f} s CPU  {found['bytes']:12,} bytes read")
    for what in ("cpu_seconds", "bytes"):
        gain = small[what] / max(compacted[what], 1e-9)
        typer.echo(f"  {what}: raw costs x {gain:.1f} (at least {LEAST_GAIN:g})")
        failures += [f"{what}: only x {gain:.1f}"] if gain < LEAST_GAIN else []
    failures += ["raw and clean answer differently"] if small["rows"] != compacted["rows"] or not small["rows"] else []
    engines = {name: _answer(name, clean) for name in ("duckdb", "polars")}
    typer.echo("three questions on the clean flights")
    for name, found in engines.items():
        said = f"{found['cpu_seconds']:8.3f} s CPU, {found['wall_seconds']:.3f} s, {len(found['rows']):,} rows"
        typer.echo(f"  {name:<7} {said}")
    if engines["duckdb"]["rows"] != engines["polars"]["rows"]:
        failures.append("DuckDB and Polars answer differently")
    return failures


def _year(work: Path) -> list[str]:
    raw, clean, star = work / "raw", work / "clean", work / "star.duckdb"
    where = {"SEMAFORO_RAW_URL": str(raw), "SEMAFORO_CLEAN_URL": str(clean), "SEMAFORO_STAR_PATH": str(star)}
    made = run("replay", ["producers", "replay", "--from", "2013-01-01", "--to", "2014-01-01", "--raw", str(raw)])
    typer.echo(_line(made) + "  (makes the raw lines; not of the load)")
    steps = []
    for name, module in (
        ("compact", ["warehouse", "compact"]),
        ("star", ["warehouse", "star"]),
        ("questions", ["bench.history.ask_all"]),
    ):
        steps.append(run(name, module, where))
        typer.echo(_line(steps[-1]))
    failures = []
    for question, (seconds, rows) in json.loads(steps[-1].output).items():
        typer.echo(f"    {question:<32} {seconds:6.3f} s  {rows:6,} rows")
        failures += [f"{question} took {seconds:.2f} s"] if seconds >= MOST_QUESTION_SECONDS else []
    wall, peak = sum(step.wall_seconds for step in steps), max(step.peak_mib for step in steps)
    bars = f"{wall:.0f} s (at most {MOST_WALL_SECONDS:.0f}), {peak:.0f} MiB (at most {MOST_MIB:.0f})"
    typer.echo(f"raw to answers: {bars}: {'missed' if wall >= MOST_WALL_SECONDS or peak >= MOST_MIB else 'held'}")
    failures += ["too slow"] if wall >= MOST_WALL_SECONDS else []
    failures += ["too large"] if peak >= MOST_MIB else []
    return failures


def cut_small(raw: Path, largest: int) -> int:
    """Cut a folder's raw objects into small ones, line for line; how many they are then."""
    count = 0
    for path in sorted(raw.rglob("*.jsonl")):
        lines = path.read_bytes().splitlines(keepends=True)
        path.unlink()
        for number, data in enumerate(objects_of(lines, largest)):
            path.with_name(f"{path.stem}-{number:05}.jsonl").write_bytes(data)
            count += 1
    return count


def _answer(engine: str, folder: Path) -> dict[str, Any]:
    answered: dict[str, Any] = json.loads(run(engine, ["bench.history.answers", engine, str(folder)]).output)
    return answered


def _line(step: Step) -> str:
    spent = f"{step.wall_seconds:7.1f} s  {step.cpu_seconds:7.1f} s CPU  {step.peak_mib:6.0f} MiB at most"
    return f"{step.name:<10} {spent}"
