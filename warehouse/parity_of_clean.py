"""History held against itself: rows against a recomputation from events, lights against the rules that made them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import polars as pl

from rules.load import Catalog
from schemas.rows import FLAT_COLUMNS, WINDOW_LENGTH, to_ms
from warehouse.facts_of_clean import events_of, facts_of_clean
from warehouse.lights_judged_again import judged_again
from warehouse.lights_parity import Change, Difference, StoodOn, changes_of, light_differences
from warehouse.parity import KEY, Parity, compare, together
from warehouse.storage import Store

LONGEST: Final = max(WINDOW_LENGTH.values())

CHUNK: Final = timedelta(days=3)
"""Compared at a time: a month at once, a row a minute, took 4 GB."""


class CleanParity(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in [from, to). A difference with a cause is no defect; all are listed."""

    rows: Parity
    lights: int
    differences: list[Difference]

    @property
    def unexplained(self) -> int:
        """Rows and lights that are not what they must be."""
        return self.rows.mismatches + sum(not one.cause for one in self.differences)


def parity_of_clean(clean: Store, first: datetime, until: datetime, pane_ms: int, catalog: Catalog) -> CleanParity:
    """Compare all rows and lights with `at` in [first, until), instants in UTC.

    Raises FileNotFoundError if there is no row at all: then nothing was live, or nothing was compacted.
    """
    changes = changes_of(clean, until)
    stood_on = StoodOn(changes)
    parts = list(_compared(clean, first, until, pane_ms, stood_on))
    rows = together(parts)
    if not rows.rows:
        raise FileNotFoundError(f"no KPI rows from {first:%Y-%m-%d} to {until:%Y-%m-%d} in {clean.url}")
    for later in _chunks(until, _last_neighbour(changes)):
        stood_on.note(_rows_of(clean, *later))
    differences = [
        *light_differences(changes, stood_on, first),
        *judged_again(clean, changes, catalog, first, until),
    ]
    return CleanParity(rows=rows, lights=sum(change.at >= first for change in changes), differences=differences)


def _compared(clean: Store, first: datetime, until: datetime, pane_ms: int, stood_on: StoodOn) -> Iterator[Parity]:
    pane = timedelta(milliseconds=pane_ms)
    facts = facts_of_clean(clean, (first - LONGEST - pane).replace(tzinfo=None), until.replace(tzinfo=None))
    for begin, end in _chunks(first, until):
        rows = _rows_of(clean, begin, end)
        stood_on.note(rows)
        span_ms = to_ms(begin), to_ms(end)
        held = facts.filter(pl.col("event_at_ms").is_between(to_ms(begin - LONGEST - pane), span_ms[1]))
        yield compare(rows.unique(KEY, keep="last", maintain_order=True), held, pane_ms, span_ms)


def _chunks(first: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    while first < until:
        yield first, min(first + CHUNK, until)
        first += CHUNK


def _rows_of(clean: Store, begin: datetime, end: datetime) -> pl.DataFrame:
    """`kpi_row` in [begin, end) as FLAT_COLUMNS."""
    one_us = timedelta(microseconds=1)
    return flat_rows(
        events_of(clean, "kpi_row", begin.replace(tzinfo=None) - one_us, end.replace(tzinfo=None) - one_us)
    )


def _last_neighbour(changes: Sequence[Change]) -> datetime:
    """Past the last row that a light was judged beside: a replay may have an airport's before a route's of days
    earlier."""
    beside = (row.at for change in changes if change.basis for row in change.basis.beside.values())
    return max(beside, default=datetime.min.replace(tzinfo=UTC)) + timedelta(milliseconds=1)


def flat_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """`kpi_row` as FLAT_COLUMNS, the newest revision of an instant last."""
    ms = {f"{name}_ms": pl.col(name).dt.epoch("ms") for name in ("at", "ingested_at")}
    return rows.sort("at", "revision").with_columns(**ms).select(list(FLAT_COLUMNS))
