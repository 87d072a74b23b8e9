"""What really was: when a route was in a bad stretch, by the flights around each hour. No light knows half of them.

Bad hour      of the flights that closed within twelve hours of it, at least four, so few were on time that this would
              be rarer than one in ten if the target were the rule. A red light in such an hour is right.
Firm episode  six hours on end or more in each of which at least eight flights closed within twelve hours, so few of
              them on time that this would be rarer than one in a hundred. Weaker ones are noise for the most part:
              shuffle the flights of each route, and two thirds of the episodes of a loose definition are still there.

Weak points: hours near midnight share their flights with both days, so an episode begins up to half a day before its
first late flight, and no light could know; one flight more or less moves a small route in and out of it; cancelled and
diverted flights count as late, however early they were cancelled.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import bdtr

from rules.recent import HOUR_MS
from schemas.rows import Scope, Window, to_ms

HALF_DAY_HOURS: Final = 12
BELOW: Final = 70.0
BAD_CHANCE: Final = 0.1
BAD_FLIGHTS: Final = 4
FIRM_CHANCE: Final = 0.01
FIRM_FLIGHTS: Final = 8
FIRM_HOURS: Final = 6
_READ: Final = ("flights", "arrivals_on_time", "arrivals", "arrival_delay_minutes")

Bools = NDArray[np.bool_]


class Episode(NamedTuple):
    """One firm episode: a route, by its place in `Truth.routes`, and the hours from `begin` to before `end`."""

    route: int
    begin: int
    end: int


class Truth(NamedTuple):
    """By route and hour since `first`: whether it was bad, how many minutes late its arrivals were in all, how many of
    its flights were cancelled or diverted; and the firm episodes that lie within."""

    routes: list[str]
    first: datetime
    bad: Bools
    episodes: list[Episode]
    late_minutes: NDArray[np.int64]
    not_arrived: NDArray[np.int64]
    window_hours: float = 2 * HALF_DAY_HOURS
    priced: bool = True


def truth(path: Path, first: datetime, until: datetime, below: float = BELOW) -> Truth:
    """Of the hours in [first, until) whose flights the rows hold: the last half day has none.

    Raises OSError, or ValueError if there are no 24 h rows of routes.
    """
    ahead = timedelta(hours=HALF_DAY_HOURS)
    rows = read(path, "route", "24h", to_ms(first + ahead - timedelta(days=1)), to_ms(until), _READ)
    if rows.is_empty():
        raise ValueError(f"{path}: no 24 h rows of routes between {first:%Y-%m-%d} and {until:%Y-%m-%d}")
    hours = max((until - first) // timedelta(hours=1) - HALF_DAY_HOURS, 0)
    routes = sorted(rows["entity"].unique().to_list())
    flights, on_time, arrivals, late_minutes = by_hour(rows, _READ, routes, to_ms(first + ahead), hours)
    rare = bdtr(on_time, flights, below / 100)
    firm = (rare < FIRM_CHANCE) & (flights >= FIRM_FLIGHTS)
    bad = (rare < BAD_CHANCE) & (flights >= BAD_FLIGHTS)
    return Truth(routes, first, bad, episodes(firm, FIRM_HOURS), late_minutes, flights - arrivals)


def episodes(firm: Bools, least_hours: int) -> list[Episode]:
    """The runs of firm hours of each entity that are long enough."""
    return [
        Episode(number, int(begin), int(end))
        for number in range(len(firm))
        for begin, end in stretches(firm[number])
        if end - begin >= least_hours
    ]


def stretches(these: Bools) -> NDArray[np.int64]:
    """Begin and end (the first that is not in it) of each run of true ones."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], these.astype(np.int8), [0]])))
    return edges.reshape(-1, 2)


def read(path: Path, scope: Scope, window: Window, begin_ms: int, end_ms: int, measures: Sequence[str]) -> pl.DataFrame:
    """Entity, at_ms, revision and these measures of rows with `at` in [begin, end). Raises OSError or ValueError."""
    try:
        return (
            pl.scan_parquet(path)
            .filter((pl.col("scope") == scope) & (pl.col("window") == window))
            .filter((pl.col("at_ms") >= begin_ms) & (pl.col("at_ms") < end_ms))
            .select("entity", "at_ms", "revision", *measures)
            .collect()
        )
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"{path}: not KPI rows: {error}") from error


def by_hour(
    rows: pl.DataFrame, measures: Sequence[str], routes: list[str], first_ms: int, hours: int
) -> list[NDArray[np.int64]]:
    """Each measure, by route and hour, in the newest row of the hour or before; a route without any had none."""
    grid = pl.DataFrame({"at_ms": [first_ms + hour * HOUR_MS for hour in range(hours)]}, schema={"at_ms": pl.Int64})
    every = pl.DataFrame({"entity": routes}, schema={"entity": pl.String}).join(grid, how="cross").sort("at_ms")
    newest = rows.sort("at_ms", "revision")
    # Both are sorted by instant, which is all that counts within a route; Polars cannot see that.
    found = (
        every.join_asof(newest, on="at_ms", by="entity", check_sortedness=False).sort("entity", "at_ms").fill_null(0)
    )
    return [found[measure].to_numpy().reshape(len(routes), hours) for measure in measures]
