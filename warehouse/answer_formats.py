"""An answer as people and programs take it: a table for the terminal, CSV, JSON, Parquet."""

import io
import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection).
_FORMULA: Final = r"^([=+\-@\t\r\n])"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
_WIDEST: Final = 10_000


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def written(answer: pl.DataFrame, kind: Format, width: int | None = None) -> bytes:
    """The answer as bytes of that format; `width` in characters bounds a table (None: as wide as it gets)."""
    return _WRITERS[kind](answer, width)


def safe_cells(answer: pl.DataFrame) -> pl.DataFrame:
    """Texts that a spreadsheet would run begin with an apostrophe."""
    texts = [name for name, dtype in answer.schema.items() if dtype == pl.String]
    return answer.with_columns(pl.col(name).str.replace(_FORMULA, "'${1}") for name in texts)


def _csv(answer: pl.DataFrame, _width: int | None) -> bytes:
    return safe_cells(answer).write_csv().encode()


def _json(answer: pl.DataFrame, _width: int | None) -> bytes:
    return answer.write_json().encode() + b"\n"


def _parquet(answer: pl.DataFrame, _width: int | None) -> bytes:
    out = io.BytesIO()
    answer.write_parquet(out)
    return out.getvalue()


def _table(answer: pl.DataFrame, width: int | None) -> bytes:
    """One row a line; where the terminal is too narrow for that, one column a line."""
    rows = [[_shown(value) for value in row] for row in answer.iter_rows()]
    widths = [max(len(name), *(len(row[i]) for row in rows), 0) for i, name in enumerate(answer.columns)]
    if width is not None and sum(widths) + 2 * len(widths) > width:
        lines = []
        longest = max((len(name) for name in answer.columns), default=0)
        for row in rows:
            lines += [f"{name:<{longest}}  {value}" for name, value in zip(answer.columns, row, strict=True)] + [""]
        return "\n".join(lines).encode()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, dtype in answer.schema.items():
        table.add_column(name, justify="right" if dtype.is_numeric() else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(value) for value in row))
    out = io.StringIO()
    Console(file=out, width=width or _WIDEST, color_system=None).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()).encode() + b"\n"


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return _CONTROL.sub(" ", str(value))


_WRITERS: Final[dict[Format, Callable[[pl.DataFrame, int | None], bytes]]] = {
    Format.TABLE: _table,
    Format.CSV: _csv,
    Format.JSON: _json,
    Format.PARQUET: _parquet,
}
