"""An answer of the star: a named question put to DuckDB, read only, as a table of columns."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb
import polars as pl

from warehouse.questions import Question

HOW_TO_MAKE_IT: Final = "`make history` makes one: it replays, compacts and builds the star"
_BUILT: Final = "select count(*) from information_schema.tables where table_schema = 'star' and table_name = $table"


class NoStar(Exception):  # noqa: N818 - says what happened
    """There is nothing to ask yet, and how to get it."""


class Span(NamedTuple):
    """Dates of flights, `until` not included."""

    first: date
    until: date


def open_star(path: Path) -> duckdb.DuckDBPyConnection:
    """Read only. Raises NoStar if the file is missing, no database, in use by a writer, or has no flights' table."""
    if not path.exists():
        raise NoStar(f"no star at {path} yet; {HOW_TO_MAKE_IT}")
    connection = duckdb.connect()
    try:
        # Under another name than its own: in a file called star.duckdb "star" is the catalogue and the schema.
        connection.execute(f"attach '{str(path).replace(chr(39), 2 * chr(39))}' as history (read_only)")
    except duckdb.Error as error:
        connection.close()
        raise NoStar(f"{path} cannot be read: {str(error).splitlines()[0]}") from error
    connection.execute("use history; set timezone = 'UTC'; set enable_progress_bar = false").fetchall()
    if not has_table(connection, "fct_flight"):
        connection.close()
        raise NoStar(f"{path} holds no star yet (no star.fct_flight); {HOW_TO_MAKE_IT}")
    return connection


def has_table(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether the star has it."""
    return bool(rows(connection, _BUILT, {"table": table}).item())


def whole_span(connection: duckdb.DuckDBPyConnection) -> Span:
    """From the first to the last flight of the star. Raises NoStar if it has none."""
    first, last = rows(connection, "select min(flight_date), max(flight_date) from star.fct_flight").row(0)
    if first is None:
        raise NoStar(f"the star has no flights yet; {HOW_TO_MAKE_IT}")
    return Span(first, last + timedelta(days=1))


def ask(connection: duckdb.DuckDBPyConnection, question: Question, span: Span) -> pl.DataFrame:
    """The answer. Raises duckdb.Error if the star lacks a table or column of it."""
    given: dict[str, Any] = {name: span._asdict()[name] for name in question.parameter_names}
    return rows(connection, question.duckdb_sql, given)


def rows(connection: duckdb.DuckDBPyConnection, sql: str, given: dict[str, Any] | None = None) -> pl.DataFrame:
    """What a query says, as a table."""
    found = pl.from_arrow(connection.sql(sql, params=given or {}).to_arrow_table())
    assert isinstance(found, pl.DataFrame)  # noqa: S101 - a table is no series
    return found
