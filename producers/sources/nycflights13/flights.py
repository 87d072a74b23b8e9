"""The flights of some local dates with every instant in UTC, and what else is known about each when it closes."""

from datetime import date, timedelta
from typing import Final

import polars as pl

from producers.airports import airport
from producers.sources.nycflights13.causes import with_causes
from producers.sources.nycflights13.dataset import NEW_YORK, read_flights
from producers.sources.nycflights13.fleet import with_aircraft

# The leg before a flight may be of the day before; nothing older can still delay it (causes.py).
LOOK_BACK: Final = timedelta(days=2)


def flights(first: date, until: date, weather: pl.DataFrame) -> pl.DataFrame:
    """One row per flight with local departure date in [first, until), ordered by date and flight id.

    Instants (`departs_at`, `arrives_at` scheduled; `departed_at`, `arrived_at` actual, null if it did not), `outcome`
    (ARRIVED, CANCELLED, DIVERTED) and `closed_at`, aircraft (fleet.py), delay minutes by cause (causes.py).
    """
    table = read_flights().filter(pl.col("day").is_between(first - LOOK_BACK, until, closed="left"))
    timed = with_outcome(with_instants(table))
    known = with_causes(with_aircraft(timed), weather)
    return known.filter(pl.col("day") >= first).sort("day", "flight_id")


def with_instants(table: pl.DataFrame) -> pl.DataFrame:
    """Scheduled local times as UTC, actual ones as scheduled plus delay (right across midnight, zones and DST).

    A flight lands at the first instant after its departure that reads as its scheduled arrival on the clocks of its
    destination: on the same local date or the next. No scheduled time of the data set falls into an hour that the
    clocks skip or repeat (all 336,776 checked), so one that does raises, instead of being guessed.
    """
    parts = [
        part.with_columns(
            _on_clock("sched_dep_time", NEW_YORK).alias("departs_at"),
            _on_clock("sched_arr_time", str(airport(str(destination)).zone)).alias("same_day"),
            _on_clock("sched_arr_time", str(airport(str(destination)).zone), days=1).alias("next_day"),
        )
        for (destination,), part in table.partition_by("dest", as_dict=True).items()
    ]
    timed = pl.concat(parts) if parts else table.with_columns(departs_at=None, same_day=None, next_day=None)
    lands = pl.when(pl.col("same_day") > pl.col("departs_at")).then("same_day").otherwise("next_day")
    return timed.with_columns(
        lands.alias("arrives_at"),
        pl.format("{}-{}-{}-{}", "carrier", "flight", "day", "origin").alias("flight_id"),
    ).drop("same_day", "next_day", "sched_dep_time", "sched_arr_time")


def with_outcome(timed: pl.DataFrame) -> pl.DataFrame:
    """Actual instants, outcome and when it was known.

    Arrived: closed at actual arrival. Cancelled (never departed): at scheduled departure. Departed without an arrival
    delay (1,175): diverted, closed at scheduled arrival, or at departure if that was later still.
    """
    departed = pl.col("departs_at") + pl.duration(minutes="dep_delay")
    arrived = pl.col("arrives_at") + pl.duration(minutes="arr_delay")
    outcome = (
        pl.when(pl.col("dep_delay").is_null())
        .then(pl.lit("CANCELLED"))
        .when(pl.col("arr_delay").is_null())
        .then(pl.lit("DIVERTED"))
        .otherwise(pl.lit("ARRIVED"))
    )
    closed = (
        pl.when(pl.col("outcome") == "CANCELLED")
        .then("departs_at")
        .when(pl.col("outcome") == "DIVERTED")
        .then(pl.max_horizontal("arrives_at", "departed_at"))
        .otherwise("arrived_at")
    )
    return timed.with_columns(departed_at=departed, arrived_at=arrived, outcome=outcome).with_columns(closed_at=closed)


def _on_clock(hhmm: str, zone: str, days: int = 0) -> pl.Expr:
    time_of_day = pl.duration(days=days, hours=pl.col(hhmm) // 100, minutes=pl.col(hhmm) % 100)
    local = pl.col("day").cast(pl.Datetime("ms")) + time_of_day
    return local.dt.replace_time_zone(zone, ambiguous="raise", non_existent="raise").dt.convert_time_zone("UTC")
