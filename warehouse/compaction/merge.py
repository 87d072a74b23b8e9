"""Rows of one table and month put together: one of each key, in order, late ones marked."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from warehouse.clean_tables import CLEAN_TABLES, CleanTable

_EARLIEST: Final = ("partition", "offset", "appended_at", "topic")
_NUMBER: Final = pl.col("sequence_number").str.strip_chars_start("0")

# Of rows that agree in their key the first by these stays. A sequence number has up to 56 digits: longer is greater.
_KEEP: Final[dict[str, tuple[list[pl.Expr], bool]]] = {
    "kpi_row": ([pl.col("known_at"), _NUMBER.str.len_chars(), _NUMBER, pl.col("shard")], False),
    "raw_range": ([-pl.col("last_offset")], False),
    "light_change": ([_NUMBER.str.len_chars(), _NUMBER], True),
    **dict.fromkeys(("dead_letter", "late_event"), ([pl.col(f"noted_{name}") for name in _EARLIEST], False)),
}
_EVENTS_KEEP: Final = ([pl.col(name) for name in _EARLIEST], False)


def merged(table: CleanTable, frames: Sequence[pl.DataFrame], late: pl.DataFrame | None = None) -> pl.DataFrame:
    """One row per key of all the frames' rows, ordered: the same whatever order they come in.

    Of an event that was published twice the earliest position stays, as in the KPI job; of a KPI row its first arrival;
    of a light's change the newest sequence number. `late` has the positions of late events and their `fact_at`.
    """
    rows = pl.concat(frames)
    keys = rows.select(table.key)
    doubled = keys.is_duplicated()
    if doubled.any():
        by, descending = _KEEP.get(table.name, _EVENTS_KEEP)
        kept = rows.filter(doubled).sort(by, descending=descending).unique(table.key, keep="first", maintain_order=True)
        rows = pl.concat([rows.filter(~doubled), kept])
    if late is not None and "is_late" in table.columns:
        rows = rows.with_columns(is_late=_is_late(rows, late))
    order = dict.fromkeys((*table.by, *table.key))
    return rows.sort(list(order)).rechunk()


def _is_late(rows: pl.DataFrame, late: pl.DataFrame) -> pl.Series:
    """By position, and by the instant too: a topic made anew counts from 0 again."""
    told = late.select("topic", "partition", "offset", event_at="fact_at", told=pl.lit(value=True)).unique()
    joined = rows.select("topic", "partition", "offset", "event_at").join(
        told, on=["topic", "partition", "offset", "event_at"], how="left", maintain_order="left"
    )
    return joined["told"].fill_null(value=False)


def by_month(table: CleanTable, rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Rows by the month of the table's instant, YYYY-MM."""
    months = rows.with_columns(_month=pl.col(table.instant).dt.strftime("%Y-%m"))
    parts = months.partition_by("_month", as_dict=True, include_key=False, maintain_order=True)
    return {str(month): part for (month,), part in parts.items()}


EVENT_TABLES: Final = tuple(name for name, table in CLEAN_TABLES.items() if "is_late" in table.columns)
