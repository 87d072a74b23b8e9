"""The facts of clean event tables, by the same counting as those of events (`facts.py`)."""

from datetime import datetime, timedelta
from typing import Final

import polars as pl

from schemas.events import MODELLED
from warehouse.clean_tables import CLEAN_TABLES
from warehouse.compaction.files import months, read_month, read_table
from warehouse.facts import (
    FACT_SCHEMA,
    LEG,
    facts_of_feedback,
    facts_of_finance,
    facts_of_heartbeats,
    facts_of_legs,
    facts_of_operations,
)
from warehouse.storage import Store

_MS: Final = timedelta(milliseconds=1) // timedelta(microseconds=1)


def facts_of_clean(clean: Store, after: datetime, until: datetime) -> pl.DataFrame:
    """Facts (FACT_SCHEMA) of what the KPI job counted with `event_at` in (after, until]; instants of clean: no zone.

    What came late and what was refused the job counted in no row.
    """
    dead = read_table(clean, "dead_letter", [*_PLACE, "event_at"]).rename({"event_at": "appended_at"})

    def events(table: str) -> pl.DataFrame:
        rows = events_of(clean, table, after, until).filter(~pl.col("is_late"))
        counted = rows.join(dead, on=[*_PLACE, "appended_at"], how="anti")
        return counted.with_columns(event_at_ms=_ms("event_at"))

    frames = [
        facts_of_legs(legs(events("flight_status"))),
        facts_of_finance(events("flight_finance")),
        facts_of_operations(events("flight_operation")),
        facts_of_feedback(events("passenger_feedback")),
        facts_of_heartbeats(events("route_heartbeat")),
    ]
    return pl.concat([pl.DataFrame(schema=FACT_SCHEMA), *frames])


_PLACE: Final = ("topic", "partition", "offset")


def events_of(clean: Store, table: str, after: datetime, until: datetime) -> pl.DataFrame:
    """Rows of a table with its instant in (after, until]."""
    instant = CLEAN_TABLES[table].instant
    first, last = f"{after:%Y-%m}", f"{until:%Y-%m}"
    parts = [
        read_month(clean, table, month).filter((pl.col(instant) > after) & (pl.col(instant) <= until))
        for month in months(clean, table)
        if first <= month <= last
    ]
    return pl.concat([pl.DataFrame(schema=CLEAN_TABLES[table].columns), *parts])


def legs(status: pl.DataFrame) -> pl.DataFrame:
    """LEG rows of flight status events with `event_at_ms`: one of a report, `before` and `after` of a correction."""
    corrected = pl.col("state") == "CORRECTED"
    reports = status.filter(~corrected)
    corrections = status.filter(corrected)
    return pl.concat(
        [
            _leg(reports, "", 1, pl.col("state") == "DEPARTED"),
            _leg(corrections, "before_", -1, pl.lit(value=True)),
            _leg(corrections, "after_", 1, pl.lit(value=True)),
        ]
    )


def _leg(status: pl.DataFrame, outcome: str, sign: int, departs: pl.Expr) -> pl.DataFrame:
    out, on = _ms(f"{outcome}actual_departure_at"), _ms(f"{outcome}actual_arrival_at")
    scheduled_out, scheduled_on = _ms("scheduled_departure_at"), _ms("scheduled_arrival_at")
    state = pl.col(f"{outcome}state")
    return status.select(
        *("event_id", "event_at_ms", "origin", "destination", "carrier"),
        sign=pl.lit(sign, pl.Int64),
        state=state,
        departs=departs,
        closes=state.is_in(["ARRIVED", "CANCELLED", "DIVERTED"]),
        departure_late_ms=out - scheduled_out,
        arrival_late_ms=on - scheduled_on,
        block_ms=on - out,
        scheduled_block_ms=scheduled_on - scheduled_out,
        **{name: pl.col(f"{outcome}{name}") for name in ("seats", "passengers", "cargo_kg")},
        distance_km=pl.col("distance_km"),
        modelled=pl.col("traffic_source") == MODELLED,
    ).select(list(LEG))


def _ms(instant: str) -> pl.Expr:
    """Milliseconds since the epoch; instants are whole ones."""
    return pl.col(instant).dt.epoch("us") // _MS
