"""The books: what counts as consumed over any length of run, and the 2013 flights against hand-checked ones."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from schemas.codec import encode
from schemas.events import RouteHeartbeat
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow
from tests.warehouse.test_parity import NOON, cancelled_at, heartbeat_at
from warehouse.__main__ import app
from warehouse.flights_2013 import OBSERVED_MEASURES, facts, flights
from warehouse.parity import frame_of
from warehouse.parity_command import data_set_folder
from warehouse.reconcile import consumed_events, published
from warehouse.topic_log import Message


def test_consumed_events_over_more_than_one_window() -> None:
    days = [0, 1, 27, 28, 29, 55, 56, 57, 90]  # one event each; a row counts those of the last 28 days
    rows = []
    for day in days:
        events = sum(day - 28 < other <= day for other in days)
        at = NOON + timedelta(days=day)
        rows.append(KpiRow("route", "JFK-SYR", "28d", at, 0, at, events, (0,) * len(MEASURE_NAMES)))
    assert consumed_events(frame_of([*rows, rows[-1]])) == len(days)
    assert consumed_events(frame_of([])) == 0


def test_clock_beats_are_not_events_and_garbage_is_kept_by_position() -> None:
    beat = RouteHeartbeat(event_id="beat", event_at=NOON, source="heartbeat")
    good = [cancelled_at(NOON), heartbeat_at(NOON), beat]
    values = [*map(encode, good), b"garbage", None]
    found = published(Message("demo.flight-status", 0, i, 0, value) for i, value in enumerate(values))
    assert [position[2] for position, _ in found.events] == [0, 1]
    assert found.undecodable == [("demo.flight-status", 0, 3), ("demo.flight-status", 0, 4)]
    assert found.total == 4


@pytest.fixture(scope="module")
def blizzard() -> pl.DataFrame:
    return flights(data_set_folder(), date(2013, 2, 7), date(2013, 2, 10))


def test_the_blizzard_day_by_day(blizzard: pl.DataFrame) -> None:
    # `awk -F, '$2==2 && $3==8' flights.csv` counts 930 rows, 472 of them with dep_delay NA
    by_day = {
        (row["day"].day): (row["len"], row["cancelled"])
        for row in blizzard.group_by("day")
        .agg(pl.len(), pl.col("dep_delay").is_null().sum().alias("cancelled"))
        .to_dicts()
    }
    assert by_day == {7: (932, 4), 8: (930, 472), 9: (684, 393)}


def test_a_flight_across_zones_and_midnight(blizzard: pl.DataFrame) -> None:
    # 2013,2,7: UA 15 EWR-HNL, 13:41 New York (UTC-5) to 19:35 Honolulu (UTC-10), 1 min early out, 6 min late in
    mask = (pl.col("day") == date(2013, 2, 7)) & (pl.col("carrier") == "UA") & (pl.col("flight") == 15)
    line = blizzard.filter(mask).row(0, named=True)
    assert line["out"] == datetime(2013, 2, 7, 18, 41, tzinfo=UTC)
    assert line["on"] == datetime(2013, 2, 8, 5, 35, tzinfo=UTC)
    assert line["actual_out"] == datetime(2013, 2, 7, 18, 40, tzinfo=UTC)
    assert line["actual_on"] == datetime(2013, 2, 8, 5, 41, tzinfo=UTC)


def test_totals_of_the_three_days(blizzard: pl.DataFrame) -> None:
    totals = facts(blizzard).select(OBSERVED_MEASURES).sum().to_dicts()[0]
    assert totals["flights"] == 2546 == totals["operated"] + totals["cancelled"]
    assert totals["arrivals"] == totals["operated"] - totals["diverted"]


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    arguments = ["parity", "--rows", str(tmp_path / "none.parquet"), "--bootstrap", "127.0.0.1:1"]
    assert CliRunner().invoke(app, arguments).exit_code == 2
