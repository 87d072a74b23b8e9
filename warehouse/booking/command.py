"""`python -m warehouse booking …`: the booking system's tables, its made-up contents, and what leaves it masked."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import psycopg
import typer

from warehouse.booking.access import MissingAccessError, booking_dsn, masking_key
from warehouse.booking.errors import BookingError
from warehouse.booking.etl import run_etl
from warehouse.booking.flights_list import FlightsListError, flights_of_2013, flights_of_file
from warehouse.booking.load import load as load_bookings
from warehouse.booking.migrate import migrate as apply_migrations
from warehouse.settings import DAY, HistorySettings
from warehouse.storage import Store

app = typer.Typer(
    no_args_is_help=True, help="The booking system in PostgreSQL (SEMAFORO_BOOKING_DSN), and its ETL to raw and clean."
)


@app.command()
def migrate() -> None:
    """Make the seven tables, or bring them up to date. Exit 1 if the database was migrated by other files."""
    with _failures("migrate"), psycopg.connect(booking_dsn(), autocommit=True) as connection:
        applied = apply_migrations(connection)
    typer.echo(f"applied: {', '.join(applied)}" if applied else "nothing to apply")


@app.command()
def load(
    first: Annotated[datetime, typer.Option("--from", formats=DAY, help="Flights that depart on this local date …")],
    until: Annotated[datetime, typer.Option("--to", formats=DAY, help="… to the day before this one.")],
    bookings: Annotated[int, typer.Option(min=1, max=100_000_000, help="How many.")] = 100_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, dates and number make the same rows.")] = 1,
    flights: Annotated[
        Path | None,
        typer.Option(
            help="Parquet of the flights: carrier, number, origin, destination, departure_date, "
            "scheduled_departure_at, scheduled_arrival_at; without it those from New York of 2013."
        ),
    ] = None,
) -> None:
    """Fill an empty booking system with made-up people, in one transaction. Exit 1 if it is not empty."""
    if not first < until:
        raise typer.BadParameter(f"--from {first:%Y-%m-%d} --to {until:%Y-%m-%d}: nothing in between")
    if flights is None and not (first.year == 2013 and until <= datetime(2014, 1, 1)):  # noqa: DTZ001 - typer's dates
        raise typer.BadParameter("flights of other years than 2013 have to be given with --flights")
    started = time.monotonic()
    with _failures("load"), psycopg.connect(booking_dsn(), autocommit=True) as connection:
        days = (first.date(), until.date())
        table = flights_of_file(flights, *days) if flights else flights_of_2013(*days)
        with typer.progressbar(length=bookings, label="bookings", file=sys.stderr) as bar:
            load_bookings(connection, table, bookings, seed, done=bar.update)
    seconds = time.monotonic() - started
    typer.echo(f"{bookings:,} bookings on {len(table):,} flights in {seconds:.1f} s")


@app.command()
def etl(
    full: Annotated[
        bool, typer.Option("--full", help="Read all of it anew: after a restore, or with a new key.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """Bring raw (SEMAFORO_RAW_URL) and clean (SEMAFORO_CLEAN_URL) up to the booking system, personal data masked.

    Reads what changed since the last run. Exit 2 without a key to mask with (SEMAFORO_BOOKING_KEY).
    """
    settings = HistorySettings.read()
    started = time.monotonic()
    with _failures("etl"):
        key, dsn = masking_key(), booking_dsn()
        stores = (Store(settings.raw_url), Store(settings.clean_url))
        done = run_etl(dsn, *stores, key, datetime.now(UTC), full=full, say=lambda line: typer.echo(line, err=True))
    if as_json:
        typer.echo(msgspec.json.encode(done).decode())
        return
    typer.echo(f"{done.said()}, in {time.monotonic() - started:.1f} s")


@contextmanager
def _failures(command: str) -> Iterator[None]:
    """What is expected to go wrong, in a line and an exit code."""
    try:
        yield
    except (MissingAccessError, FlightsListError, FileNotFoundError) as wrong:
        typer.echo(f"booking {command}: {wrong}", err=True)
        raise typer.Exit(2) from None
    except BookingError as failed:
        typer.echo(f"booking {command}: {failed}", err=True)
        raise typer.Exit(1) from None
    except psycopg.Error as failed:
        # The server's first line only: what follows may quote a row.
        said = (failed.diag.message_primary or str(failed)).splitlines()[0]
        typer.echo(f"booking {command}: the database says: {said}", err=True)
        raise typer.Exit(1) from None
