"""Fits the pooled model to rows of the past: what became true around each hour, against what was known then.

The truth at an hour is the route's 24 h row of twelve hours later: it holds the flights that closed within twelve hours
of it, half of which nobody knew. The hour is bad if so few of them were on time as would be rarer than CHANCE if the
target were the rule. A light looks at another window, so it cannot be right by repeating what it sees.

An hour of a firm stretch (`truth.py`) counts FIRM_WEIGHT times more: to see such a stretch an hour earlier is worth
more than to be surer of one that four flights make. That shifts the odds, so they are set right afterwards, and a risk
stays a probability.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import bdtr
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from rules.boosted import exported, log_odds
from rules.earlier import Earlier
from rules.fewest_misses import fewest_misses
from rules.pooled import Logistic, PooledModel
from rules.pooled_features import (
    AIRPORT_FEATURES,
    AT_AIRPORT,
    EITHER_WAY,
    MISS_FEATURES,
    RISING,
    RISK_FEATURES,
    ContextKey,
    firmly,
    miss_features,
    pool,
    risk_features,
    standing,
)
from rules.recent import HOUR_MS, follow
from rules.replay import kpi_rows
from rules.trees import Trees
from rules.truth import FIRM_CHANCE, FIRM_FLIGHTS
from schemas.lights import Recent
from schemas.rows import KpiRow, to_ms

BELOW: Final = 70.0
TYPICAL: Final = 0.22
"""The share of US domestic flights of 2013 that were not on time (BTS: 78.3 % were)."""

HALF: Final = timedelta(hours=12)
MONTH: Final = timedelta(days=28)
EVERY_HOURS: Final = 2
PENALTY: Final = 1e-4
"""Of squared weights, in units of standardised features: it decides between features that say the same."""

FIRM_WEIGHT: Final = 16.0
"""January to August, each month judged by a model that had not seen it, thresholds for as many reds that are as often
right: red within two hours of the begin of 47 % of the firm episodes with 4, of 52 % with 16, of 53 % with 24, which
misses more of what is bad without being firm (US$ 4,364 and 4,436 a route and month)."""

TREES: Final = 150
LEAVES: Final = 8
LEARNING_RATE: Final = 0.08
LEAST_HOURS_A_LEAF: Final = 200
"""More trees, or larger ones, find a hundredth more, and each costs the Lambda half a microsecond."""

Floats = NDArray[np.float64]


class Examples(NamedTuple):
    """One per route and hour. `miss_x[example, MISS_FEATURES]`; `risk_x[example, RISK_FEATURES]` as if every other
    flight ahead missed; `became`: flights and misses of the twelve hours that followed; and the hour in epoch ms."""

    miss_x: Floats
    risk_x: Floats
    became: Floats
    at_ms: NDArray[np.int64]

    def before(self, until: datetime) -> "Examples":
        """Those whose truth was known by then."""
        return self._where(self.at_ms < to_ms(until - HALF))

    def since(self, until: datetime) -> "Examples":
        """The others."""
        return self._where(self.at_ms >= to_ms(until))

    def around(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Flights, and those of them that missed, of the 24 hours around."""
        flights = np.rint(self.risk_x[:, _FLIGHTS] + self.became[:, 0]).astype(np.int64)
        return flights, np.rint(self.risk_x[:, _MISSED] + self.became[:, 1]).astype(np.int64)

    def bad(self, below: float) -> NDArray[np.bool_]:
        """Whether the 24 hours around were."""
        flights, missed = self.around()
        fewest = np.array([fewest_misses(n, below) for n in range(flights.max(initial=0) + 1)])
        found: NDArray[np.bool_] = missed >= fewest[flights]
        return found

    def firm(self, below: float) -> NDArray[np.bool_]:
        """Whether they were so firmly."""
        flights, missed = self.around()
        found: NDArray[np.bool_] = (bdtr(flights - missed, flights, below / 100) < FIRM_CHANCE) & (
            flights >= FIRM_FLIGHTS
        )
        return found

    def _where(self, chosen: NDArray[np.bool_]) -> "Examples":
        return Examples(self.miss_x[chosen], self.risk_x[chosen], self.became[chosen], self.at_ms[chosen])


