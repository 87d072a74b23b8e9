"""Fill an empty booking system with made-up airlines' worth of bookings, the same for the same seed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from math import ceil
from typing import Final, cast

import numpy as np
import polars as pl
import psycopg
from psycopg import sql

from warehouse.booking.errors import BookingError
from warehouse.booking.flights_list import Airport, airline_names, airports_of, distance_km
from warehouse.booking.people import People
from warehouse.booking.sales import BATCH, sell

TABLES: Final = ("airlines", "airports", "routes", "pilots", "flights", "passengers", "bookings")
_NUMBERED: Final = ("routes", "pilots", "flights", "passengers", "bookings")
_LARGE: Final = ("flights", "passengers", "bookings")
_PILOTS_A_DAILY_FLIGHT: Final = 0.6


class LoadError(BookingError):
    """There is something in the tables already, or no flight to book."""


def load(
    connection: psycopg.Connection,
    flights: pl.DataFrame,
    bookings: int,
    seed: int,
    done: Callable[[int], None] = lambda _bookings: None,
) -> None:
    """Fill the seven tables in one transaction; `done` hears of each batch how many bookings it had.

    `flights` has the columns of `flights_list.COLUMNS`. Raises LoadError if a table is not empty or there is no flight.
    """
    if flights.is_empty():
        raise LoadError("no flight departs in that time")
    people = People(seed)
    with connection.transaction():
        _refuse_filled(connection)
        with _constraints_afterwards(connection):
            sold_on = _load_flights(connection, flights, people, seed)
            for number in range(ceil(bookings / BATCH)):
                sales = sell(number, min(BATCH, bookings - number * BATCH), seed, people, sold_on)
                _copy(connection, "passengers", sales.passengers)
                _copy(connection, "bookings", sales.bookings)
                done(len(sales.bookings))
        for table in _NUMBERED:
            _continue_numbers(connection, table)
    connection.execute("ANALYZE")


def _refuse_filled(connection: psycopg.Connection) -> None:
    for table in TABLES:
        found = connection.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone()
        if found is not None:
            raise LoadError(f"{table} is not empty: a load fills a new booking system, it does not add to one")


@contextmanager
def _constraints_afterwards(connection: psycopg.Connection) -> Iterator[None]:
    """References and indexes of the large tables are checked and built once over all rows: 4 times faster.

    All of it in the caller's transaction, so whoever else looks never sees the tables without them.
    """
    restore: list[str] = []
    found = connection.execute(
        """
        SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || quote_ident(conname),
            'ALTER TABLE ' || conrelid::regclass || ' ADD CONSTRAINT ' || quote_ident(conname) || ' '
            || pg_get_constraintdef(oid)
        FROM pg_constraint
        WHERE conrelid = ANY (%(tables)s::regclass[]) AND contype IN ('f', 'u')
        UNION ALL
        SELECT 'DROP INDEX ' || indexrelid::regclass, pg_get_indexdef(indexrelid)
        FROM pg_index
        WHERE indrelid = ANY (%(tables)s::regclass[]) AND NOT indisunique
        """,
        {"tables": list(_LARGE)},
    ).fetchall()
    for drop, add in found:
        _run(connection, drop)
        restore.append(add)
    for table in _LARGE:
        # They mark rows as changed, which new rows are by default.
        _run(connection, f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for add in restore:
        _run(connection, add)
    for table in _LARGE:
        _run(connection, f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _load_flights(connection: psycopg.Connection, table: pl.DataFrame, people: People, seed: int) -> pl.DataFrame:
    """Airlines, airports, routes, pilots and flights; the flights as seats are sold on them."""
    luck = np.random.default_rng([seed, 1 << 32])
    airports, names = airports_of(table), airline_names()
    homes = table.group_by("carrier").agg(pl.col("origin").mode().sort().first()).sort("carrier")
    airlines = [(carrier, names.get(carrier, carrier), airports[home].country) for carrier, home in homes.iter_rows()]
    _copy(connection, "airlines", pl.DataFrame(airlines, schema=["carrier", "name", "country"], orient="row"))
    _copy(connection, "airports", pl.DataFrame(list(airports.values()), schema=list(Airport._fields), orient="row"))
    pairs = sorted(set(table.select("origin", "destination").iter_rows()))
    routes = pl.DataFrame(
        [(number, *pair, distance_km(*(airports[end] for end in pair))) for number, pair in enumerate(pairs, start=1)],
        schema=["route_id", "origin", "destination", "distance_km"],
        orient="row",
    )
    _copy(connection, "routes", routes)
    pilots = _pilots(table, people, luck)
    _copy(connection, "pilots", pilots)
    crews = pilots.group_by("carrier").agg(first=pl.col("pilot_id").min(), crew=pl.len())
    length = pl.col("distance_km")
    numbered = (
        table.with_row_index("flight_id", offset=1)
        .join(routes, on=["origin", "destination"], how="left", maintain_order="left")
        .join(crews, on="carrier", how="left", maintain_order="left")
        .with_columns(
            seats=pl.when(length < 900).then(76).when(length < 4_500).then(150).otherwise(240),
            pilot_id=pl.col("first") + (pl.Series(luck.random(len(table))) * pl.col("crew")).cast(pl.Int64),
        )
    )
    columns = ("flight_id", "carrier", "number", "route_id", "departure_date")
    times = ("scheduled_departure_at", "scheduled_arrival_at")
    _copy(connection, "flights", numbered.select(*columns, *times, "seats", "pilot_id"))
    return numbered.select("flight_id", "scheduled_departure_at", "departure_date", "distance_km")


def _pilots(table: pl.DataFrame, people: People, luck: np.random.Generator) -> pl.DataFrame:
    """So many of each airline as its flights need."""
    days = table["departure_date"].n_unique()
    today = cast("date", table["departure_date"].min())
    carriers = [
        carrier
        for carrier, flights in table.group_by("carrier").len().sort("carrier").iter_rows()
        for _ in range(3 + ceil(_PILOTS_A_DAILY_FLIGHT * flights / days))
    ]
    age_years = luck.triangular(24, 44, 64, len(carriers))
    hours = (age_years - 22) * luck.uniform(180, 620, len(carriers))
    drawn = people.draw(1, len(carriers), today, luck)
    return drawn.select(
        pl.col("passenger_id").alias("pilot_id"),
        pl.Series("carrier", carriers),
        "full_name",
        pl.format("ATP{}", pl.col("passenger_id").cast(pl.String).str.zfill(7)).alias("licence"),
        "email",
        (pl.lit(today) - pl.Series((age_years * 365.25).astype(np.int64)).cast(pl.Int64) * pl.duration(days=1))
        .cast(pl.Date)
        .alias("birth_date"),
        pl.Series("flight_hours", hours.astype(np.int64)),
    )


def _continue_numbers(connection: psycopg.Connection, table: str) -> None:
    """Rows that come later are numbered after these."""
    key = f"{table[:-1]}_id"
    statement = "SELECT setval(pg_get_serial_sequence({}, {}), coalesce(max({key}), 1), max({key}) IS NOT NULL) FROM {}"
    named = sql.SQL(statement).format(
        sql.Literal(table), sql.Literal(key), sql.Identifier(table), key=sql.Identifier(key)
    )
    connection.execute(named)


def _copy(connection: psycopg.Connection, table: str, rows: pl.DataFrame) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, rows.columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(rows.write_csv(include_header=False, quote_style="non_numeric"))


def _run(connection: psycopg.Connection, statement: str) -> None:
    """A statement made of names that the catalogue itself has quoted."""
    connection.execute(sql.SQL(statement))
