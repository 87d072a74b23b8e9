"""`python -m alerts.publish_rules [FOLDER]`: put rules in force in a stage, without a deploy.

The stage and the cloud are those the environment names, as for `python -m alerts`. With `--shipped` the rules that came
with the code are in force again. Every worker takes over within half a minute.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import boto3
import typer

from alerts.documents import ConflictError, Documents
from alerts.live_catalog import FRESH_FOR, publish
from alerts.settings import AWS_CONFIG, AlertSettings
from rules.bundle import pack
from rules.load import CATALOG_FOLDER
from rules.problems import CatalogError
from schemas.errors import ContractError, Transient


def publish_rules(
    folder: Annotated[
        Path, typer.Argument(help="A folder of rule files.", exists=True, file_okay=False)
    ] = CATALOG_FOLDER,
    shipped: Annotated[bool, typer.Option("--shipped", help="Go back to the rules that came with the code.")] = False,
) -> None:
    """Put rules in force. Exit 1 if they do not pass their own check and tests, or the table is away."""
    settings = AlertSettings.read()
    documents = Documents(boto3.client("dynamodb", config=AWS_CONFIG), settings)
    try:
        files = {} if shipped else pack(folder)
        version = publish(documents, files, datetime.now(UTC))
    except CatalogError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        raise typer.Exit(1) from None
    except (ContractError, ConflictError, Transient) as error:
        print(f"publish_rules: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    what = f"{len(files)} files of {folder}" if files else "the shipped rules"
    print(f"{settings.stage}: {what} are in force within {FRESH_FOR.seconds} s, as version {version}")


if __name__ == "__main__":
    typer.run(publish_rules)
