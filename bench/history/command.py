"""`python -m bench history`."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import msgspec
import typer

from bench.history.step import StepFailed, run
from bench.history.year import measure_year, said
from schemas.raw import objects_of

SMALL_BYTES: Final = 64_000
"""Of a raw object in the comparison: what Firehose makes of 60 seconds of 3 events, some 350 bytes each, a second."""
LEAST_GAIN: Final = 5.0


def history(
    year: Annotated[
        bool, typer.Option("--year", help="All of 2013 from raw to answers, timed; two minutes and more.")
    ] = False,
    raw: Annotated[
        Path | None, typer.Option("--raw", help="With --year: raw lines of 2013 made before, in place of making them.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --year: print the figures as JSON.")] = False,
) -> None:
    """What compaction saves a query, DuckDB beside Polars; or the whole year from raw lines to answers.

    Exit 1 if answers differ or a bar is missed.
    """
    if (raw or as_json) and not year:
        raise typer.BadParameter("--raw and --json go with --year")
    if raw and not raw.is_dir():
        raise typer.BadParameter(f"no folder {raw}; `python -m producers replay --raw {raw}` makes one")
    with TemporaryDirectory(prefix="semaforo-history-") as name:
        try:
            failures = _year(Path(name), raw, as_json=as_json) if year else _month(Path(name))
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


def _year(work: Path, raw: Path | None, *, as_json: bool) -> list[str]:
    year = measure_year(work, raw, lambda text: typer.echo(text, err=as_json))
    for text in [json.dumps(msgspec.to_builtins(year), indent=2)] if as_json else said(year):
        typer.echo(text)
    return year.failures()


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
