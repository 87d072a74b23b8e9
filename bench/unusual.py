"""How often the question `unusual_routes` speaks, and what comes after, on the real flights of 2013.

What is real there: how many flights a route has, and how late they left. No light is looked at, so it speaks more often
than beside the rules, which silence it where theirs are amber or red.
"""

from datetime import date
from typing import Final

import duckdb
import polars as pl
import typer

from warehouse.answer import Span, ask
from warehouse.flights_2013 import data_set_folder, flights
from warehouse.questions import question

FIRST: Final = date(2013, 3, 1)
"""From when on there are eight weekdays before."""
UNTIL: Final = date(2014, 1, 1)
BAD_SHARE: Final = 0.5
"""Of a route's flights of a day: late by 15 minutes or more, cancelled or diverted."""
LEAST_FLIGHTS: Final = 3
_COLUMNS: Final = ("passenger_km", "seat_km", "ticket_revenue_usd_cents", "cost_usd_cents", "money_modelled_flights")


def unusual() -> None:
    """Unusual days a route and month, and how often the day after is bad, beside any day."""
    table = _flights()
    counts = table.with_columns(pl.lit(0, pl.Int64).alias(name) for name in _COLUMNS)
    with duckdb.connect() as star:
        star.execute("set enable_progress_bar = false; create schema star")
        star.execute(
            "create table star.fct_light (scope text, entity text, to_light text, true_at timestamp,"
            " true_until timestamp)"
        )
        star.register("counts", counts.to_arrow())
        star.execute("create table star.flight_counts as select * from counts")
        found = ask(star, question("unusual_routes"), Span(FIRST, UNTIL))
    days = _days(table)
    asked = days.filter(pl.col("flight_date").is_between(FIRST, UNTIL, closed="left"))
    months = asked.height / 30.4
    base = _share(asked["bad_after"])
    typer.echo(f"{asked.height:,} days of routes with {LEAST_FLIGHTS} flights, the day after bad in {base}")
    sides = [(name, up) for name in found["figure"].unique().sort() for up in (False, True)]
    for figure, up in sides:
        rows = found.filter((pl.col("figure") == figure) & ((pl.col("deviations_away") > 0) == up))
        after = rows.join(days, on=["route", "flight_date"])
        typer.echo(
            f"{figure}, {'above' if up else 'below'} the usual: {len(rows):,}, {len(rows) / months:.2f} a route and"
            f" month; that day bad in {_share(after['bad'])}, the day after in {_share(after['bad_after'])}"
        )


def _share(flags: pl.Series) -> str:
    return f"{float(flags.drop_nulls().cast(pl.Float64).to_numpy().mean()):.1%}"


def _flights() -> pl.DataFrame:
    """As `star.flight_counts`, with whether each was disrupted."""
    table = flights(data_set_folder(), date(2013, 1, 1), UNTIL)
    left, late = pl.col("dep_delay").is_not_null(), pl.col("arr_delay") >= 15
    return table.select(
        route=pl.format("{}-{}", "origin", "dest"),
        flight_date="day",
        flights=pl.lit(1, pl.Int64),
        departures=left.cast(pl.Int64),
        departure_delay_minutes=pl.max_horizontal(pl.col("dep_delay").fill_null(0), 0),
        disrupted=(pl.col("arr_delay").is_null() | late).cast(pl.Int64),
    )


def _days(table: pl.DataFrame) -> pl.DataFrame:
    """Of each route and date with LEAST_FLIGHTS whether it was bad, and whether the day after it was."""
    days = (
        table.group_by("route", "flight_date")
        .agg(pl.len(), bad=pl.col("disrupted").mean() >= BAD_SHARE)
        .filter(pl.col("len") >= LEAST_FLIGHTS)
    )
    after = days.select("route", pl.col("flight_date") - pl.duration(days=1), bad_after="bad")
    return days.join(after, on=["route", "flight_date"], how="left")
