"""What lights with pooled evidence remember when a backtest begins in the middle of a file."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from rules.recent import within
from rules.warm_up import recents
from schemas.rows import FLAT_COLUMNS, to_ms
from tests.rules.making import HOUR, START
from tests.rules.test_backtest import flat

DAY = timedelta(days=1)
CLOSES = {5: 2, 6: 1, 14: 1, 20: 3}
"""Flights by hour of each day; on odd days one more at 6, which hides behind the one of the day before."""


def flights(hour: int) -> int:
    """That closed in the hour since START."""
    day, of_day = divmod(hour, 24)
    return CLOSES.get(of_day, 0) + (day % 2 if of_day == 6 else 0) if hour > 0 else 0


def hourly(folder: Path, first_hour: int, hours: int) -> Path:
    rows = []
    for hour in range(first_hour, hours):
        closed = sum(flights(one) for one in range(hour - 23, hour + 1))
        rows.append(flat("JFK-LAX", START + hour * HOUR, closed - closed // 3, closed))
    path = folder / "rows.parquet"
    pl.DataFrame(rows, schema=FLAT_COLUMNS, orient="row").write_parquet(path)
    return path


@pytest.mark.parametrize("hour", [72, 78, 83, 90, 95])
def test_rows_that_begin_with_empty_windows_leave_no_error(tmp_path: Path, hour: int) -> None:
    at = START + hour * HOUR
    known = recents(hourly(tmp_path, 0, 120), at + timedelta(milliseconds=1))["JFK-LAX"]
    for hours in (3, 6, 12):
        expected = sum(flights(one) for one in range(hour - hours + 1, hour + 1))
        assert within(known, at, hours)[0] == expected


def test_rows_that_begin_with_full_ones_do(tmp_path: Path) -> None:
    """The control: the same instant, known only from the day before."""
    at = START + 83 * HOUR
    known = recents(hourly(tmp_path, 40, 120), at + timedelta(milliseconds=1))["JFK-LAX"]
    assert within(known, at, 6)[0] != pytest.approx(sum(flights(one) for one in range(78, 84)))


def test_only_rows_before_count_and_a_higher_revision_of_an_instant_wins(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    rows = [flat("JFK-LAX", START, 0, 0), flat("JFK-LAX", START + HOUR, 9, 9), flat("JFK-LAX", START + 2 * HOUR, 0, 50)]
    frame = pl.DataFrame(rows, schema=FLAT_COLUMNS, orient="row")
    corrected = frame[1].with_columns(revision=pl.lit(1), flights=pl.lit(4), arrivals_on_time=pl.lit(1))
    pl.concat([corrected.cast(frame.schema), frame]).write_parquet(path)
    known = recents(path, START + 2 * HOUR)["JFK-LAX"]
    assert within(known, START + HOUR, 1)[:2] == (4, 3)


def test_what_is_no_table_of_rows_is_said(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(path)
    with pytest.raises(ValueError, match=r"other\.parquet: not KPI rows"):
        recents(path, START + timedelta(milliseconds=to_ms(START) % 7))
