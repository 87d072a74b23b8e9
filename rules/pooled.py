"""Pooled evidence: how likely a route is in a bad stretch, from its own flights and from what its airports do.

A route has three flights a day, its airports have hundreds, and a trailing window is half its length late by
construction. So the question is put to the 24 hours *around* now: will so few of them be on time that chance alone
does not explain it, if `below` % were the rule? Half of those flights closed already, and `recent.py` knows which. The
others are counted by yesterday's at these hours, and each misses with a chance that follows from the route's four
weeks, its last day, who left late in the last three hours, and late departures and cancellations at its two
airports (`Logistic` of MISS_FEATURES). What that makes of the day, and the counts it came from, go through boosted
trees (`Trees` of RISK_FEATURES): how the flights of a day share their fate, and when few of them prove much, is theirs
to find. `pooled_features.py` has both kinds of features, `fit_pooled.py` fits both models to what became true.

Shares are log odds, each drawn towards what is typical by a few flights' weight, so that a route that has not flown yet
or an airport that says nothing pulls nowhere. Both models are monotone: more misses, late departures, cancellations or
minutes of delay now never make a route look better, on whatever network they are used; what was as bad at its airports
two hours ago (`earlier.py`) does, for then they get no worse. Nothing in them is a name or an hour of the clock, so
that they hold elsewhere: a night ends most delays, but when it is night the route's own last 24 hours show
(`recent.turn`).
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from rules.pooled_features import Pool, flights_ahead, miss_features, risk_features, share_of, standing
from rules.trees import Trees
from schemas.lights import Pooled
from schemas.rows import KpiRow

ALONE_FROM: Final = 10.0
"""Risk in %: below that nobody asks what it would be without the airports."""


class Logistic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A weighted sum of features as log odds."""

    intercept: float
    weights: dict[str, float]

    def log_odds(self, features: Mapping[str, float]) -> float:
        """Raises KeyError for a feature that is not weighed."""
        return self.intercept + sum(self.weights[name] * value for name, value in features.items())


class PooledModel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fitted model. `below`: the target in %, `typical`: the share of flights that miss where nothing is known,
    `miss` of a flight ahead, `risk` of a bad stretch, `fitted` says on what and how well."""

    version: int
    kpi: str
    below: float
    typical: float
    fitted: str
    miss: Logistic
    risk: Trees

    def judge(self, pooled: Pool) -> Pooled:
        """The risk, what it would be without what is known of the airports, and who says so."""
        miss, risk = self._judge(pooled)
        alone = self._judge(pooled._replace(airports=_UNKNOWN, before=(None, None)))[1] if risk >= ALONE_FROM else None
        return Pooled(
            risk=risk, risk_alone=alone, ahead=flights_ahead(pooled), miss=100 * share_of(miss), parts=pooled.parts()
        )

    def _judge(self, pooled: Pool) -> tuple[float, float]:
        on = standing(pooled, self.typical)
        features = miss_features(pooled, on)
        miss = self.miss.log_odds(features)
        risk = self.risk.log_odds(risk_features(pooled, on, features, miss, self.below))
        return miss, 100 * share_of(risk)


_UNKNOWN: Final[tuple[tuple[str, KpiRow | None], ...]] = (("", None), ("", None))
