"""`python -m warehouse report`: the daily report."""

import os
import webbrowser
from datetime import datetime
from pathlib import Path
from typing import Annotated

import boto3
import duckdb
import typer
from botocore.exceptions import BotoCoreError, ClientError

from warehouse.answer import NoStar
from warehouse.report.words import language_of
from warehouse.report.write import TOPIC_VARIABLE, announce, write
from warehouse.settings import HistorySettings


def report(
    day: Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="Flights of this date.")],
    language: Annotated[
        str, typer.Option(envvar="LANGUAGE", help="es, or a locale as in es_MX:es; English else.")
    ] = "en",
    opened: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
) -> None:
    """Write a day's report (SEMAFORO_REPORTS_URL) and announce it on SEMAFORO_REPORTS_TOPIC_ARN, if that is set.

    Exit 2 if there is no star yet, 1 if it cannot be read, or the announcement fails.
    """
    try:
        written = write(HistorySettings.read(), day.date(), language_of(language))
    except NoStar as missing:
        typer.echo(f"report: {missing}", err=True)
        raise typer.Exit(2) from None
    except (duckdb.Error, OSError) as error:
        typer.echo(f"report: {str(error).splitlines()[0]}", err=True)
        raise typer.Exit(1) from None
    typer.echo(written.path)
    topic_arn = os.environ.get(TOPIC_VARIABLE)
    if not topic_arn:
        typer.echo(f"report: not announced, {TOPIC_VARIABLE} is not set", err=True)
    else:
        try:
            announce(written, topic_arn, boto3.client("sns"))
        except (BotoCoreError, ClientError) as error:
            typer.echo(f"report: written, but not announced: {error}", err=True)
            raise typer.Exit(1) from None
    if opened:
        path = Path(written.path)
        webbrowser.open(path.resolve().as_uri() if path.exists() else written.path)
