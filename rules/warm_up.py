"""What lights with pooled evidence would remember by an instant of the past: when what a route's day holds came.

A row shows what was gained less what became a day old, so where both fall between two rows only earlier rows can tell
them apart: an error of the first day comes back every day (hourly rows of 2013, two days after a cold start: half a
flight of the 1.8 of twelve hours). Rows that begin with the stage, from empty windows, leave none. So all rows of the
file count, by the hour. In a running stage a row follows each event, and one day is enough.
"""

from datetime import datetime
from pathlib import Path

import polars as pl

from rules.recent import HOUR_MS, gained
from rules.truth import read
from schemas.lights import Recent
from schemas.rows import to_ms


def recents(path: Path, until: datetime) -> dict[str, Recent]:
    """By route, from its rows with `at` before `until`. Raises OSError, or ValueError if these are no KPI rows."""
    counted = ("flights", "arrivals_on_time", "departures", "departures_on_time")
    rows = (
        read(path, "route", "24h", 0, to_ms(until), counted)
        .sort("at_ms", "revision")
        .group_by("entity", hour=-(-pl.col("at_ms") // HOUR_MS), maintain_order=True)
        .agg(pl.col("at_ms").last(), *(pl.col(name).last() for name in counted))
        .select("entity", "at_ms", *counted)
    )
    found: dict[str, Recent] = {}
    for entity, at_ms, flights, on_time, left, left_on_time in rows.iter_rows():
        found[entity] = gained(found.get(entity), at_ms, (flights, flights - on_time, left, left - left_on_time))
    return found
