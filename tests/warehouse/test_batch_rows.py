"""KPI rows of past flights: against a count over the CSV by hand, and whatever they are cut into."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest
from typer.testing import CliRunner

from schemas.rows import FLAT_COLUMNS, WINDOW_LENGTH, to_ms
from warehouse import batch_rows
from warehouse.__main__ import app
from warehouse.batch_rows import write_rows
from warehouse.parity_command import data_set_folder

DAY = date(2013, 2, 8)
AT = datetime(2013, 2, 8, 20, tzinfo=UTC)
# In February New York and Boston are five hours behind UTC.
EAST = timedelta(hours=5)


Line = dict[str, str]


@pytest.fixture(scope="module")
def data_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data set's flights to Boston and Honolulu alone: rows of all 224 routes take 3 s each time."""
    folder = tmp_path_factory.mktemp("data")
    with ZipFile(data_set_folder() / "flights.csv.zip") as archive:
        head, *lines = archive.read("flights.csv").decode().splitlines(keepends=True)
    with ZipFile(folder / "flights.csv.zip", "w") as archive:
        archive.writestr("flights.csv", "".join([head, *(one for one in lines if ",BOS," in one or ",HNL," in one)]))
    return folder


@pytest.fixture(scope="module")
def to_boston(data_set: Path) -> list[Line]:
    """The CSV's lines of January and February."""
    with ZipFile(data_set / "flights.csv.zip") as archive:
        flown = list(csv.DictReader(io.TextIOWrapper(archive.open("flights.csv"))))
    return [flight for flight in flown if flight["dest"] == "BOS" and flight["month"] in ("1", "2")]


def made(data_set: Path, folder: Path, first: date = DAY, days: int = 2) -> pl.DataFrame:
    target = folder / f"{first}-{days}.parquet"
    windows = frozenset(WINDOW_LENGTH)
    count = write_rows(
        data_set, first, first + timedelta(days=days), target, pane=timedelta(minutes=1), windows=windows
    )
    rows = pl.read_parquet(target)
    assert len(rows) == count
    return rows


@pytest.fixture(scope="module")
def rows(data_set: Path, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    return made(data_set, tmp_path_factory.mktemp("rows"))


def by_hand(flown: list[Line], origins: set[str], since: datetime, until: datetime) -> tuple[int, int, int, int]:
    """Flights closed, of these on time, of these cancelled; departed. Scheduled times are local HHMM."""
    closed = on_time = cancelled = departed = 0
    for flight in flown:
        if flight["origin"] not in origins:
            continue
        midnight = datetime(2013, int(flight["month"]), int(flight["day"]), tzinfo=UTC) + EAST

        def instant(hhmm: str, midnight: datetime = midnight) -> datetime:
            return midnight + timedelta(hours=int(hhmm) // 100, minutes=int(hhmm) % 100)

        out, on = instant(flight["sched_dep_time"]), instant(flight["sched_arr_time"])
        on += timedelta(days=1) * (on <= out)
        left, landed = flight["dep_delay"] != "NA", flight["arr_delay"] != "NA"
        actual_out = out + timedelta(minutes=int(flight["dep_delay"])) if left else None
        departed += actual_out is not None and since < actual_out <= until
        at = on + timedelta(minutes=int(flight["arr_delay"])) if landed else max(on, actual_out or on)
        at = at if left else out
        if since < at <= until:
            closed += 1
            cancelled += not left
            on_time += landed and int(flight["arr_delay"]) < 15
    return closed, on_time, cancelled, departed


@pytest.mark.parametrize("window", ["24h", "7d"])
def test_a_row_says_what_the_flights_say(rows: pl.DataFrame, to_boston: list[Line], window: str) -> None:
    length = {"24h": timedelta(hours=24), "7d": timedelta(days=7)}[window]
    (row,) = rows.filter(
        (pl.col("scope") == "route")
        & (pl.col("entity") == "JFK-BOS")
        & (pl.col("window") == window)
        & (pl.col("at_ms") == to_ms(AT))
    ).iter_rows(named=True)
    said = tuple(row[name] for name in ("flights", "arrivals_on_time", "cancelled", "departures"))
    assert said == by_hand(to_boston, {"JFK"}, AT - length, AT)
    assert said[0] > 5


def test_an_airport_counts_all_flights_that_touch_it(rows: pl.DataFrame, to_boston: list[Line]) -> None:
    """The data set's flights to Boston all come from New York, and none leaves it."""
    (row,) = rows.filter(
        (pl.col("scope") == "airport")
        & (pl.col("entity") == "BOS")
        & (pl.col("window") == "24h")
        & (pl.col("at_ms") == to_ms(AT))
    ).iter_rows(named=True)
    said = tuple(row[name] for name in ("flights", "arrivals_on_time", "cancelled", "departures"))
    assert said == by_hand(to_boston, {"JFK", "LGA", "EWR"}, AT - timedelta(hours=24), AT)


def test_a_route_is_flown_by_those_the_csv_names(rows: pl.DataFrame, to_boston: list[Line]) -> None:
    """Its hourly heartbeat names all of January and February."""
    carriers = sorted({flight["carrier"] for flight in to_boston if flight["origin"] == "JFK"})
    assert len(carriers) > 2
    boston = rows.filter((pl.col("entity") == "JFK-BOS") & (pl.col("window") == "24h"))
    assert set(boston["flown_by"]) == {",".join(carriers)}
    assert set(rows.filter(pl.col("scope") != "route")["flown_by"]) == {""}


def test_every_route_has_a_row_an_hour_and_one_for_each_pane_with_news(rows: pl.DataFrame) -> None:
    boston = rows.filter((pl.col("entity") == "JFK-BOS") & (pl.col("window") == "24h"))
    hours = {to_ms(datetime(2013, 2, 8, tzinfo=UTC) + n * timedelta(hours=1)) for n in range(48)}
    assert hours <= set(boston["at_ms"])
    assert len(boston) > len(hours)
    assert boston["at_ms"].is_unique().all()
    assert rows["at_ms"].is_sorted()
    assert rows.columns == list(FLAT_COLUMNS)


def test_chunks_do_not_show(
    rows: pl.DataFrame, data_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_rows, "CHUNK", timedelta(days=1))
    assert made(data_set, tmp_path).equals(rows)


def test_the_command_writes_the_windows_it_is_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "new" / "rows.parquet"
    words = ["rows", "--from", "2013-02-08", "--to", "2013-02-09", "--out", str(out), "--window", "3h"]
    done = CliRunner().invoke(app, [*words, "--pane-seconds", "3600"])
    assert done.exit_code == 0, done.output
    rows = pl.read_parquet(out)
    assert set(rows["window"]) == {"3h"}
    assert set(rows["scope"]) == {"airport", "carrier"}
    assert f"{len(rows):,} rows" in done.output


@pytest.mark.parametrize(("first", "until"), [("2013-02-08", "2013-02-08"), ("2012-12-31", "2013-01-05")])
def test_dates_that_the_data_set_lacks_are_refused(tmp_path: Path, first: str, until: str) -> None:
    done = CliRunner().invoke(
        app, ["rows", "--from", first, "--to", until, "--out", str(tmp_path / "rows.parquet")], env={"COLUMNS": "300"}
    )
    assert done.exit_code == 2
    assert "not a range of dates in 2013" in done.output.replace("\n", " ")
    assert not list(tmp_path.iterdir())