_FLIGHTS: Final = RISK_FEATURES.index("flights")
_MISSED: Final = RISK_FEATURES.index("missed")
_AHEAD: Final = RISK_FEATURES.index("ahead")
_USUAL: Final = RISK_FEATURES.index("usual")


def examples(rows: pl.DataFrame, *, typical: float = TYPICAL) -> Examples:
    """From hourly rows of routes (24h, 7d, 28d) and airports (3h), FLAT_COLUMNS: one per route and second hour.

    Hours of the first four weeks are left out: nobody knows the route yet. So are those of the last half day.
    """
    at_ms, miss_x, risk_x, became = [], [], [], []
    for example in _examples(rows, typical):
        at_ms.append(example[0])
        miss_x.append(example[1])
        risk_x.append(example[2])
        became.append(example[3])
    return Examples(
        np.array(miss_x, np.float64).reshape(-1, len(MISS_FEATURES)),
        np.array(risk_x, np.float64).reshape(-1, len(RISK_FEATURES)),
        np.array(became, np.float64).reshape(-1, 2),
        np.array(at_ms, np.int64),
    )


def fit(
    known: Examples,
    *,
    kpi: str = "on_time_arrival",
    below: float = BELOW,
    typical: float = TYPICAL,
    without_airports: bool = False,
) -> PooledModel:
    """The chance of a miss fitted to the flights that followed, then that of a bad day to the days around.

    Raises ValueError without examples of both kinds.
    """
    bad = known.bad(below)
    if not 0 < bad.sum() < len(bad):
        raise ValueError(f"{len(bad)} hours, {bad.sum()} of them bad: nothing to tell apart")
    flew = known.became[:, 0] > 0
    flights = known.became[flew, 0]
    kept = np.array([not (without_airports and name in AIRPORT_FEATURES) for name in MISS_FEATURES])
    miss = _logistic(MISS_FEATURES, known.miss_x[flew], known.became[flew, 1] / flights, flights, kept)
    risk_x = _risk_x(miss, known, below)
    if without_airports:
        risk_x[:, _OF_AIRPORTS] = 0.0
    risk = _boosted(risk_x, bad, 1 + FIRM_WEIGHT * known.firm(below))
    return PooledModel(version=3, kpi=kpi, below=below, typical=typical, fitted="", miss=miss, risk=risk)


def probabilities(model: PooledModel, known: Examples) -> Floats:
    """What the model says of each example."""
    return _share_of(log_odds(model.risk, _risk_x(model.miss, known, model.below)))


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


def _logistic(names: tuple[str, ...], x: Floats, y: Floats, counts: Floats, kept: NDArray[np.bool_]) -> Logistic:
    """Of shares `y` of `counts`: the least penalised log loss, weights >= 0, and 0 for those not `kept`."""
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    z, all_counts = (x - mean) / spread, counts.sum()

    def loss(weights: Floats) -> tuple[float, Floats]:
        odds = z @ weights[1:] + weights[0]
        error = counts * (_share_of(odds) - y)
        slope = np.concatenate([[error.sum()], z.T @ error]) / all_counts
        slope[1:] += 2 * PENALTY * weights[1:]
        value = (counts * (np.logaddexp(0, odds) - y * odds)).sum() / all_counts
        return float(value + PENALTY * (weights[1:] ** 2).sum()), slope

    bounds = [(None, None), *((0, None if keep else 0) for keep in kept)]
    best = minimize(loss, np.zeros(len(names) + 1), jac=True, bounds=bounds, method="L-BFGS-B").x
    weights = np.round(best[1:] / spread, 4)
    intercept = round(float(best[0] - (best[1:] / spread) @ mean), 4)
    return Logistic(intercept, {name: float(weight) for name, weight in zip(names, weights, strict=True)})


