"""`python -m deploy local tail …`."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer

from deploy.local import tail
from deploy.local.stack import Stack
from deploy.paths import DEFAULT_STATE

app = typer.Typer(no_args_is_help=True, help="Follow what flows through the running stack; Ctrl-C ends it.")

StateOption = Annotated[Path, typer.Option("--state-dir", help="data, pids and logs of the stack")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON object per line")]
StartOption = Annotated[bool, typer.Option("--from-start", help="also what is kept, not only what is new")]
LimitOption = Annotated[int, typer.Option("--limit", min=0, help="stop after so many; 0 goes on")]
IdleOption = Annotated[float, typer.Option("--idle", min=0, help="stop after so many seconds of silence; 0 waits")]

T = TypeVar("T")


@app.command()
def kpis(
    state_dir: StateOption = DEFAULT_STATE,
    as_json: JsonOption = False,
    from_start: StartOption = False,
    limit: LimitOption = 0,
    idle: IdleOption = 0,
) -> None:
    """The rows the KPI job writes."""
    rows = tail.kpi_rows(Stack.running_in(state_dir), from_start=from_start)
    _follow(rows, tail.row_json if as_json else tail.row_line, limit, idle)


@app.command()
def alerts(
    state_dir: StateOption = DEFAULT_STATE, as_json: JsonOption = False, limit: LimitOption = 0, idle: IdleOption = 0
) -> None:
    """The alerts from now on, as a subscriber receives them (`python -m alerts list` knows the earlier ones)."""
    received = tail.alerts(Stack.running_in(state_dir))
    _follow(received, _json if as_json else tail.alert_line, limit, idle)


@app.command(name="dead-letters")
def dead_letters(
    state_dir: StateOption = DEFAULT_STATE,
    as_json: JsonOption = False,
    from_start: StartOption = False,
    limit: LimitOption = 0,
    idle: IdleOption = 0,
) -> None:
    """The messages that could not be processed, with the reason."""
    letters = tail.dead_letters(Stack.running_in(state_dir), from_start=from_start)
    _follow(letters, _json if as_json else tail.dead_letter_line, limit, idle)


def _follow(items: Generator[T | None], line: Callable[[T], str], limit: int, idle: float) -> None:
    printed, silent_since = 0, time.monotonic()
    with contextlib.suppress(KeyboardInterrupt), contextlib.closing(items):
        for item in items:
            if item is not None:
                typer.echo(line(item))
                printed, silent_since = printed + 1, time.monotonic()
            if (limit and printed >= limit) or (idle and time.monotonic() - silent_since > idle):
                return


def _json(item: object) -> str:
    return msgspec.json.encode(item).decode()
