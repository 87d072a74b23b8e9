"""What every method is given: a route's trailing 24 h and what closed in each hour of it, route by hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rules import truth
from schemas.rows import to_ms

Counts = NDArray[np.float64]
DAY: Final = 24
_READ: Final = ("flights", "arrivals_on_time")


@dataclass(frozen=True, eq=False)
class Hours:
    """By route and hour since `first`. `flights` and `late` are those of the trailing 24 h row, `closed` and
    `closed_late` of the one hour; late is whatever was not on time, cancelled and diverted flights too."""

    routes: list[str]
    first: datetime
    flights: Counts
    late: Counts
    closed: Counts
    closed_late: Counts


def read(path: Path, first: datetime, until: datetime) -> Hours:
    """Of the hours in [first, until). Raises OSError, or ValueError if there are no 24 h rows of routes."""
    rows = truth.read(path, "route", "24h", to_ms(first), to_ms(until), _READ)
    if rows.is_empty():
        raise ValueError(f"{path}: no 24 h rows of routes between {first:%Y-%m-%d} and {until:%Y-%m-%d}")
    routes = sorted(rows["entity"].unique().to_list())
    flights, on_time = truth.by_hour(rows, _READ, routes, to_ms(first), (until - first) // timedelta(hours=1))
    return from_rows(routes, first, flights.astype(np.float64), (flights - on_time).astype(np.float64))


def from_rows(routes: list[str], first: datetime, flights: Counts, late: Counts) -> Hours:
    """From the trailing counts alone."""
    return Hours(routes, first, flights, late, gains(flights), gains(late))


def gains(trailing: Counts) -> Counts:
    """What came in each hour: what the trailing day gained, and what left it, which is what came a day before.

    Of the first day's rows only the net gain is known: what they held before it is spread over its hours evenly.
    """
    came = np.zeros_like(trailing)
    hours = trailing.shape[1]
    for hour in range(1, hours):
        left = came[:, hour - DAY] if hour >= DAY else 0.0
        came[:, hour] = np.maximum(trailing[:, hour] - trailing[:, hour - 1] + left, 0.0)
        if hour == DAY - 1:
            came[:, :DAY] += np.maximum(trailing[:, hour] - came[:, :DAY].sum(axis=1), 0.0)[:, None] / DAY
    return came
