"""The clean tables as Athena and Redshift Spectrum know them: columns in Hive's types, for the templates.

`deploy` imports nothing of `warehouse`, so it reads them as `deploy/stacks/clean_tables.json`, which
`python -m warehouse catalogue --write` makes and a test holds equal.
"""

from pathlib import Path
from typing import Any, Final

import msgspec
import polars as pl

from warehouse.clean_tables import CLEAN_TABLES, INSTANT

CATALOGUE_FILE: Final = Path(__file__).parent.parent / "deploy" / "stacks" / "clean_tables.json"

_HIVE_TYPES: Final[dict[Any, str]] = {
    pl.String: "string",
    pl.Int64: "bigint",
    pl.Float64: "double",
    pl.Boolean: "boolean",
    pl.Binary: "binary",
    INSTANT: "timestamp",
    pl.List(pl.String): "array<string>",
}


class Column(msgspec.Struct, frozen=True):
    """A column in the order of the clean table."""

    name: str
    type: str


class Table(msgspec.Struct, frozen=True):
    """A table; `month` is its partition and no column of its files."""

    name: str
    comment: str
    columns: list[Column]


def catalogue() -> list[Table]:
    """All clean tables. KeyError for a type nobody has told Athena of."""
    return [
        Table(
            table.name,
            f"One row per {table.one_row_per}.",
            [Column(name, _HIVE_TYPES[dtype]) for name, dtype in table.columns.items()],
        )
        for table in CLEAN_TABLES.values()
    ]


def as_file() -> bytes:
    """The file's bytes."""
    return msgspec.json.format(msgspec.json.encode(catalogue()), indent=1) + b"\n"
