"""`python -m deploy history`, which `make history` runs."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import ValidationError
from rich.console import Console

from deploy.demo.plan import DemoPlan
from deploy.demo.run import run
from deploy.demo.words import language_of
from deploy.history.build import keep_report, run_steps, steps
from deploy.local.stack import Stack
from deploy.paths import BUILD, DEFAULT_STATE

_DAY: Final = ["%Y-%m-%d"]
FOLDER: Final = BUILD / "history"
DRAIN_SECONDS: Final = 600.0


def history(
    first: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, help="first local departure date; 2013-02-07")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=_DAY, help="first date left out; 2013-02-10")
    ] = None,
    speed: Annotated[float | None, typer.Option(min=1, help="stream seconds per wall second")] = None,
    bookings: Annotated[int, typer.Option(min=1, help="made up, with a seed, for the booking system")] = 20_000,
    language: Annotated[str, typer.Option(help="of the report: en or es")] = "en",
    keep: Annotated[
        bool, typer.Option("--keep", help="leave the stack up afterwards, with single flights and advice")
    ] = False,
    state_dir: Annotated[Path, typer.Option("--state-dir", help="data, pids and logs of the stack")] = DEFAULT_STATE,
) -> None:
    """A replay of real flights, all of it kept: raw, clean, star and a report of its second day.

    Exit code 1 if a promise is broken: of the demo, an offset that is not in raw, a row or a light that differs from a
    recomputation from the clean tables. The star and the report stay below build/history when the stack is down.
    """
    started = time.monotonic()
    console = Console(highlight=False, soft_wrap=True)
    try:
        dates = first.date() if first else None, until.date() if until else None
        plan = DemoPlan.of("replay", *dates, speed, language_of(language))
    except ValidationError as wrong:
        raise typer.BadParameter(wrong.errors()[0]["msg"].removeprefix("Value error, ")) from None

    def say(line: str) -> None:
        console.print(f"{time.monotonic() - started:6.1f} s  {line}", style="dim")

    stack = Stack("demo", state_dir, bound=not keep, say=say)
    day = min(plan.first + timedelta(days=1), plan.until - timedelta(days=1))

    def build() -> None:
        say("history: waiting for the rest of it")
        stack.drain_history(DRAIN_SECONDS)
        stack.start_postgres()
        environment = {**stack.env(), "SEMAFORO_STAR_PATH": str(FOLDER / "warehouse.duckdb"), "LANGUAGE": plan.language}
        run_steps(steps(plan.first, plan.until, day, bookings), environment, FOLDER / "logs", say)
        keep_report(stack.cloud, stack.outputs["ReportsBucket"], FOLDER / "reports")

    summary = run(plan, stack, console, keep=keep, started=started, afterwards=build)
    for promise in summary.broken_promises:
        console.print(plan.words.broken.format(promise=promise), style="bold red")
    if summary.broken_promises:
        raise typer.Exit(1)
    reports = sorted((FOLDER / "reports").rglob("*.html"))
    console.print(f"The report of {day}: {reports[-1]}", style="bold green")