def _boosted(x: Floats, bad: NDArray[np.bool_], weight: Floats) -> Trees:
    """Monotone boosted trees, and their odds set right for what the weights did to them."""
    trees = HistGradientBoostingClassifier(
        max_iter=TREES,
        max_leaf_nodes=LEAVES,
        learning_rate=LEARNING_RATE,
        min_samples_leaf=LEAST_HOURS_A_LEAF,
        l2_regularization=1.0,
        monotonic_cst=[0 if name in EITHER_WAY else 1 for name in RISK_FEATURES],
        early_stopping=False,
        random_state=0,
    )
    with threadpool_limits(1):  # threads that wait for each other cost more than they save where the cores are busy
        fitted = trees.fit(x, bad, sample_weight=weight)
    raw = fitted.decision_function(x)
    right = _logistic(("raw",), raw[:, None], bad.astype(np.float64), np.ones(len(bad)), np.array([True]))
    return exported(fitted, right.weights["raw"], right.intercept)


def _share_of(odds: Floats) -> Floats:
    share: Floats = 1 / (1 + np.exp(-odds))
    return share


def _risk_x(miss: Logistic, known: Examples, below: float) -> Floats:
    """The features of the risk with the chance that each flight ahead misses."""
    odds = known.miss_x @ np.array([miss.weights[name] for name in MISS_FEATURES]) + miss.intercept
    x = known.risk_x.copy()
    flights, missed, share = x[:, _FLIGHTS], x[:, _MISSED], _share_of(odds)
    x[:, RISK_FEATURES.index("missing")] = odds
    firm, usual_ahead = np.vectorize(firmly, otypes=[float]), np.maximum(x[:, _USUAL] - flights, 0)
    if len(x):
        x[:, RISK_FEATURES.index("firmly")] = firm(flights, missed, x[:, _AHEAD], share, below)
        x[:, RISK_FEATURES.index("firmly_usual")] = firm(flights, missed, usual_ahead, share, below)
    return x


_OF_AIRPORTS: Final = [
    RISK_FEATURES.index(f"{end}_{name}") for end in ("origin", "destination") for name in (*AT_AIRPORT, *RISING)
]


def _examples(
    rows: pl.DataFrame, typical: float
) -> Iterator[tuple[int, list[float], tuple[float, ...], tuple[float, float]]]:
    """The hour, and the values of an example."""
    hourly = rows.filter((pl.col("at_ms") % HOUR_MS == 0) & (pl.col("scope") != "carrier")).sort("at_ms")
    if hourly.is_empty():
        raise ValueError("no rows on the hour")
    closed = hourly.filter((pl.col("scope") == "route") & (pl.col("window") == "24h"))
    columns = closed.select("entity", "at_ms", "flights", "arrivals_on_time").iter_rows()
    truth = {(entity, at_ms): (flights, flights - on_time) for entity, at_ms, flights, on_time in columns}
    first_ms, half_ms = int(hourly["at_ms"].min() or 0), HALF // timedelta(milliseconds=1)  # type: ignore[arg-type]
    recents: dict[str, Recent] = {}
    earlier = Earlier()
    for (at_ms,), hour in hourly.partition_by("at_ms", as_dict=True, maintain_order=True).items():
        at = int(at_ms)
        rows_now = kpi_rows(hour)
        known: dict[ContextKey, KpiRow] = {row.key: row for row in rows_now}
        for row in rows_now:
            earlier.note(row, known)
        for row in rows_now:
            if (row.scope, row.window) != ("route", "24h"):
                continue
            entity = row.entity
            recents[entity] = follow(recents.get(entity), row)
            later = truth.get((entity, at + half_ms))
            early = at < first_ms + MONTH // timedelta(milliseconds=1)
            if later is None or early or at // HOUR_MS % EVERY_HOURS:
                continue
            pooled = pool(row, known, recents[entity])
            flights, missed = pooled.past
            on = standing(pooled, typical)
            features = miss_features(pooled, on)
            became = max(later[0] - flights, 0.0), max(later[1] - missed, 0.0)
            risk_x = risk_features(pooled, on, features, 0.0, BELOW)
            yield at, [features[name] for name in MISS_FEATURES], risk_x, became
