"""The flights that seats are sold on: those of 2013, or a list of one's own."""

from datetime import date
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Final, NamedTuple

import airportsdata
import polars as pl

from warehouse.booking.errors import BookingError
from warehouse.flights_2013 import data_set_folder, flights

COLUMNS: Final = {
    "carrier": pl.String,
    "number": pl.String,
    "origin": pl.String,
    "destination": pl.String,
    "departure_date": pl.Date,
    "scheduled_departure_at": pl.Datetime("us", "UTC"),
    "scheduled_arrival_at": pl.Datetime("us", "UTC"),
}
"""Of a list of one's own, as Parquet; `departure_date` is local to the origin."""

_EARTH_RADIUS_KM: Final = 6_371.0
_FLIGHT: Final = ("departure_date", "origin", "carrier", "number")


class FlightsListError(BookingError):
    """A flights list that is none, or names an airport that nobody knows."""


class Airport(NamedTuple):
    """As airportsdata knows it."""

    airport: str
    name: str
    city: str
    country: str
    latitude: float
    longitude: float
    time_zone: str


def flights_of_2013(first: date, until: date) -> pl.DataFrame:
    """The flights from New York with local departure date in [first, until), columns as COLUMNS.

    A time that the clocks skipped has no instant: such a flight is left out.
    """
    table = flights(data_set_folder(), first, until)
    return _in_order(
        table.select(
            "carrier",
            pl.col("flight").cast(pl.String).alias("number"),
            "origin",
            pl.col("dest").alias("destination"),
            pl.col("day").alias("departure_date"),
            pl.col("out").dt.cast_time_unit("us").alias("scheduled_departure_at"),
            pl.col("on").dt.cast_time_unit("us").alias("scheduled_arrival_at"),
        ).drop_nulls()
    )


def flights_of_file(path: Path, first: date, until: date) -> pl.DataFrame:
    """Those of a Parquet file with local departure date in [first, until). Raises FlightsListError if it is none."""
    try:
        table = pl.read_parquet(path, columns=list(COLUMNS))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise FlightsListError(f"{path}: not a flights list: {error}") from error
    if wrong := [name for name, dtype in COLUMNS.items() if table.schema[name] != dtype]:
        raise FlightsListError(f"{path}: {wrong[0]} is {table.schema[wrong[0]]}, not {COLUMNS[wrong[0]]}")
    return _in_order(table.filter(pl.col("departure_date").is_between(first, until, closed="left")))


def airports_of(table: pl.DataFrame) -> dict[str, Airport]:
    """The airports of a flights list by code. Raises FlightsListError for one that nobody knows."""
    known = airportsdata.load("IATA")
    codes = sorted({*table["origin"], *table["destination"]})
    if unknown := [code for code in codes if code not in known]:
        raise FlightsListError(f"no airport {', '.join(unknown)}")
    return {
        code: Airport(code, at["name"], at["city"], at["country"], at["lat"], at["lon"], at["tz"])
        for code in codes
        for at in [known[code]]
    }


def airline_names() -> dict[str, str]:
    """The airlines of 2013 by code."""
    table = pl.read_csv(data_set_folder() / "airlines.csv")
    return dict(zip(table["carrier"], table["name"], strict=True))


def distance_km(origin: Airport, destination: Airport) -> int:
    """Along the great circle."""
    north, other_north = radians(origin.latitude), radians(destination.latitude)
    across = sin((other_north - north) / 2) ** 2
    along = cos(north) * cos(other_north) * sin(radians(destination.longitude - origin.longitude) / 2) ** 2
    return max(1, round(2 * _EARTH_RADIUS_KM * asin(sqrt(across + along))))


def _in_order(table: pl.DataFrame) -> pl.DataFrame:
    return table.select(list(COLUMNS)).sort(_FLIGHT)
