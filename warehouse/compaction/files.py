"""The files of clean tables: read, and replaced whole where they change."""

import io
from collections.abc import Sequence
from typing import Final

import polars as pl

from warehouse.clean_tables import CLEAN_TABLES, ROW_GROUP_ROWS
from warehouse.storage import Store

_PART: Final = "part-0.parquet"


def file_name(table: str, month: str) -> str:
    """Where a month (YYYY-MM) of a table lies."""
    return f"{table}/month={month}/{_PART}"


def months(clean: Store, table: str) -> list[str]:
    """The months that a table has, oldest first."""
    return [
        stored.name.split("/")[1].removeprefix("month=")
        for stored in clean.list(table)
        if stored.name.endswith(f"/{_PART}") and stored.name.startswith(f"{table}/month=")
    ]


def read_month(clean: Store, table: str, month: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Rows of a table's month; none if there is no file. A column that it was written before is null."""
    schema = CLEAN_TABLES[table].columns
    wanted = list(columns or schema)
    try:
        data = clean.read(file_name(table, month))
    except FileNotFoundError:
        return pl.DataFrame(schema={name: schema[name] for name in wanted})
    written = pl.read_parquet_schema(io.BytesIO(data))
    frame = pl.read_parquet(
        io.BytesIO(data), columns=[name for name in wanted if name in written], hive_partitioning=False
    )
    lacking = [pl.lit(None, schema[name]).alias(name) for name in wanted if name not in written]
    return frame.with_columns(lacking).select(wanted) if lacking else frame


def read_table(clean: Store, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """All rows of a table, for those that are small."""
    schema = CLEAN_TABLES[table].columns
    empty = pl.DataFrame(schema={name: schema[name] for name in columns or schema})
    return pl.concat([empty, *(read_month(clean, table, month, columns) for month in months(clean, table))])


def write_month(clean: Store, table: str, month: str, rows: pl.DataFrame) -> bool:
    """Put these rows in the place of the month's; whether that changed anything."""
    name = file_name(table, month)
    try:
        before = clean.read(name)
    except FileNotFoundError:
        before = None
    if rows.is_empty():
        if before is not None:
            clean.delete(name)
        return before is not None
    target = io.BytesIO()
    rows.write_parquet(target, compression="zstd", row_group_size=ROW_GROUP_ROWS)
    data = target.getvalue()
    if data == before:
        return False
    clean.write(name, data)
    return True
