"""`python -m warehouse star`: clean tables to star schema."""

import sys
import time
from typing import Annotated

import typer

from warehouse.settings import HistorySettings
from warehouse.star import WORK, Node, StarError, build


def star(
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Make every table anew.")] = False,
    docs: Annotated[bool, typer.Option("--docs", help="Also write the models' documentation as one page.")] = False,
) -> None:
    """Build the star schema from the clean tables: only what is new is read. Exit 1 if a model or a test fails."""
    began = time.monotonic()
    settings = HistorySettings.read()
    try:
        built = build(settings, full_refresh=full_refresh, docs=docs, seen=_progress)
    except StarError as error:
        typer.echo(f"star: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{settings.star_path} in {time.monotonic() - began:.0f} s: {built.said()}")
    if docs:
        typer.echo(f"documentation: {WORK / 'target' / 'static_index.html'}")


def _progress(node: Node) -> None:
    """Models as they are done, tests only where they do not pass."""
    if node.kind != "test" or node.status != "pass":
        print(f"  {node.seconds:6.1f} s  {node.name}  {node.status}", file=sys.stderr, flush=True)
