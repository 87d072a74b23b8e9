"""Unbroken runs of offsets in raw objects: what a later look for gaps goes by."""

from typing import Final

import polars as pl

from warehouse.clean_tables import CLEAN_TABLES

_KINDS: Final = ("events", "clock_beats", "heartbeats", "undecodable")
_RANGE: Final = CLEAN_TABLES["raw_range"]


def raw_ranges(seen: pl.DataFrame) -> pl.DataFrame:
    """The rows of `raw_range` for messages seen (`Decoded.seen`); a line that stands twice in an object counts once.

    `messages` = `events` + `clock_beats` + `heartbeats` (of routes) + `undecodable`; notes about dead and late messages
    are events of their topics.
    """
    place = ["raw_object", "topic", "day", "partition"]
    run = (pl.col("offset") - pl.int_range(pl.len())).over(place).alias("run")
    return (
        seen.unique([*place, "offset"])
        .sort(*place, "offset")
        .with_columns(run)
        .group_by(*place, "run", maintain_order=True)
        .agg(
            pl.col("offset").min().alias("first_offset"),
            pl.col("offset").max().alias("last_offset"),
            pl.len().cast(pl.Int64).alias("messages"),
            *((pl.col("kind") == kind).sum().cast(pl.Int64).alias(kind) for kind in _KINDS),
            pl.col("appended_at").min().alias("first_appended_at"),
            pl.col("appended_at").max().alias("last_appended_at"),
        )
        .with_columns(delivered_on=pl.col("day").str.to_datetime("%Y-%m-%d", time_unit="us"))
        .select(list(_RANGE.columns))
        .cast(pl.Schema(_RANGE.columns))
    )
