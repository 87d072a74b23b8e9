"""A flight's reports and corrections as one row: how it stands."""

from typing import Final

import polars as pl

from warehouse.clean_tables import CLEAN_TABLES, CleanTable

FLIGHT: Final[CleanTable] = CLEAN_TABLES["flight"]
_CORRECTED: Final = ("state", "actual_departure_at", "actual_arrival_at", "seats", "passengers", "cargo_kg")
_ONCE_KNOWN: Final = ("tail", "aircraft_type")
STATUS_COLUMNS: Final = (
    *("event_id", "topic", "partition", "offset"),
    *(name for name in FLIGHT.columns if name in CLEAN_TABLES["flight_status"].columns),
    *(f"after_{name}" for name in _CORRECTED),
)
"""What `flights` reads, and where it stood."""


def flights(status: pl.DataFrame) -> pl.DataFrame:
    """Rows of `flight` for all events (`flight_status`) of some flights, in any order; ordered as the table is.

    The newest event by (event_at, appended_at, offset) says everything; of a correction, what it left holds. Reports
    need not repeat a tail that is known.
    """
    is_corrected = pl.col("state") == "CORRECTED"
    outcome = [
        pl.when(is_corrected).then(pl.col(f"after_{name}")).otherwise(pl.col(name)).alias(name) for name in _CORRECTED
    ]
    newest_last = status.sort("event_at", "appended_at", "offset", "event_id")
    return (
        newest_last.with_columns(is_corrected.alias("is_corrected"), *outcome)
        .group_by("flight_id", maintain_order=True)
        .agg(
            *(
                pl.col(name).last()
                for name in FLIGHT.columns
                if name in status.columns and name not in (*_ONCE_KNOWN, "flight_id")
            ),
            *(pl.col(name).drop_nulls().last() for name in _ONCE_KNOWN),
            pl.col("is_corrected").sum().cast(pl.Int64).alias("corrections"),
        )
        .select(list(FLIGHT.columns))
        .sort(FLIGHT.by)
    )
