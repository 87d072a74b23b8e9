"""What the delay model is held against: the same flights, the same knowledge, plainer means."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from optimizer.delay.features import Features
from optimizer.flights import Codes, Flags, Flights, Floats

PRIOR_FLIGHTS: Final = 20.0
RECENT_ORIGIN: Final = ("origin_late_1h", "origin_late_3h")


def base_rate(flights: Flights, known: Flags) -> Floats:
    """The share disrupted of all flights that are known."""
    return np.full(len(flights), flights.disrupted[known].mean())


def route_and_hour(flights: Flights, known: Flags) -> Floats:
    """The share of the route at that local hour, drawn towards the route's, and that towards the base rate."""
    chance = base_rate(flights, known)
    for columns in (("origin", "destination"), ("origin", "destination", "hour")):
        chance = _drawn(flights.codes(*columns), flights.disrupted, known, chance)
    return chance


def recent_origin_delay(features: Features, flights: Flights, known: Flags) -> Floats:
    """A logistic regression on how late the airport's last flights left."""
    places = [features.names.index(name) for name in RECENT_ORIGIN]
    return _logistic(features.x[:, places], flights.disrupted, known)


def logistic_on_everything(features: Features, flights: Flights, known: Flags) -> Floats:
    """A logistic regression on every feature that the trees see."""
    return _logistic(features.x, flights.disrupted, known)


def _drawn(code: Codes, disrupted: Flags, known: Flags, prior: Floats) -> Floats:
    count = np.bincount(code[known], minlength=code.max() + 1)[code]
    sums = np.bincount(code[known], weights=disrupted[known], minlength=code.max() + 1)[code]
    drawn: Floats = (sums + PRIOR_FLIGHTS * prior) / (count + PRIOR_FLIGHTS)
    return drawn


def _logistic(x: NDArray[np.float32], disrupted: Flags, known: Flags) -> Floats:
    mean, spread = x[known].mean(axis=0), x[known].std(axis=0) + 1e-6
    # Beyond five deviations lie unknowns told by a number of their own.
    z = np.clip((x - mean) / spread, -5, 5)
    with threadpool_limits(1):
        fitted = LogisticRegression(C=1.0, max_iter=300).fit(z[known], disrupted[known])
    chance: Floats = fitted.predict_proba(z)[:, 1]
    return chance
