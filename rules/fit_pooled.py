"""Fits the pooled model to rows of the past: what was true around each hour, against what was known then.

The truth at an hour is the route's 24 h row of twelve hours later: it holds the flights that closed within twelve hours
of it. The hour is bad if so few of them would be on time in one of ten such days at the target itself. A light looks at
another window, so it cannot be right by repeating what it sees.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import binom

from rules.pooled import FEATURES, UNSIGNED, PooledModel, features, pool
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow, Scope, Window, from_ms, to_ms

BELOW: Final = 70.0
TYPICAL: Final = 0.22
"""The share of US domestic flights of 2013 that were not on time (BTS: 78.3 % were)."""

HALF: Final = timedelta(hours=12)
CHANCE: Final = 0.1
LEAST_FLIGHTS: Final = 4
"""Of the truth: of three flights even three late ones prove little."""

MONTH: Final = timedelta(days=28)
EVERY_HOURS: Final = 2
PENALTY: Final = 1e-4
"""Of squared weights, in units of standardised features: it decides between features that say the same."""

Floats = NDArray[np.float64]


class Examples(NamedTuple):
    """`x[example, FEATURES]`, whether each was bad, and its hour in epoch ms."""

    x: Floats
    bad: NDArray[np.bool_]
    at_ms: NDArray[np.int64]

    def before(self, until: datetime) -> "Examples":
        """Those whose truth was known by then."""
        return self._where(self.at_ms < to_ms(until - HALF))

    def since(self, until: datetime) -> "Examples":
        """The others."""
        return self._where(self.at_ms >= to_ms(until))

    def _where(self, chosen: NDArray[np.bool_]) -> "Examples":
        return Examples(self.x[chosen], self.bad[chosen], self.at_ms[chosen])


def examples(rows: pl.DataFrame, *, below: float = BELOW, typical: float = TYPICAL) -> Examples:
    """From hourly rows of routes (24h, 28d) and airports (3h), FLAT_COLUMNS: one per route and second hour.

    Hours of the first four weeks are left out: nobody knows the route yet. So are those of the last half day.
    """
    found = list(_examples(rows, below, typical))
    x = np.array([values for values, _, _, _ in found], np.float64).reshape(-1, len(FEATURES))
    flights, on_time, at_ms = (np.array([one[place] for one in found], np.int64) for place in (1, 2, 3))
    return Examples(x, is_bad(flights, on_time, below), at_ms)


def is_bad(
    flights: NDArray[np.int64], on_time: NDArray[np.int64], below: float = BELOW, chance: float = CHANCE
) -> NDArray[np.bool_]:
    """Whether so few of so many flights on time would be rarer than `chance` if `below` % were the rule."""
    rare: NDArray[np.bool_] = binom.cdf(on_time, flights, below / 100) < chance
    return rare & (flights >= LEAST_FLIGHTS)


def fit(
    known: Examples,
    *,
    kpi: str = "on_time_arrival",
    below: float = BELOW,
    typical: float = TYPICAL,
    without: Collection[str] = (),
) -> PooledModel:
    """The logistic model with the least penalised log loss, weights >= 0 but those of UNSIGNED, 0 for those `without`.

    Raises ValueError without examples of both kinds.
    """
    if not 0 < known.bad.sum() < len(known.bad):
        raise ValueError(f"{len(known.bad)} hours, {known.bad.sum()} of them bad: nothing to tell apart")
    mean, spread = known.x.mean(axis=0), known.x.std(axis=0) + 1e-9
    x, y = (known.x - mean) / spread, known.bad.astype(np.float64)

    def loss(weights: Floats) -> tuple[float, Floats]:
        log_odds = x @ weights[1:] + weights[0]
        error = 1 / (1 + np.exp(-log_odds)) - y
        slope = np.concatenate([[error.mean()], x.T @ error / len(y) + 2 * PENALTY * weights[1:]])
        return float(np.mean(np.logaddexp(0, log_odds) - y * log_odds) + PENALTY * (weights[1:] ** 2).sum()), slope

    bounds = [(None, None), *((None if name in UNSIGNED else 0, 0 if name in without else None) for name in FEATURES)]
    best = minimize(loss, np.zeros(len(FEATURES) + 1), jac=True, bounds=bounds, method="L-BFGS-B").x
    weights = best[1:] / spread
    return PooledModel(
        version=1,
        kpi=kpi,
        below=below,
        typical=typical,
        intercept=round(float(best[0] - weights @ mean), 4),
        weights={name: round(float(weight), 4) for name, weight in zip(FEATURES, weights, strict=True)},
        fitted="",
    )


def probabilities(model: PooledModel, known: Examples) -> Floats:
    """What the model says of each example."""
    weights = np.array([model.weights[name] for name in FEATURES])
    said: Floats = 1 / (1 + np.exp(-(known.x @ weights + model.intercept)))
    return said


def precision_of(model: PooledModel, held_out: Examples) -> float:
    """The model's average precision on these."""
    return average_precision(probabilities(model, held_out), held_out.bad)


def read(path: Path) -> pl.DataFrame:
    """The rows of a Parquet file that the model is fitted to. Raises OSError, or ValueError if they are no KPI rows."""
    rows = pl.scan_parquet(path)
    try:
        return rows.filter((pl.col("at_ms") % 3_600_000 == 0) & (pl.col("scope") != "carrier")).collect()
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"not KPI rows: {error}") from error


def average_precision(said: Floats, bad: NDArray[np.bool_]) -> float:
    """The mean share of bad hours among those said to be at least as likely as each bad one; 1 is perfect."""
    order = np.argsort(-said, kind="stable")
    hits = bad[order]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean())


def _examples(rows: pl.DataFrame, below: float, typical: float) -> Iterator[tuple[list[float], int, int, int]]:
    """The features, the flights closed around the hour and how many of these were on time, the hour."""
    hourly = rows.filter((pl.col("at_ms") % 3_600_000 == 0) & (pl.col("scope") != "carrier")).sort("at_ms")
    if hourly.is_empty():
        raise ValueError("no rows on the hour")
    closed = hourly.filter((pl.col("scope") == "route") & (pl.col("window") == "24h"))
    columns = closed.select("entity", "at_ms", "flights", "arrivals_on_time").iter_rows()
    truth = {(entity, at_ms): (flights, on_time) for entity, at_ms, flights, on_time in columns}
    first_ms, half_ms = int(hourly["at_ms"].min() or 0), HALF // timedelta(milliseconds=1)  # type: ignore[arg-type]
    for (at_ms,), hour in hourly.partition_by("at_ms", as_dict=True, maintain_order=True).items():
        at = int(at_ms)
        if at < first_ms + MONTH // timedelta(milliseconds=1) or at // 3_600_000 % EVERY_HOURS:
            continue
        known = {row.key: row for row in _kpi_rows(hour)}
        for (scope, entity, window), row in known.items():
            if (scope, window) != ("route", "24h") or (later := truth.get((entity, at + half_ms))) is None:
                continue
            values = features(pool(row, known), typical, below)
            yield [values[name] for name in FEATURES], *later, at


def _kpi_rows(frame: pl.DataFrame) -> Iterator[KpiRow]:
    for row in frame.select("scope", "entity", "window", "at_ms", "events", *MEASURE_NAMES).iter_rows():
        scope: Scope = row[0]
        window: Window = row[2]
        at = from_ms(row[3])
        yield KpiRow(scope, row[1], window, at, 0, at, row[4], row[5:])
