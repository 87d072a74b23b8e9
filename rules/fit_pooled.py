"""Fits the pooled model to rows of the past: what became true around each hour, against what was known then.

The truth at an hour is the route's 24 h row of twelve hours later: it holds the flights that closed within twelve hours
of it, half of which nobody knew. The hour is bad if so few of them were on time as would be rarer than CHANCE if the
target were the rule. A light looks at another window, so it cannot be right by repeating what it sees.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize

from rules.pooled import (
    MISS_FEATURES,
    RISK_FEATURES,
    Logistic,
    PooledModel,
    fewest_misses,
    flights_ahead,
    miss_features,
    pool,
    risk_features,
)
from rules.recent import HOUR_MS, follow
from rules.replay import kpi_rows
from schemas.lights import Recent
from schemas.rows import to_ms

BELOW: Final = 70.0
TYPICAL: Final = 0.22
"""The share of US domestic flights of 2013 that were not on time (BTS: 78.3 % were)."""

HALF: Final = timedelta(hours=12)
MONTH: Final = timedelta(days=28)
EVERY_HOURS: Final = 2
PENALTY: Final = 1e-4
"""Of squared weights, in units of standardised features: it decides between features that say the same."""

Floats = NDArray[np.float64]


class Examples(NamedTuple):
    """One per route and hour. `miss_x[example, MISS_FEATURES]`; `known`: flights and misses of the last twelve hours,
    flights expected ahead; `became`: flights and misses of the twelve hours that followed; and the hour in epoch ms."""

    miss_x: Floats
    known: Floats
    became: Floats
    at_ms: NDArray[np.int64]

    def before(self, until: datetime) -> "Examples":
        """Those whose truth was known by then."""
        return self._where(self.at_ms < to_ms(until - HALF))

    def since(self, until: datetime) -> "Examples":
        """The others."""
        return self._where(self.at_ms >= to_ms(until))

    def bad(self, below: float) -> NDArray[np.bool_]:
        """Whether the 24 hours around were."""
        flights = np.rint(self.known[:, 0] + self.became[:, 0]).astype(int)
        missed = np.rint(self.known[:, 1] + self.became[:, 1]).astype(int)
        fewest = np.array([fewest_misses(n, below) for n in range(flights.max(initial=0) + 1)])
        found: NDArray[np.bool_] = missed >= fewest[flights]
        return found

    def _where(self, chosen: NDArray[np.bool_]) -> "Examples":
        return Examples(self.miss_x[chosen], self.known[chosen], self.became[chosen], self.at_ms[chosen])


def examples(rows: pl.DataFrame, *, typical: float = TYPICAL) -> Examples:
    """From hourly rows of routes (24h, 28d) and airports (3h), FLAT_COLUMNS: one per route and second hour.

    Hours of the first four weeks are left out: nobody knows the route yet. So are those of the last half day.
    """
    found = list(_examples(rows, typical))
    at_ms = np.array([one[0] for one in found], np.int64)
    values = np.array([one[1] for one in found], np.float64).reshape(-1, len(MISS_FEATURES) + 5)
    features = len(MISS_FEATURES)
    return Examples(values[:, :features], values[:, features : features + 3], values[:, features + 3 :], at_ms)


def fit(
    known: Examples,
    *,
    kpi: str = "on_time_arrival",
    below: float = BELOW,
    typical: float = TYPICAL,
    without: frozenset[str] = frozenset(),
) -> PooledModel:
    """The chance of a miss fitted to the flights that followed, then that of a bad day to the days around.

    Raises ValueError without examples of both kinds.
    """
    bad = known.bad(below)
    if not 0 < bad.sum() < len(bad):
        raise ValueError(f"{len(bad)} hours, {bad.sum()} of them bad: nothing to tell apart")
    flew = known.became[:, 0] > 0
    flights = known.became[flew, 0]
    miss = _logistic(MISS_FEATURES, known.miss_x[flew], known.became[flew, 1] / flights, flights, without)
    risk_x = _risk_x(miss, known, below)
    risk = _logistic(RISK_FEATURES, risk_x, bad.astype(np.float64), np.ones(len(bad)), frozenset())
    return PooledModel(version=1, kpi=kpi, below=below, typical=typical, miss=miss, risk=risk, fitted="")


def probabilities(model: PooledModel, known: Examples) -> Floats:
    """What the model says of each example."""
    return 1 / (1 + np.exp(-_log_odds(model.risk, RISK_FEATURES, _risk_x(model.miss, known, model.below))))


def precision_of(model: PooledModel, held_out: Examples) -> float:
    """The model's average precision on these."""
    return average_precision(probabilities(model, held_out), held_out.bad(model.below))


