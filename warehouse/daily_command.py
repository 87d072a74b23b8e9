"""`python -m warehouse daily`: the chain that Step Functions runs in AWS, on this machine."""

import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from pydantic import ValidationError

from warehouse.daily import run_chain
from warehouse.daily_steps import REPORT_DATE, STEPS, report_dates
from warehouse.settings import DAY, HistorySettings


def daily(
    day: Annotated[
        datetime | None,
        typer.Option("--date", envvar=REPORT_DATE, formats=DAY, help="Report of this date (UTC); else of yesterday."),
    ] = None,
    first: Annotated[datetime | None, typer.Option("--from", formats=DAY, help="Or of each date from this …")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=DAY, help="… to the day before this one.")] = None,
    step: Annotated[
        list[str] | None,
        typer.Option(help=f"Only this one, may be repeated: {', '.join(one.name for one in STEPS)}; all of them else."),
    ] = None,
    summary_file: Annotated[Path | None, typer.Option(help="Write what became of each step here, as JSON.")] = None,
) -> None:
    """Compaction, booking ETL, star, report, in this order; what may pass is tried three times.

    Without SEMAFORO_BOOKING_DSN the booking ETL is skipped with a word. A run may be repeated: each step leaves all or
    nothing. Exit code 0: all done or skipped; 1: a step failed, those after it were not reached; 2: wrong options.
    """
    dates = _dates(day, first, until)
    unknown = set(step or ()) - {one.name for one in STEPS}
    if unknown:
        raise typer.BadParameter(f"no step {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in STEPS)}")
    steps = [one for one in STEPS if not step or one.name in step]
    try:
        settings = HistorySettings.read()
    except ValidationError as wrong:
        problems = "; ".join(f"{e['loc'][0]}: {e['msg']}, got {e['input']!r}" for e in wrong.errors())
        typer.echo(f"daily: {problems}", err=True)
        raise typer.Exit(2) from None
    outcomes = run_chain(steps, settings, dates, os.environ, tell=lambda text: typer.echo(text, err=True))
    if summary_file:
        summary_file.parent.mkdir(parents=True, exist_ok=True)
        summary_file.write_bytes(msgspec.json.format(msgspec.json.encode(outcomes)) + b"\n")
    counted = [f"{sum(o.status == status for o in outcomes)} {status}" for status in ("done", "skipped", "failed")]
    days = dates[0].isoformat() if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    typer.echo(f"daily {days}: {', '.join(counted)}, {sum(o.seconds for o in outcomes):.1f} s")
    if any(outcome.status == "failed" for outcome in outcomes):
        raise typer.Exit(1)


def _dates(day: datetime | None, first: datetime | None, until: datetime | None) -> list[date]:
    if first is None and until is None:
        return [day.date()] if day else report_dates({})
    if day is not None or first is None or until is None:
        raise typer.BadParameter("--from and --to go together, without --date")
    if not first < until:
        raise typer.BadParameter(f"--from {first:%Y-%m-%d} is not before --to {until:%Y-%m-%d}")
    return [first.date() + timedelta(days=number) for number in range((until - first).days)]
