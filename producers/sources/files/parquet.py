"""Parquet as JSON lines, so that a column means the same whatever kind of file it came in.

Read with DuckDB: one library of 65 MB that needs nothing else, where PyArrow with NumPy takes 205 MB of the 250 that a
Lambda function may have, and Polars 170.
"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

MARK: Final = b"PAR1"
ROWS_AT_ONCE: Final = 1_000
MOST_MEMORY: Final = "512MB"  # a column that unpacks to gigabytes is refused, not waited for

_WITH_ZONE: Final = "TIMESTAMP WITH TIME ZONE"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class UnreadableParquetError(ValueError):
    """A file that begins like Parquet and cannot be read."""


def json_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Every row as a JSON object with its number, from 1; what is null or no number is left out.

    Raises UnreadableParquetError, at the first row or a later one.
    """
    import duckdb  # 65 MB that most files do not need

    encoder = msgspec.json.Encoder(decimal_format="number")
    connection = duckdb.connect(config={"threads": 1, "memory_limit": MOST_MEMORY})
    try:
        described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
        names = [str(row[0]) for row in described]
        # As numbers: DuckDB hands instants with a zone over through a library of its own.
        zoned = {str(row[0]) for row in described if str(row[1]) == _WITH_ZONE}
        columns = ", ".join(f"epoch_us({_quoted(name)})" if name in zoned else _quoted(name) for name in names)
        rows = connection.execute(f"SELECT {columns} FROM read_parquet(?)", [str(path)])  # noqa: S608 - quoted names
        number = 0
        while batch := rows.fetchmany(ROWS_AT_ONCE):
            for values in batch:
                number += 1
                pairs = zip(names, values, strict=True)
                present = {n: _instant(v) if n in zoned else v for n, v in pairs if not _is_absent(v)}
                yield number, encoder.encode(present).decode()
    except (duckdb.Error, TypeError) as error:
        raise UnreadableParquetError(f"starts like Parquet and cannot be read: {str(error).splitlines()[0]}") from error
    finally:
        connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _instant(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _is_absent(value: Any) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))
