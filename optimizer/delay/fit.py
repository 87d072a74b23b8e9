"""Fits the delay model: gradient boosting, whose trees may only raise the risk with what is late or waits."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from optimizer.delay.features import Features
from optimizer.delay.forest import Forest, exported
from optimizer.delay.model import FORMAT, DelayModel
from optimizer.delay.recent import HIGH, LOW, MIDDLE
from optimizer.flights import Flags, Flights

WARM_UP_DAYS: Final = 14
"""Before that nobody knows how flights fare."""

LEAVES: Final = 16
LEAST_FLIGHTS_A_LEAF: Final = 300
SHARE_OF_FEATURES: Final = 0.3
"""At each split. Trained January-April and judged May-August, the log-loss is 0.493 with trees that may do anything,
0.488 with those that may only rise (`rises`), and 0.487 if they also see but a third of the features at each split."""

Progress = Callable[[str], None]


def fit(
    features: Features, flights: Flights, *, until_day: int, data: str, trees: int, said: Progress = print
) -> DelayModel:
    """To flights of days (since the epoch) before `until_day`, without the first WARM_UP_DAYS. Metrics are left empty.

    Raises ValueError without flights of both kinds.
    """
    known = learnt_from(flights, until_day)
    disrupted = flights.disrupted[known]
    if not 0 < disrupted.sum() < len(disrupted):
        raise ValueError(f"{len(disrupted)} flights to learn from, {disrupted.sum()} disrupted: nothing to tell apart")
    landed = known & flights.landed
    late = flights.arrival_delay_minutes[landed]

    def chance(of: Features, label: str) -> Forest:
        said(f"fitting {label}")
        fitted = HistGradientBoostingClassifier(**_settings(of, trees), learning_rate=0.06, l2_regularization=10.0)
        return exported(fitted.fit(of.x[known], disrupted))

    def quantile(share: float) -> Forest:
        said(f"fitting the {share:.0%} quantile")
        fitted = HistGradientBoostingRegressor(
            loss="quantile", quantile=share, **_settings(features, trees), learning_rate=0.08, l2_regularization=1.0
        )
        return exported(fitted.fit(features.x[landed], late))

    with threadpool_limits(1):  # threads that wait for each other cost more than they save where the cores are busy
        return DelayModel(
            format=FORMAT,
            data=data,
            until=str(np.datetime64(until_day, "D")),
            features=features.names,
            metrics={},
            chance=chance(features, "the chance"),
            chance_without_tails=chance(features.without_tails(), "the chance without tails"),
            low=quantile(LOW),
            middle=quantile(MIDDLE),
            high=quantile(HIGH),
        )


def learnt_from(flights: Flights, until_day: int) -> Flags:
    """The flights that a model is fitted to."""
    first = int(flights.day.min(initial=until_day)) + WARM_UP_DAYS
    chosen: Flags = (flights.day >= first) & (flights.day < until_day)
    return chosen


def rises(feature: str) -> bool:
    """Whether more of it can only be worse."""
    return feature.startswith("past_") or "_late" in feature or "_wait" in feature or feature == "leg_carries_over"


def _settings(features: Features, trees: int) -> dict[str, Any]:
    return {
        "max_iter": trees,
        "max_leaf_nodes": LEAVES,
        "min_samples_leaf": LEAST_FLIGHTS_A_LEAF,
        "max_features": SHARE_OF_FEATURES,
        "monotonic_cst": [int(rises(name)) for name in features.names],
        "early_stopping": False,
        "random_state": 0,
    }
