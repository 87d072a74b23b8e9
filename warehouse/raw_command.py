"""`python -m warehouse raw …`: what lies in raw, held against where it came from."""

from typing import Annotated

import boto3
import msgspec
import typer
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from schemas.errors import Transient
from schemas.raw import KPI_STREAM
from warehouse.raw_check import Completeness
from warehouse.raw_check import check as completeness
from warehouse.settings import HistorySettings
from warehouse.storage import Store

app = typer.Typer(no_args_is_help=True, help="Raw lines: what was received, as it was received.")


@app.callback()
def raw() -> None:
    """Raw lines: what was received, as it was received."""


@app.command()
def check(
    bootstrap: Annotated[str, typer.Option(envvar="SEMAFORO_KAFKA_BOOTSTRAP", help="Brokers, host:port,…")],
    kpi_stream: Annotated[str, typer.Option(help="The Kinesis stream; semaforo-<stage>-route-kpis else.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a topic.")] = False,
) -> None:
    """Every offset on the brokers and every record of the KPI stream against raw (SEMAFORO_RAW_URL).

    Exit 1 if anything is missing, was never there or cannot be read, or if brokers, stream or bucket do not answer.
    What was delivered twice is counted and is no fault.
    """
    try:
        settings = HistorySettings.read()
    except ValidationError as wrong:
        raise typer.BadParameter(f"the environment: {wrong.errors()[0]['msg']}") from None
    stream = kpi_stream or f"semaforo-{settings.stage}-{KPI_STREAM}"
    try:
        store = Store(settings.raw_url)
        found = list(completeness(store, bootstrap, settings.stage, boto3.client("kinesis"), stream))
    except (Transient, ClientError, BotoCoreError, OSError) as away:
        typer.echo(f"raw check: {away}", err=True)
        raise typer.Exit(1) from None
    for one in found:
        typer.echo(msgspec.json.encode(one).decode() if as_json else _line(one))
        for example in one.examples:
            typer.echo(f"  {example}", err=True)
    if not all(one.whole for one in found):
        raise typer.Exit(1)


def _line(one: Completeness) -> str:
    return (
        f"{one.topic}: {one.kept} there, {one.lines} in raw, {one.missing} missing, {one.extra} extra, "
        f"{one.repeated} repeated, {one.unreadable} unreadable"
    )