def read(path: Path) -> pl.DataFrame:
    """The rows of a Parquet file that the model is fitted to. Raises OSError, or ValueError if they are no KPI rows."""
    rows = pl.scan_parquet(path)
    try:
        return rows.filter((pl.col("at_ms") % HOUR_MS == 0) & (pl.col("scope") != "carrier")).collect()
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"not KPI rows: {error}") from error


def average_precision(said: Floats, bad: NDArray[np.bool_]) -> float:
    """The mean share of bad hours among those said to be at least as likely as each bad one; 1 is perfect."""
    order = np.argsort(-said, kind="stable")
    hits = bad[order]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean())


def _logistic(names: tuple[str, ...], x: Floats, y: Floats, counts: Floats, without: frozenset[str]) -> Logistic:
    """Of shares `y` of `counts`: the least penalised log loss, weights >= 0, and 0 for those `without`."""
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    z, all_counts = (x - mean) / spread, counts.sum()

    def loss(weights: Floats) -> tuple[float, Floats]:
        log_odds = z @ weights[1:] + weights[0]
        error = counts * (1 / (1 + np.exp(-log_odds)) - y)
        slope = np.concatenate([[error.sum()], z.T @ error]) / all_counts
        slope[1:] += 2 * PENALTY * weights[1:]
        value = (counts * (np.logaddexp(0, log_odds) - y * log_odds)).sum() / all_counts
        return float(value + PENALTY * (weights[1:] ** 2).sum()), slope

    bounds = [(None, None), *((0, 0 if name in without else None) for name in names)]
    best = minimize(loss, np.zeros(len(names) + 1), jac=True, bounds=bounds, method="L-BFGS-B").x
    weights = np.round(best[1:] / spread, 4)
    intercept = round(float(best[0] - (best[1:] / spread) @ mean), 4)
    return Logistic(intercept, {name: float(weight) for name, weight in zip(names, weights, strict=True)})


def _log_odds(logistic: Logistic, names: tuple[str, ...], x: Floats) -> Floats:
    found: Floats = x @ np.array([logistic.weights[name] for name in names]) + logistic.intercept
    return found


def _risk_x(miss: Logistic, known: Examples, below: float) -> Floats:
    miss_odds = _log_odds(miss, MISS_FEATURES, known.miss_x)
    found = [
        [*risk_features(flights, missed, ahead, odds, below).values()]
        for (flights, missed, ahead), odds in zip(known.known.tolist(), miss_odds.tolist(), strict=True)
    ]
    return np.array(found, np.float64).reshape(-1, len(RISK_FEATURES))


def _examples(rows: pl.DataFrame, typical: float) -> Iterator[tuple[int, list[float]]]:
    """The hour, and the values of an example."""
    hourly = rows.filter((pl.col("at_ms") % HOUR_MS == 0) & (pl.col("scope") != "carrier")).sort("at_ms")
    if hourly.is_empty():
        raise ValueError("no rows on the hour")
    closed = hourly.filter((pl.col("scope") == "route") & (pl.col("window") == "24h"))
    columns = closed.select("entity", "at_ms", "flights", "arrivals_on_time").iter_rows()
    truth = {(entity, at_ms): (flights, flights - on_time) for entity, at_ms, flights, on_time in columns}
    first_ms, half_ms = int(hourly["at_ms"].min() or 0), HALF // timedelta(milliseconds=1)  # type: ignore[arg-type]
    recents: dict[str, Recent] = {}
    for (at_ms,), hour in hourly.partition_by("at_ms", as_dict=True, maintain_order=True).items():
        at = int(at_ms)
        known = {row.key: row for row in kpi_rows(hour)}
        for (scope, entity, window), row in known.items():
            if (scope, window) != ("route", "24h"):
                continue
            recents[entity] = follow(recents.get(entity), row)
            later = truth.get((entity, at + half_ms))
            early = at < first_ms + MONTH // timedelta(milliseconds=1)
            if later is None or early or at // HOUR_MS % EVERY_HOURS:
                continue
            pooled = pool(row, known, recents[entity])
            flights, missed = pooled.past
            features = miss_features(pooled, typical)
            became = max(later[0] - flights, 0.0), max(later[1] - missed, 0.0)
            yield at, [*(features[name] for name in MISS_FEATURES), flights, missed, flights_ahead(pooled), *became]
