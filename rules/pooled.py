"""Pooled evidence: how likely a route is in a bad stretch, from its own flights and from what its airports do.

A route has three flights a day, its airports have hundreds, and a trailing window is half its length late by
construction. So the question is put to the 24 hours *around* now: will so few of them be on time that chance alone
does not explain it, if `below` % were the rule? Half of those flights closed already, and `recent.py` knows which. The
others are counted by yesterday's at these hours, and each misses with a chance that follows from the route's four
weeks, its last day, who left late in the last three hours, and late departures and cancellations at its two airports
(`Logistic` of MISS_FEATURES). How many of them will miss is then a Beta-Binomial: flights of a day share their fate. A
second `Logistic` (RISK_FEATURES) corrects what that leaves out; `fit_pooled.py` fits both to what became true.

Shares are log odds, each drawn towards what is typical by a few flights' weight, so that a route that has not flown yet
or an airport that says nothing pulls nowhere. All weights are >= 0: more misses never make a route look better, on
whatever network the model is used.
"""

import math
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

import msgspec

from rules.recent import within
from schemas.lights import Part, Pooled, Recent
from schemas.measures import POSITION
from schemas.rows import KpiRow, Scope, Window, ends_of

Context = Mapping[tuple[Scope, str, Window], KpiRow]
"""The newest rows of the route's airports and carrier, and its own of other windows, by `KpiRow.key`."""

OWN_FLIGHTS_OF_PRIOR: Final = 3.0
BASE_FLIGHTS_OF_PRIOR: Final = 10.0
AIRPORT_FLIGHTS_OF_PRIOR: Final = 5.0
"""How many flights' weight the typical share has against those seen."""

CHANCE: Final = 0.1
LEAST_FLIGHTS: Final = 4
"""A day is bad if so many misses are rarer than that; of three flights even three late ones prove little."""

SHARED_FATE: Final = 4.0
"""The flights of half a day miss together: the Beta's two parameters add up to this. 3 and 8 predict as well."""

HALF_DAY: Final = 12
DEPARTING_HOURS: Final = 3
MANY: Final = 500
"""More flights than any route has in a day: there the normal tail does for the Binomial's, and the mean for chance."""

_CHANCE_Z: Final = 1.2816
"""The normal quantile of 1 - CHANCE."""

_SUREST: Final = 0.998
"""The Beta-Binomial's word is taken no surer than that: the schedule ahead is only guessed."""

AIRPORT_FEATURES: Final = frozenset({"departures", "cancellations"})
MISS_FEATURES: Final = ("base", "own", "departing", *sorted(AIRPORT_FEATURES, reverse=True))
RISK_FEATURES: Final = ("chance", "firmly", "missing", "flights", "ahead")

_FLIGHTS: Final = POSITION["flights"]
_ON_TIME: Final = POSITION["arrivals_on_time"]
_CANCELLED: Final = POSITION["cancelled"]
_DEPARTURES: Final = POSITION["departures"]
_DEPARTED_ON_TIME: Final = POSITION["departures_on_time"]
_NOTHING: Final = (0,) * len(POSITION)


class Pool(NamedTuple):
    """What goes into the risk; None where nothing is known."""

    own: KpiRow
    month: KpiRow | None
    airports: tuple[tuple[str, KpiRow | None], ...]
    recent: Recent
    past: tuple[float, float]
    """The route's flights of the last twelve hours, and those of them that missed: never less than none."""

    def parts(self) -> tuple[Part, ...]:
        """Flights on time of all that closed: the route's of 12 hours, its airports' of three."""
        flights, missed = self.past
        neighbours = ((code, row.measures if row else _NOTHING) for code, row in self.airports)
        return (
            Part(self.own.entity, HALF_DAY, round(flights) - round(missed), round(flights)),
            *(Part(code, 3, here[_ON_TIME], here[_FLIGHTS]) for code, here in neighbours),
        )


def pool(row: KpiRow, context: Context, recent: Recent) -> Pool:
    """The rows that speak for a route's 24 h row. Whoever makes the context sees to it that none came later."""
    airports = tuple((code, context.get(("airport", code, "3h"))) for code in ends_of(row.entity))
    closed, missed, _, _ = within(recent, row.at, HALF_DAY)
    flights = max(closed, 0.0)
    past = flights, min(max(missed, 0.0), flights)
    return Pool(row, context.get(("route", row.entity, "28d")), airports, recent, past)


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
    miss: Logistic
    risk: Logistic
    fitted: str

    def judge(self, pooled: Pool) -> Pooled:
        """The risk, with and without what is known of the airports, and who says so."""
        flights, missed = pooled.past
        ahead = flights_ahead(pooled)
        miss = self.miss.log_odds(miss_features(pooled, self.typical))
        alone = self.miss.log_odds(miss_features(pooled._replace(airports=_UNKNOWN), self.typical))
        return Pooled(
            risk=self._risk(flights, missed, ahead, miss),
            risk_alone=self._risk(flights, missed, ahead, alone),
            ahead=ahead,
            miss=100 * _share_of(miss),
            parts=pooled.parts(),
        )

    def _risk(self, flights: float, missed: float, ahead: float, miss: float) -> float:
        return 100 * _share_of(self.risk.log_odds(risk_features(flights, missed, ahead, miss, self.below)))


