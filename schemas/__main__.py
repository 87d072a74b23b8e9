"""`python -m schemas`: check the contracts, print the topics and the KPI catalogue."""

import json
from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from schemas.check import problems
from schemas.kpis import KPIS
from schemas.measures import MEASURES
from schemas.topics import TOPICS, topic_name

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The contracts: events, topics, measures, KPIs.")
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@app.command()
def check() -> None:
    """Fail (exit 1) on examples that do not decode, records and schemas that disagree, incompatible versions,
    KPIs that name unknown measures."""
    found = problems()
    for problem in found:
        typer.echo(f"schemas: {problem}", err=True)
    if found:
        raise typer.Exit(1)
    typer.echo(f"schemas: {len(TOPICS)} topics, {len(MEASURES)} measures, {len(KPIS)} KPIs agree")


@app.command()
def topics(stage: str = "demo", as_json: Json = False) -> None:
    """What each topic is for, who writes and who reads."""
    if as_json:
        typer.echo(json.dumps([msgspec.to_builtins(t) | {"config": t.config()} for t in TOPICS.values()]))
        return
    rows = [
        (topic_name(stage, t.name), t.key, " ".join(t.records), " ".join(t.read_by), t.purpose) for t in TOPICS.values()
    ]
    _print("Topics", ("topic", "key", "records", "read by", "purpose"), rows)


@app.command()
def kpis(as_json: Json = False) -> None:
    """Formula, unit, direction, windows and source of every KPI."""
    if as_json:
        typer.echo(json.dumps([msgspec.to_builtins(k) | {"formula": k.formula} for k in KPIS.values()]))
        return
    rows = [(k.name, k.formula, k.unit, k.direction, " ".join(k.windows), k.source) for k in KPIS.values()]
    _print("KPIs", ("KPI", "formula", "unit", "direction", "windows", "source"), rows)


def _print(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    table = Table(*columns, title=title)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    app()
