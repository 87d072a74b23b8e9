"""What the clean tables have no more, the next build of the star has no more either: as if it were made anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.integration.blizzard import settings_of
from tests.integration.test_star import ask, contents, write_booking
from warehouse.star import build

pytestmark = pytest.mark.integration


@pytest.fixture
def root(clean: Path, tmp_path: Path) -> Path:
    """Clean tables with two bookings of one flight, and no star yet."""
    root = tmp_path / "history"
    shutil.copytree(clean / "clean", root / "clean")
    booking = root / "clean" / "booking" / "month=2013-01" / "part-0.parquet"
    booking.parent.mkdir(parents=True)
    write_booking(booking, is_deleted=False)
    deleted = pl.read_parquet(booking).with_columns(booking_key=pl.lit("k2"), is_deleted=pl.lit(value=True))
    pl.concat([pl.read_parquet(booking), deleted]).write_parquet(booking)
    return root


def leave_out(root: Path, table: str, rows: pl.Expr) -> int:
    """Take rows out of a clean table's files; how many they were."""
    gone = 0
    for path in sorted((root / "clean" / table).glob("*/*.parquet")):
        before = pl.read_parquet(path, hive_partitioning=False)
        after = before.filter(~rows)
        gone += len(before) - len(after)
        after.write_parquet(path)
    return gone


def test_rows_that_vanish_from_clean_vanish_from_the_star(root: Path) -> None:
    settings = settings_of(root)
    build(settings)
    assert ask(settings.star_path, "SELECT booking_key FROM star.fct_booking") == [("k1",)]  # k2 was deleted
    booked = "B6-725-2013-02-08-JFK"
    finance = pl.read_parquet(root / "clean/flight_finance/*/*.parquet")
    other = finance.filter(pl.col("flight_id") != booked)["flight_id"][0]
    lights = pl.read_parquet(root / "clean/light_change/*/*.parquet").sort("entity", "rule", "at")
    longest, *_, whole = lights.group_by("entity").len().sort("len", "entity", descending=True)["entity"]
    last = lights.filter(pl.col("entity") == longest)["alert_id"][-1]
    gone = lights.filter(pl.col("entity") == whole)["alert_id"].to_list()
    rows = pl.read_parquet(root / "clean/kpi_row/*/*.parquet")

    assert leave_out(root, "flight", pl.col("flight_id") == booked) == 1
    assert leave_out(root, "flight_finance", pl.col("flight_id") == other) == 1
    assert leave_out(root, "light_change", pl.col("alert_id").is_in([last, *gone])) == 1 + len(gone) > 1
    hour = pl.col("at") == rows["at"].max()
    assert leave_out(root, "kpi_row", hour) == len(rows.filter(hour)) > 1
    shutil.rmtree(root / "clean" / "flight_operation")
    built = build(settings)
    assert built.touched is not None
    assert "flight_operation" in built.touched

    path = settings.star_path
    assert ask(path, "SELECT booking_key, flight_id FROM star.fct_booking") == [("k1", None)]
    assert ask(path, f"SELECT fuel_cost_usd_cents, events FROM star.fct_flight WHERE flight_id = '{other}'") == [(0, 0)]
    found = contents(path)
    shutil.move(path, path.with_suffix(".before"))
    build(settings)
    assert found == contents(path)