_UNKNOWN: Final[tuple[tuple[str, KpiRow | None], ...]] = (("", None), ("", None))


def flights_ahead(pooled: Pool) -> float:
    """Expected in the coming twelve hours: those of the last 24 that are not of the last twelve."""
    return max(pooled.own.measures[_FLIGHTS] - pooled.past[0], 0.0)


def miss_features(pooled: Pool, typical: float) -> dict[str, float]:
    """Of a flight of the coming twelve hours, by MISS_FEATURES:

    base        log odds of a miss on this route in 28 days
    own         the same of 24 hours, less `base`
    departing   log odds of a late departure in the last three hours, less `base`: known before the arrival is
    departures, cancellations
                log odds of a late departure, log share of cancelled flights: of three hours, added over both airports
    """
    base = typical
    if pooled.month is not None:
        month = pooled.month.measures
        base = _share(month[_FLIGHTS] - month[_ON_TIME], month[_FLIGHTS], typical, BASE_FLIGHTS_OF_PRIOR)
    base_odds = _log_odds(base)
    day = pooled.own.measures
    own = _share(day[_FLIGHTS] - day[_ON_TIME], day[_FLIGHTS], base, OWN_FLIGHTS_OF_PRIOR)
    _, _, left, left_late = within(pooled.recent, pooled.own.at, DEPARTING_HOURS)
    departures = cancellations = 0.0
    for _, row in pooled.airports:
        here = row.measures if row else _NOTHING
        late = here[_DEPARTURES] - here[_DEPARTED_ON_TIME]
        departures += _log_odds(_share(late, here[_DEPARTURES], typical, AIRPORT_FLIGHTS_OF_PRIOR))
        cancelled = (max(here[_CANCELLED], 0) + 0.5) / (max(here[_FLIGHTS], 0) + 2 * AIRPORT_FLIGHTS_OF_PRIOR)
        cancellations += math.log(cancelled)
    return {
        "base": base_odds,
        "own": _log_odds(own) - base_odds,
        "departing": _log_odds(_share(left_late, left, base, OWN_FLIGHTS_OF_PRIOR)) - base_odds,
        "departures": departures,
        "cancellations": cancellations,
    }


def risk_features(flights: float, missed: float, ahead: float, miss: float, below: float) -> dict[str, float]:
    """Of the 24 hours around now, half of them still ahead, each flight of which misses with log odds `miss`; by
    RISK_FEATURES:

    chance      log odds that they turn out bad, by the Beta-Binomial
    firmly      how many standard errors the misses, those ahead at their expectation, are beyond what `below` allows
    missing     `miss`
    flights, ahead
                log(1 + flights) of the 24 hours, and of those ahead: few flights cannot be firmly anything
    """
    share, allowed, all_flights = _share_of(miss), 1 - below / 100, flights + ahead
    chance = chance_of_bad(round(flights), round(missed), round(ahead), share, below)
    expected = missed + ahead * share - allowed * all_flights
    return {
        "chance": _log_odds(min(max(chance, 1 - _SUREST), _SUREST)),
        "firmly": expected / math.sqrt(all_flights * allowed * (1 - allowed) + 1),
        "missing": miss,
        "flights": math.log1p(all_flights),
        "ahead": math.log1p(ahead),
    }


def chance_of_bad(flights: int, missed: int, ahead: int, share: float, below: float) -> float:
    """That so many of the flights ahead miss that all of them together are bad: P(X >= what is lacking) of a
    Beta-Binomial X of `ahead` flights with mean `share`."""
    lacking = fewest_misses(flights + ahead, below) - missed
    if lacking <= 0:
        return 1.0
    if lacking > ahead:
        return 0.0
    if ahead > MANY:
        return 1.0 if ahead * share >= lacking else 0.0
    a = min(max(share, 0.01), 0.97) * SHARED_FATE
    b = SHARED_FATE - a
    term = math.exp(math.lgamma(ahead + a) - math.lgamma(ahead + a + b) + math.lgamma(a + b) - math.lgamma(a))
    tail = term
    for misses in range(ahead, lacking, -1):
        term *= misses / (ahead - misses + 1) * (ahead - misses + b) / (misses - 1 + a)
        tail += term
    return tail


@cache
def fewest_misses(flights: int, below: float) -> int:
    """The fewest of so many flights whose missing is rarer than CHANCE if `below` % on time were the rule; more than
    there are flights if none is."""
    allowed, tail = 1 - below / 100, 0.0
    if flights < LEAST_FLIGHTS:
        return flights + 1
    if flights > MANY:
        return math.ceil(allowed * flights + _CHANCE_Z * math.sqrt(flights * allowed * (1 - allowed)) + 0.5)
    for misses in range(flights, -1, -1):
        tail += math.comb(flights, misses) * allowed**misses * (1 - allowed) ** (flights - misses)
        if tail >= CHANCE:
            return misses + 1
    return 0


def _share(count: float, of: float, typical: float, weight: float) -> float:
    """Of flights, drawn towards the typical; within (0, 1) for whatever an unmatched correction makes of the counts."""
    of = max(of, 0)
    return (min(max(count, 0), of) + weight * typical) / (of + weight)


def _log_odds(share: float) -> float:
    return math.log(share / (1 - share))


def _share_of(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))
