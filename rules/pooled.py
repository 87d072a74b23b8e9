"""Pooled evidence: how likely a route is in a bad stretch, from its own flights and from what its airports do.

A route has three flights a day, its airports have hundreds, and a trailing window is half its length late by
construction. So a logistic score weighs the route's own last 24 hours against its own four weeks, and adds what the
last three hours at its two airports were like: arrivals, departures, cancellations. What it predicts is whether the
24 hours *around* now are firmly below the target, which is known half a window later (`fit_pooled.py` fits it to that).

Shares are log odds, each drawn towards what is typical by a few flights' weight, so that a route that has not flown yet
or an airport that says nothing pulls nowhere. All weights but that of the number of flights are >= 0: more misses never
make a route look better, on whatever network the model is used.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, NamedTuple

import msgspec

from schemas.lights import Part, Pooled
from schemas.measures import POSITION
from schemas.rows import KpiRow, Scope, Window

Context = Mapping[tuple[Scope, str, Window], KpiRow]
"""The newest rows of the route's airports and carrier, and its own of other windows, by `KpiRow.key`."""

OWN_FLIGHTS_OF_PRIOR: Final = 3.0
BASE_FLIGHTS_OF_PRIOR: Final = 10.0
AIRPORT_FLIGHTS_OF_PRIOR: Final = 5.0
"""How many flights' weight the typical share has against those seen."""

_FLIGHTS: Final = POSITION["flights"]
_ON_TIME: Final = POSITION["arrivals_on_time"]
_CANCELLED: Final = POSITION["cancelled"]
_DEPARTURES: Final = POSITION["departures"]
_DEPARTED_ON_TIME: Final = POSITION["departures_on_time"]
_DELAY: Final = POSITION["arrival_delay_minutes"]


class Pool(NamedTuple):
    """What goes into the score; None where no row is known."""

    own: KpiRow
    month: KpiRow | None
    airports: tuple[tuple[str, KpiRow | None], ...]

    def parts(self) -> tuple[Part, ...]:
        """Flights on time of all that closed: the route's of 24 hours, its airports' of three."""
        neighbours = ((code, row.measures if row else _NOTHING) for code, row in self.airports)
        return (
            Part(self.own.entity, "24h", self.own.measures[_ON_TIME], self.own.measures[_FLIGHTS]),
            *(Part(code, "3h", here[_ON_TIME], here[_FLIGHTS]) for code, here in neighbours),
        )


def pool(row: KpiRow, context: Context) -> Pool:
    """The rows that speak for a route's 24 h row. Whoever makes the context sees to it that none came later."""
    airports = tuple((code, context.get(("airport", code, "3h"))) for code in row.entity.split("-"))
    return Pool(row, context.get(("route", row.entity, "28d")), airports)


class PooledModel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """A fitted model. `below`: the target in %, `typical`: the share of flights that miss where nothing is known,
    `weights` by FEATURES, `fitted` says on what and how well."""

    version: int
    kpi: str
    below: float
    typical: float
    intercept: float
    weights: dict[str, float]
    fitted: str

    def judge(self, pooled: Pool) -> Pooled:
        """The risk, what of its log odds comes from the route itself and from its airports, and who says so."""
        own, airports = self._log_odds(pooled)
        own_of_nothing, airports_of_nothing = self._nothing_known
        return Pooled(
            risk=100 / (1 + math.exp(-(self.intercept + own + airports))),
            own=own - own_of_nothing,
            airports=airports - airports_of_nothing,
            parts=pooled.parts(),
        )

    def _log_odds(self, pooled: Pool) -> tuple[float, float]:
        """The route's own part and that of its airports."""
        found = features(pooled, self.typical, self.below)
        airports = sum(self.weights[name] * found[name] for name in AIRPORT_FEATURES)
        return sum(self.weights[name] * found[name] for name in OWN_FEATURES), airports

    @cached_property
    def _nothing_known(self) -> tuple[float, float]:
        """The parts of a route without flights between airports without flights."""
        at = datetime.min.replace(tzinfo=UTC)
        nobody = KpiRow("route", "", "24h", at, 0, at, 0, _NOTHING)
        return self._log_odds(Pool(nobody, None, (("", None), ("", None))))


def features(pooled: Pool, typical: float, below: float) -> dict[str, float]:
    """The values of FEATURES.

    base       log odds of a miss on this route in 28 days
    own        the same of 24 hours, less `base`
    flights    log(1 + flights closed in 24 hours): few flights cannot be firmly anything
    firmly     how many standard errors the misses of 24 hours are beyond what the target allows
    departing  log odds of a late departure in 24 hours, less `base`: known before the arrival is
    delay      log(1 + mean late minutes of 24 hours)
    arrivals, departures, cancellations
               log odds of a miss, of a late departure, log share of cancelled flights: of three hours, added over both
               airports
    """
    day = pooled.own.measures
    flights, missed = day[_FLIGHTS], day[_FLIGHTS] - day[_ON_TIME]
    base = typical
    if pooled.month is not None:
        month = pooled.month.measures
        base = _share(month[_FLIGHTS] - month[_ON_TIME], month[_FLIGHTS], typical, BASE_FLIGHTS_OF_PRIOR)
    allowed = 1 - below / 100
    base_odds = _log_odds(base)
    late_departures = _share(day[_DEPARTURES] - day[_DEPARTED_ON_TIME], day[_DEPARTURES], base, OWN_FLIGHTS_OF_PRIOR)
    arrivals = departures = cancellations = 0.0
    for _, row in pooled.airports:
        here = row.measures if row else _NOTHING
        n = here[_FLIGHTS]
        arrivals += _log_odds(_share(n - here[_ON_TIME], n, typical, AIRPORT_FLIGHTS_OF_PRIOR))
        late = here[_DEPARTURES] - here[_DEPARTED_ON_TIME]
        departures += _log_odds(_share(late, here[_DEPARTURES], typical, AIRPORT_FLIGHTS_OF_PRIOR))
        cancellations += math.log((max(here[_CANCELLED], 0) + 0.5) / (max(n, 0) + 2 * AIRPORT_FLIGHTS_OF_PRIOR))
    return {
        "base": base_odds,
        "own": _log_odds(_share(missed, flights, base, OWN_FLIGHTS_OF_PRIOR)) - base_odds,
        "flights": math.log1p(max(flights, 0)),
        "firmly": (missed - allowed * flights) / math.sqrt(max(flights, 0) * allowed * (1 - allowed) + 1),
        "departing": _log_odds(late_departures) - base_odds,
        "delay": math.log1p(max(day[_DELAY], 0) / (max(flights, 0) + 1)),
        "arrivals": arrivals,
        "departures": departures,
        "cancellations": cancellations,
    }


OWN_FEATURES: Final = ("base", "own", "flights", "firmly", "departing", "delay")
AIRPORT_FEATURES: Final = ("arrivals", "departures", "cancellations")
FEATURES: Final = (*OWN_FEATURES, *AIRPORT_FEATURES)
UNSIGNED: Final = frozenset({"flights"})
"""The feature whose weight may be below 0."""

_NOTHING: Final = (0,) * len(POSITION)


def _share(count: int, of: int, typical: float, weight: float) -> float:
    """Of flights, drawn towards the typical; within (0, 1) for whatever an unmatched correction makes of the counts."""
    of = max(of, 0)
    return (min(max(count, 0), of) + weight * typical) / (of + weight)


def _log_odds(share: float) -> float:
    return math.log(share / (1 - share))
