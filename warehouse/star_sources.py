"""The clean tables as dbt's source: one view each in the schema `clean` of the DuckDB file.

A view has the columns and types that the table is declared with, and a column `month` to choose files by. A table that
has no file yet is an empty relation of the same columns, so a star can be built before the first booking.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

import duckdb
import polars as pl

from warehouse.clean_tables import CLEAN_TABLES, INSTANT, Schema
from warehouse.storage import Store

# Written by the booking system's ETL, which masks or adds up what is personal.
_ROUTE: Final = ("origin", "destination")
BOOKING_TABLES: Final[dict[str, Schema]] = {
    "booking": {
        **dict.fromkeys(("booking_key", "flight_number", "carrier", "number", *_ROUTE), pl.String),
        "departure_date": pl.Date,
        "booked_at": INSTANT,
        **dict.fromkeys(("cabin", "channel"), pl.String),
        **dict.fromkeys(("passengers", "fare_minor"), pl.Int64),
        "currency": pl.String,
        "usd_per_unit_ppm": pl.Int64,
        **dict.fromkeys(("status", "passenger_age_band", "passenger_country", "pilot_experience_band"), pl.String),
        "updated_at": INSTANT,
        "is_deleted": pl.Boolean,
    },
    "booking_airline": dict.fromkeys(("carrier", "name", "country"), pl.String),
    "booking_airport": {
        **dict.fromkeys(("airport", "name", "city", "country"), pl.String),
        **dict.fromkeys(("latitude", "longitude"), pl.Float64),
        "time_zone": pl.String,
    },
    "booking_route": {**dict.fromkeys(_ROUTE, pl.String), "distance_km": pl.Int64},
    "pilot_band": {
        **dict.fromkeys(("carrier", "band"), pl.String),
        **dict.fromkeys(("min_hours", "max_hours", "pilots"), pl.Int64),
    },
}
SOURCES: Final[dict[str, Schema]] = {
    **{name: table.columns for name, table in CLEAN_TABLES.items()},
    **{name: columns for name, columns in BOOKING_TABLES.items() if name not in CLEAN_TABLES},
}

_TYPES: Final[dict[pl.DataType, str]] = {
    pl.String(): "VARCHAR",
    pl.Int64(): "BIGINT",
    pl.Float64(): "DOUBLE",
    pl.Boolean(): "BOOLEAN",
    pl.Binary(): "BLOB",
    pl.Date(): "DATE",
    INSTANT: "TIMESTAMP",
    pl.List(pl.String): "VARCHAR[]",
}

Prints = Mapping[tuple[str, str], str]
"""Of each (clean table, month; "" where it has none): a print of its files' contents."""


def prints(clean: Store) -> dict[tuple[str, str], str]:
    """What the clean tables hold, by content: a file that was written anew with the same bytes has not changed."""
    files: dict[tuple[str, str], list[str]] = {}
    for file in clean.list():
        table, *folders, name = file.name.split("/")
        if table in SOURCES and name.endswith(".parquet"):
            month = next((part.removeprefix("month=") for part in folders if part.startswith("month=")), "")
            files.setdefault((table, month), []).append(f"{file.name} {_content(clean, file.name)}")
    return {key: hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest() for key, names in files.items()}


def _content(clean: Store, name: str) -> str:
    """S3 knows a print of what was put; a file's is worked out, a gigabyte a second."""
    info = clean.filesystem.info(clean.path(name))
    return str(info["ETag"]) if "ETag" in info else hashlib.sha256(clean.read(name)).hexdigest()


def register(connection: duckdb.DuckDBPyConnection, clean: Store, found: Prints) -> None:
    """Make the views anew. What a file lacks of its declared columns is an error that names it."""
    if "s3" in clean.filesystem.protocol:
        connection.register_filesystem(clean.filesystem)
    connection.execute("CREATE SCHEMA IF NOT EXISTS clean")
    for table, columns in SOURCES.items():
        months = sorted(month for name, month in found if name == table)
        connection.execute(f'CREATE OR REPLACE VIEW clean."{table}" AS {_select(clean, table, columns, months)}')


def _select(clean: Store, table: str, columns: Schema, months: list[str]) -> str:
    types = {name: _TYPES[dtype if isinstance(dtype, pl.DataType) else dtype()] for name, dtype in columns.items()}
    if not months:
        nothing = ", ".join(f'CAST(NULL AS {sql}) AS "{name}"' for name, sql in types.items())
        return f"SELECT {nothing}, CAST(NULL AS VARCHAR) AS month WHERE false"
    typed = ", ".join(f'CAST("{name}" AS {sql}) AS "{name}"' for name, sql in types.items())
    path = clean.path(f"{table}/*/*.parquet" if months != [""] else f"{table}/*.parquet").replace("'", "''")
    month = "month" if months != [""] else "CAST(NULL AS VARCHAR) AS month"
    options = "hive_partitioning = true, hive_types_autocast = false, union_by_name = true"
    return f"SELECT {typed}, {month} FROM read_parquet('{path}', {options})"  # noqa: S608 - our own names and path
