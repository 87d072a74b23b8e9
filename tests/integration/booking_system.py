"""A real PostgreSQL with databases of its own for each test, and the ETL as a process that can be killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import polars as pl
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from deploy.local.postgres import Postgres
from deploy.paths import ROOT
from warehouse.booking.etl import Outcome, run_etl
from warehouse.booking.load import load
from warehouse.booking.migrate import migrate
from warehouse.storage import Store

KEY = b"a key of the tests, 32 characters or more"
NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
_numbers = count(1)


class BookingSystem:
    """One database, and the stores its ETL writes to."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.dsn = dsn
        self.folder = folder
        self.raw, self.clean = Store(str(folder / "raw")), Store(str(folder / "clean"))

    def connect(self) -> psycopg.Connection:
        """A session of its own, in autocommit."""
        return psycopg.connect(self.dsn, autocommit=True)

    def run(self, *statements: str) -> None:
        """Each statement in a transaction of its own."""
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What a query gives."""
        with self.connect() as connection:
            return connection.execute(query.encode()).fetchall()

    def etl(self, *, full: bool = False) -> Outcome:
        """Run the ETL here."""
        return run_etl(self.dsn, self.raw, self.clean, KEY, NOW, full=full)

    def reference(self) -> dict[str, pl.DataFrame]:
        """The clean tables as one reading of everything makes them, elsewhere."""
        folder = self.folder / f"reference-{next(_numbers)}"
        clean = Store(str(folder / "clean"))
        run_etl(self.dsn, Store(str(folder / "raw")), clean, KEY, NOW)
        return contents(clean)

    def environment(self) -> dict[str, str]:
        """Of a process that works with it."""
        return {
            **os.environ,
            "SEMAFORO_BOOKING_DSN": self.dsn,
            "SEMAFORO_BOOKING_KEY": KEY.decode(),
            "SEMAFORO_RAW_URL": self.raw.url,
            "SEMAFORO_CLEAN_URL": self.clean.url,
        }

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m warehouse booking …`."""
        return self.history({}, "booking", *words)

    def history(self, environment: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m warehouse …`."""
        command = [sys.executable, "-m", "warehouse", *words]
        given = {**self.environment(), **environment}
        return subprocess.run(command, env=given, cwd=ROOT, capture_output=True, text=True, check=False)


def contents(clean: Store) -> dict[str, pl.DataFrame]:
    """The clean tables' files by name."""
    names = [stored.name for stored in clean.list() if stored.name.endswith(".parquet")]
    return {name: pl.read_parquet(clean.path(name)) for name in names}


def same(found: dict[str, pl.DataFrame], wanted: dict[str, pl.DataFrame]) -> bool:
    """Whether both hold the same files with the same rows in the same order."""
    return found.keys() == wanted.keys() and all(found[name].equals(wanted[name]) for name in wanted)


def few_flights() -> pl.DataFrame:
    """Forty flights of two days and two airlines."""
    rows = [
        ("AM" if number % 2 else "B6", str(100 + number), "MEX", "JFK", date(2026, 2, 10 + number % 2), number)
        for number in range(40)
    ]
    table = pl.DataFrame(
        rows, schema=["carrier", "number", "origin", "destination", "departure_date", "hour"], orient="row"
    )
    departs = pl.col("departure_date").cast(pl.Datetime("us", "UTC")) + pl.duration(minutes=pl.col("hour") * 20)
    return table.with_columns(scheduled_departure_at=departs, scheduled_arrival_at=departs + pl.duration(hours=4)).drop(
        "hour"
    )


@contextmanager
def booking_system(postgres: Postgres, folder: Path, bookings: int = 0) -> Iterator[BookingSystem]:
    """A migrated database, with so many bookings of seed 1."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    system = BookingSystem(make_conninfo(postgres.dsn, dbname=name), folder)
    with system.connect() as connection:
        migrate(connection)
        if bookings:
            load(connection, few_flights(), bookings, seed=1)
    yield system
