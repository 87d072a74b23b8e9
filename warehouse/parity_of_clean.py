"""History held against itself: rows against a recomputation from events, lights against the rules that made them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import polars as pl

from rules.load import Catalog
from schemas.rows import FLAT_COLUMNS, WINDOW_LENGTH, to_ms
from warehouse.facts_of_clean import events_of, facts_of_clean
from warehouse.lights_judged_again import judged_again
from warehouse.lights_parity import Change, Difference, changes_of, light_differences
from warehouse.parity import Parity, compare
from warehouse.storage import Store

LONGEST = max(WINDOW_LENGTH.values())


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
    begin, end = first.replace(tzinfo=None), until.replace(tzinfo=None)
    one_us = timedelta(microseconds=1)
    rows = flat_rows(events_of(clean, "kpi_row", begin - one_us, end - one_us))
    if rows.is_empty():
        raise FileNotFoundError(f"no KPI rows from {first:%Y-%m-%d} to {until:%Y-%m-%d} in {clean.url}")
    facts = facts_of_clean(clean, begin - LONGEST - timedelta(milliseconds=pane_ms), end)
    newest = rows.unique(["scope", "entity", "window", "at_ms"], keep="last", maintain_order=True)
    found = compare(newest, facts, pane_ms, (to_ms(first), to_ms(until)))
    changes = changes_of(clean, until)
    differences: Sequence[Difference] = [
        *light_differences(changes, pl.concat([rows, _later_neighbours(clean, changes, end)]), first),
        *judged_again(clean, changes, catalog, first, until),
    ]
    lights = sum(change.at >= first for change in changes)
    return CleanParity(rows=found, lights=lights, differences=list(differences))


def _later_neighbours(clean: Store, changes: Sequence[Change], end: datetime) -> pl.DataFrame:
    """Rows from `end` (UTC, no zone) on, as far as lights were judged beside them: a replay may have an airport's
    before a route's of days earlier."""
    beside = [row.at.replace(tzinfo=None) for change in changes if change.basis for row in change.basis.beside.values()]
    last = max(beside, default=end)
    return flat_rows(events_of(clean, "kpi_row", end - timedelta(microseconds=1), last))


def flat_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """`kpi_row` as FLAT_COLUMNS, the newest revision of an instant last."""
    ms = {f"{name}_ms": pl.col(name).dt.epoch("ms") for name in ("at", "ingested_at")}
    return rows.sort("at", "revision").with_columns(**ms).select(list(FLAT_COLUMNS))
