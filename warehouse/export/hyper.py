"""Tables to a Hyper extract, through Tableau's own library: an extra, as it is large and not free software."""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

import polars as pl

LIBRARY: Final = "tableauhyperapi"
SCHEMA: Final = "semaforo"


class NoHyper(Exception):  # noqa: N818 - says what happened
    """The library is not installed."""


def library() -> Any:
    """Raises NoHyper with the way to get it."""
    try:
        return import_module(LIBRARY)
    except ImportError:
        raise NoHyper(
            f"{LIBRARY} is not installed: `uv pip install -r requirements/tableau.in`, or take --format parquet"
        ) from None


def write_hyper(path: Path, tables: dict[str, pl.DataFrame]) -> None:
    """All tables in one file, in the place of what was there. Raises NoHyper."""
    api = library()
    with (
        # Nothing is told to Tableau.
        api.HyperProcess(
            telemetry=api.Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters={"log_config": ""}
        ) as process,
        api.Connection(process.endpoint, str(path), api.CreateMode.CREATE_AND_REPLACE) as connection,
    ):
        connection.catalog.create_schema(SCHEMA)
        for name, table in tables.items():
            columns = [api.TableDefinition.Column(column, _type(api, dtype)) for column, dtype in table.schema.items()]
            definition = api.TableDefinition(api.TableName(SCHEMA, name), columns)
            connection.catalog.create_table(definition)
            with api.Inserter(connection, definition) as inserter:
                inserter.add_rows(table.iter_rows())
                inserter.execute()


def _type(api: Any, dtype: pl.DataType) -> Any:
    if dtype.is_integer():
        return api.SqlType.big_int()
    if dtype.is_float():
        return api.SqlType.double()
    if dtype == pl.Boolean:
        return api.SqlType.bool()
    if dtype == pl.Date:
        return api.SqlType.date()
    return api.SqlType.timestamp() if isinstance(dtype, pl.Datetime) else api.SqlType.text()
