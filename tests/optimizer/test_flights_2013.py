"""The same flights as the replay publishes, read a second time."""

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from optimizer import flights_2013
from producers.sources.nycflights13.dataset import read_weather
from producers.sources.nycflights13.flights import flights as replayed

FOLDER = flights_2013.data_folder()


@pytest.fixture(scope="module")
def read() -> pl.DataFrame:
    return flights_2013.flights(FOLDER)


@pytest.mark.parametrize("day", [date(2013, 2, 8), date(2013, 3, 10), date(2013, 11, 3)])  # a blizzard, clocks moved
def test_it_is_what_the_replay_has(read: pl.DataFrame, day: date) -> None:
    instants = ["departs_at", "arrives_at", "departed_at", "arrived_at"]
    names = ["flight_id", "carrier", "origin", *instants]
    theirs = replayed(day, day + timedelta(days=1), read_weather())
    ours = read.filter(pl.col("day") == day)
    assert len(ours) > 700
    assert ours.select(names).sort("flight_id").equals(theirs.select(names).sort("flight_id"))
    assert ours.sort("flight_id")["tail"].to_list() == theirs.sort("flight_id")["tailnum"].to_list()


def test_the_year(read: pl.DataFrame) -> None:
    assert len(read) == 336_776
    assert read["departed_at"].null_count() == 8_255
    assert read["arrived_at"].null_count() == 9_430
    assert read.filter(pl.col("tail").is_null())["departed_at"].null_count() == 2_512


def test_a_flight_by_hand(read: pl.DataFrame) -> None:
    # The file's first line: UA 1545, EWR-IAH, 05:15 to 08:19 local, two and eleven minutes late, N14228, 1,400 miles.
    row = read.filter(pl.col("flight_id") == "UA-1545-2013-01-01-EWR").row(0, named=True)
    assert f"{row['departs_at']:%H:%M} {row['arrives_at']:%H:%M}" == "10:15 14:19"
    assert (row["departed_at"] - row["departs_at"], row["arrived_at"] - row["arrives_at"]) == (
        timedelta(minutes=2),
        timedelta(minutes=11),
    )
    assert (row["tail"], row["distance_km"], row["departs_local_minute"], row["arrives_local_minute"]) == (
        ("N14228", 2253, 315, 499)
    )


def test_an_hour_of_weather_is_known_when_it_is_over() -> None:
    rows = flights_2013.weather(FOLDER)
    first = rows.filter(pl.col("airport") == "EWR").row(0, named=True)
    # EWR, 1 January, hour 1 local: 10.357 mph, 10 miles, 1012 mbar.
    assert first["known_at"] == datetime.fromisoformat("2013-01-01T07:00:00+00:00")
    assert first["wind_kt"] == pytest.approx(10.35702 * 0.868976)
    assert first["visibility_km"] == pytest.approx(16.09344)
    assert first["gust_kt"] is None


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        flights_2013.flights(tmp_path)
