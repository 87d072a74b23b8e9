"""The commands for a stage in an AWS account, and two that need none: what it costs, whether a zip may be shipped."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import boto3
import typer

from deploy.bundles.flink_zip import build_flink_zip
from deploy.bundles.preflight import preflight as check_zip
from deploy.cost.bill import bill, read_prices, table
from deploy.cost.load import Load
from deploy.job_snapshots import JobSnapshots
from deploy.local.cli import JsonOption, StageOption
from deploy.local.jars import flink_jar
from deploy.operate import nobody_is_paged, run_cdk, standing
from deploy.paths import ROOT
from deploy.raw_replay import messages, put_back
from deploy.table_copy import copy_missing
from deploy.topics import client_properties, compare, create

AssemblyOption = Annotated[Path, typer.Option(help="what `python -m deploy synth --bundles` wrote")]

BootstrapOption = Annotated[str, typer.Option(envvar="SEMAFORO_KAFKA_BOOTSTRAP", help="host:port of brokers")]
PropertiesOption = Annotated[
    Path | None, typer.Option("--client-properties", help="key=value lines for the Kafka client: login, TLS")
]


def diff(assembly: AssemblyOption = ROOT / "cdk.out") -> None:
    """Show what a deployment would change in the account; exit code 1 if anything."""
    raise typer.Exit(run_cdk(["diff", "--fail"], assembly))


def up(stage: StageOption = "dev", assembly: AssemblyOption = ROOT / "cdk.out") -> None:
    """Deploy all stacks as they were synthesised; rights that grow are asked for, and nobody is paged meanwhile."""
    with nobody_is_paged(boto3.client("cloudwatch"), stage):
        code = run_cdk(["deploy", "--all", "--require-approval", "broadening"], assembly)
    raise typer.Exit(code)


def down(
    stage: StageOption = "dev",
    assembly: AssemblyOption = ROOT / "cdk.out",
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Remove the stacks of a stage; what keeps data is protected and has to be let go by hand first."""
    if not yes:
        typer.confirm(f"Remove all stacks of stage {stage}?", abort=True)
    with nobody_is_paged(boto3.client("cloudwatch"), stage):
        code = run_cdk(["destroy", "--all", "--force"], assembly)
    raise typer.Exit(code)


def status(stage: StageOption = "dev", as_json: JsonOption = False) -> None:
    """Show the stage's stacks and the alarms that are raised; exit code 1 if one is, or a stack is not complete."""
    stacks, raised = standing(boto3.client("cloudformation"), boto3.client("cloudwatch"), stage)
    if as_json:
        typer.echo(json.dumps({"stacks": stacks, "raised": raised}))
    else:
        for name, state in stacks.items():
            typer.echo(f"{state:24} {name}")
        typer.echo("\n".join(f"raised: {name}" for name in raised) or "no alarm is raised")
    if not stacks or raised or not all(state.endswith("_COMPLETE") for state in stacks.values()):
        raise typer.Exit(1)


def topics(
    bootstrap: BootstrapOption,
    stage: Annotated[str, typer.Option(envvar="SEMAFORO_STAGE", help="namespace of the topics")] = "dev",
    properties: PropertiesOption = None,
    apply: Annotated[bool, typer.Option("--apply", help="make those that are missing")] = False,
) -> None:
    """Hold the brokers' topics against `schemas/topics.py`; exit code 1 if one is missing or differs."""
    client = client_properties(properties)
    states = compare(bootstrap, stage, client)
    for state in states:
        typer.echo(f"{state.name}: {'missing' if state.missing else '; '.join(state.differs) or 'as it should be'}")
    if apply:
        typer.echo(f"made: {', '.join(create(bootstrap, stage, client, states)) or 'none'}")
        states = [state for state in states if not state.missing]
    if not all(state.is_right for state in states):
        raise typer.Exit(1)


def job_snapshot(
    name: Annotated[str, typer.Argument(help="what it is to be called")], stage: StageOption = "dev"
) -> None:
    """Take a snapshot of the running KPI job on Managed Flink, before a deployment that may have to be undone."""
    JobSnapshots(boto3.client("kinesisanalyticsv2"), stage).take(name)
    typer.echo(f"{name}: taken")


def job_restore(name: Annotated[str, typer.Argument(help="of a snapshot")], stage: StageOption = "dev") -> None:
    """Start the KPI job on Managed Flink anew, as deployed last, with the state of a snapshot."""
    JobSnapshots(boto3.client("kinesisanalyticsv2"), stage).start_from(name)
    typer.echo(f"running, from {name}")


def table_copy(
    source: Annotated[str, typer.Argument(help="the table that was restored")],
    target: Annotated[str, typer.Argument(help="the stage's own")],
    from_region: Annotated[str, typer.Option(help="where it lies, if that is another region")] = "",
) -> None:
    """Bring items of a restored table back into the stage's own; what is there stays. Safe to run again."""
    elsewhere = boto3.client("dynamodb", region_name=from_region) if from_region else None
    found = copy_missing(boto3.client("dynamodb"), source, target, read_by=elsewhere)
    typer.echo(f"{target}: {found.copied} items brought back, {found.there} were there")


def raw_replay(
    bucket: Annotated[str, typer.Argument(help="where raw lies")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="the first day, UTC")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="the last day, UTC")],
    bootstrap: BootstrapOption,
    stage: Annotated[str, typer.Option(envvar="SEMAFORO_STAGE", help="namespace of the topics")] = "dev",
    properties: PropertiesOption = None,
) -> None:
    """Put messages back from raw onto the brokers: the same bytes, to the partition and in the order they had."""
    found = messages(boto3.client("s3"), bucket, first.date(), last.date())
    say = lambda count: typer.echo(f"{count:,} sent", err=True)  # noqa: E731 - a line
    typer.echo(f"{put_back(found, bootstrap, stage, client_properties(properties), say):,} messages are on the brokers")


def cost(
    events_per_day: Annotated[float, typer.Option(min=0)] = 100_000,
    routes: Annotated[int, typer.Option(min=0)] = 300,
    small: Annotated[bool, typer.Option("--small", help="a stage of one zone's app and database")] = False,
    as_json: JsonOption = False,
) -> None:
    """Price a month of a stage by list prices of a dated file: floor, a million events more, the dearest parts."""
    found = bill(Load(events_per_day, routes, production=not small), read_prices())
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False))
        return
    typer.echo(f"{events_per_day:,.0f} events a day, {routes} routes; prices of {found.region}, {found.as_of}, US$\n")
    typer.echo(table(found))
    typer.echo(f"\ndearest: {', '.join(found.largest)}")


def preflight(
    bundle: Annotated[Path | None, typer.Argument(help="a Flink zip; without one ours is built")] = None,
    start: Annotated[bool, typer.Option("--start/--no-start", help="start it too, 20 s")] = True,
) -> None:
    """Hold a Flink zip against all that Managed Flink documents, and start it with nothing of this folder in reach."""
    found = bundle or build_flink_zip(jar=flink_jar())
    check_zip(found, start=start)
    typer.echo(f"{found.name}: fit to be shipped{', and it starts' if start else ''}")
