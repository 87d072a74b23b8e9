"""`python -m deploy local …`: the stack of one machine, from a terminal."""

from __future__ import annotations

import json
import re
import shlex
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.errors import log_tail
from deploy.local import placing, tail_cli
from deploy.local.processes import PidFiles, Process
from deploy.local.stack import STAGE_PATTERN, Stack
from deploy.paths import DEFAULT_STATE

app = typer.Typer(no_args_is_help=True, help="The whole system on this machine, on 127.0.0.1 only.")
app.add_typer(tail_cli.app, name="tail")


def _stage_name(stage: str) -> str:
    if not re.fullmatch(STAGE_PATTERN, stage):
        raise typer.BadParameter(f"{stage!r}: a stage is at most 16 small letters and digits, a letter first")
    return stage


StageOption = Annotated[
    str, typer.Option("--stage", help="namespace of topics, stream, tables and queues", callback=_stage_name)
]
StateOption = Annotated[Path, typer.Option("--state-dir", help="data, pids and logs of this stack")]
JsonOption = Annotated[bool, typer.Option("--json", help="for programs: one JSON value, or one per line")]


@app.command()
def up(
    stage: StageOption = "demo",
    state_dir: StateOption = DEFAULT_STATE,
    fresh: Annotated[bool, typer.Option("--fresh", help="forget the data of earlier runs")] = False,
    job: Annotated[bool, typer.Option("--job/--no-job", help="start the KPI job too")] = True,
    history: Annotated[bool, typer.Option("--history/--no-history", help="keep all that moves, as raw lines")] = True,
    feeds: Annotated[
        bool, typer.Option("--feeds/--no-feeds", help="what partners write to, and the flights table")
    ] = True,
    postgres: Annotated[bool, typer.Option("--postgres", help="start the booking system's database too")] = False,
) -> None:
    """Start brokers, cloud, template, forwarder and KPI job; what runs already is left alone."""
    started = time.monotonic()
    stack = Stack(stage, state_dir, say=lambda line: typer.echo(f"{time.monotonic() - started:6.1f} s  {line}"))
    stack.start(fresh=fresh, history=history, feeds=feeds)
    if postgres:
        stack.start_postgres()
    if job:
        stack.start_job(supervised=True)
    typer.echo(f"{time.monotonic() - started:6.1f} s  stage {stage} is up; `python -m deploy local down` stops it")


@app.command()
def down(
    state_dir: StateOption = DEFAULT_STATE,
    now: Annotated[bool, typer.Option("--now", help="kill at once; the cloud's state is lost")] = False,
) -> None:
    """Stop everything; nothing keeps running. Data is kept for the next `up`."""
    stack = Stack(state_dir=state_dir)
    names = [process.name for process, _runs in stack.parts()]
    stack.stop(**({"grace_seconds": 0} if now else {}))
    typer.echo(f"stopped: {', '.join(names)}" if names else "nothing was running")


@app.command()
def status(state_dir: StateOption = DEFAULT_STATE, as_json: JsonOption = False) -> None:
    """Say which parts run. Exit code 1 when one has crashed (its last words are shown) or nothing runs."""
    parts = Stack(state_dir=state_dir).parts()
    if as_json:
        typer.echo(json.dumps([{"part": p.name, "pid": p.pid, "running": runs} for p, runs in parts]))
    else:
        _show(parts)
    if not parts or not all(runs for _process, runs in parts):
        raise typer.Exit(1)


@app.command()
def logs(
    part: Annotated[
        str,
        typer.Argument(
            help="broker-1, broker-2, broker-3, cloud, forwarder, kafka-mapping, postgres, kpi-job or supervisor"
        ),
    ] = "",
    lines: Annotated[int, typer.Option("--lines", "-n", min=1)] = 40,
    state_dir: StateOption = DEFAULT_STATE,
) -> None:
    """Show the last lines of one part's log, or of all."""
    folder = state_dir / "logs"
    known = sorted(path.stem for path in folder.glob("*.log"))
    if part and part not in known:
        typer.echo(f"no log of {part!r} in {folder}; there are: {', '.join(known) or 'none'}", err=True)
        raise typer.Exit(2)
    for name in [part] if part else known:
        typer.echo(f"--- {name}\n{log_tail(PidFiles(state_dir).log_path(name), lines)}")


@app.command()
def env(state_dir: StateOption = DEFAULT_STATE, as_json: JsonOption = False) -> None:
    """Print the environment of a process that works with the running stack: `eval "$(… local env)"`."""
    variables = Stack.running_in(state_dir).env()
    if as_json:
        typer.echo(json.dumps(variables))
    else:
        typer.echo("\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items()))


@app.command()
def place(
    stage: Annotated[
        str, typer.Option("--stage", envvar="SEMAFORO_STAGE", help="namespace of all names", callback=_stage_name)
    ] = "demo",
) -> None:
    """Deploy the live path's template to the local cloud that AWS_ENDPOINT_URL names; start nothing."""
    outputs = placing.place(stage)
    typer.echo("\n".join(f"{name}={value}" for name, value in sorted(outputs.items())))


@app.command()
def watch(state_dir: StateOption = DEFAULT_STATE) -> None:
    """Watch the running stack by the same alarms as AWS; pages go to the topic `operations`, till Ctrl-C."""
    from deploy.local import watcher  # it brings the alarms and the Kafka client, so only where it is needed

    stack = Stack.running_in(state_dir)
    typer.echo(f"pages go to {watcher.operations_topic(stack)}")
    for change in watcher.watch(stack):
        if change is not None:
            causes = "".join(f"\n  {cause.name}: {cause.condition}; {cause.runbook}" for cause in change.causes)
            typer.echo(f"{change.state}: {change.page.name} – {change.page.reason}{causes}")


def _show(parts: list[tuple[Process, bool]]) -> None:
    if not parts:
        typer.echo("nothing runs")
        return
    table = Table("part", "pid", "state")
    for process, runs in parts:
        table.add_row(process.name, str(process.pid), "runs" if runs else "[bold red]CRASHED[/]")
    Console().print(table)
    for process, runs in parts:
        if not runs:
            typer.echo(f"--- {process.name} crashed; last lines of {process.log_path}\n{log_tail(process.log_path)}")
