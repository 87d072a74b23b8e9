"""`python -m warehouse export`: marts for Tableau."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import duckdb
import polars as pl
import typer

from warehouse.answer import NoStar, open_star
from warehouse.answer_formats import Format, written
from warehouse.export.hyper import NoHyper, library, write_hyper
from warehouse.export.marts import marts
from warehouse.settings import HistorySettings
from warehouse.storage import Store


class ExportFormat(StrEnum):
    """What Tableau opens."""

    PARQUET = "parquet"
    HYPER = "hyper"


def export(
    out: Annotated[Path, typer.Option(file_okay=False, help="A folder; what is there of the same name is replaced.")],
    kind: Annotated[
        ExportFormat, typer.Option("--format", help="Hyper needs the extra of requirements/tableau.in.")
    ] = ExportFormat.PARQUET,
) -> None:
    """Write the marts: flights by route and day, KPIs by day, lights, alerts, bookings.

    Exit 2 if there is no star yet or the extra is missing, 1 if the star cannot be read or the folder not be written.
    """
    try:
        if kind is ExportFormat.HYPER:
            library()
        with open_star(HistorySettings.read().star_path) as star:
            found = dict(marts(star))
        out.mkdir(parents=True, exist_ok=True)
        tables = {name: table for name, table in found.items() if table is not None}
        if kind is ExportFormat.HYPER:
            write_hyper(out / "semaforo.hyper", tables)
        else:
            _write_parquet(out, tables)
    except (NoStar, NoHyper) as missing:
        typer.echo(f"export: {missing}", err=True)
        raise typer.Exit(2) from None
    except (duckdb.Error, OSError) as error:
        typer.echo(f"export: {str(error).splitlines()[0]}", err=True)
        raise typer.Exit(1) from None
    for name, table in found.items():
        said = "left out, the star has no such table" if table is None else f"{table.height:,} rows"
        typer.echo(f"{name}: {said}")
    typer.echo(str(out))


def _write_parquet(out: Path, tables: dict[str, pl.DataFrame]) -> None:
    store = Store(str(out))
    for name, table in tables.items():
        store.write(f"{name}.parquet", written(table, Format.PARQUET))
