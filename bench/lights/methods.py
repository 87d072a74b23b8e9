"""The other methods, each from hourly rows to lights; `tuned.py` holds their parameters.

All are of a route alone and know nothing of its airports. None but the plain thresholds has an amber: in the prices it
earns nothing and costs its messages, so leaving it out is in their favour. Limits are % of flights late unless said
otherwise, with cancelled and diverted ones. Of flights that closed in the same hour the order is unknown; those methods
that look at single flights take them all at once. Each is grey below `min_n` flights in the trailing 24 h: the truth
calls no hour bad with fewer than four around it, so a route of two flights a day would only cost them false hours.
"""

from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincc

from bench.lights.hours import Counts, Hours
from bench.lights.steady import GREEN, RED, Lights, Limits, steady

TYPICAL_LATE: Final = 0.2
"""What a route is taken for before its first flight."""
TARGET_LATE: Final = 0.3
"""The truth's: worse than 70 % on time is bad."""
SLOW_HALF_LIFE_HOURS: Final = 28 * 24
SLOW_FLIGHTS_OF_PRIOR: Final = 10
Method = Callable[..., Lights]


def thresholds(hours: Hours, red: float, amber: float, min_n: float) -> Lights:
    """The share of the trailing 24 h against bare limits: what a first dashboard does. Grey below `min_n` flights."""
    return steady(_late_percent(hours), hours.flights >= min_n, Limits(min(amber, red), red))


def wilson(hours: Hours, red: float, confidence: float, min_n: float, recovery: float, in_a_row: float) -> Lights:
    """Red if the share's lower Wilson bound is beyond, in three rows one after the other; green by the share itself."""
    known = hours.flights >= min_n
    surely = 100 * wilson_lower(hours.late, hours.flights, NormalDist().inv_cdf(confidence))
    return steady(_late_percent(hours), known, Limits(red, red, recovery), int(in_a_row), surely)


def ewma(hours: Hours, red: float, weight: float, recovery: float, min_n: float) -> Lights:
    """An exponentially weighted mean over flights, each with `weight`, whatever the time between them."""
    mean = np.empty_like(hours.closed)
    now = np.full(len(hours.routes), TYPICAL_LATE)
    for hour, (closed, late) in enumerate(zip(hours.closed.T, hours.closed_late.T, strict=True)):
        keep = (1 - weight) ** closed
        share = np.divide(late, closed, out=now.copy(), where=closed > 0)
        now = keep * now + (1 - keep) * share
        mean[:, hour] = now
    return steady(100 * mean, hours.flights >= min_n, Limits(red, red, recovery))


def cusum(hours: Hours, reference: float, red: float, recovery: float, min_n: float) -> Lights:
    """Page's sum of late flights beyond `reference` per flight; red beyond `red` late flights, green `recovery` below.

    It never exceeds twice the limit, or after a bad week it would be red for another.
    """
    total = np.empty_like(hours.closed)
    now = np.zeros(len(hours.routes))
    for hour, (closed, late) in enumerate(zip(hours.closed.T, hours.closed_late.T, strict=True)):
        now = np.clip(now + late - reference * closed, 0, 2 * red)
        total[:, hour] = now
    return steady(total, hours.flights >= min_n, Limits(red, red, recovery * red))


def beta_binomial(
    hours: Hours, red: float, half_life_hours: float, prior_flights: float, recovery: float, min_n: float
) -> Lights:
    """Red if it is likelier than `red` % that the route's share is beyond 30 %, given flights that fade with age.

    The prior, of so many flights' weight, is the route's own share with a half-life of four weeks.
    """
    risk = _risk(hours, half_life_hours, prior_flights)
    return steady(100 * risk, hours.flights >= min_n, Limits(red, red, recovery))


def always_red(hours: Hours) -> Lights:
    """Misses nothing."""
    return np.full(hours.flights.shape, RED)


def always_green(hours: Hours) -> Lights:
    """Disturbs nobody."""
    return np.full(hours.flights.shape, GREEN)


def wilson_lower(successes: Counts, n: Counts, z: float) -> Counts:
    """`rules/wilson.py`, for arrays; 0 where n is."""
    of = np.maximum(n, 1)
    share, widening = successes / of, z * z / of
    reach = z * np.sqrt(np.maximum(share * (1 - share), 0) / of + widening / (4 * of))
    lower = (share + widening / 2 - reach) / (1 + widening)
    found: Counts = np.where((successes > 0) & (n > 0), lower, 0.0)
    return found


def _late_percent(hours: Hours) -> NDArray[np.float64]:
    share: NDArray[np.float64] = 100 * hours.late / np.maximum(hours.flights, 1)
    return share


def _faded(came: Counts, half_life_hours: float) -> Counts:
    keep = 0.5 ** (1 / half_life_hours)
    total = np.empty_like(came)
    now = np.zeros(len(came))
    for hour, new in enumerate(came.T):
        now = keep * now + new
        total[:, hour] = now
    return total


@lru_cache(maxsize=1)
def _risk(hours: Hours, half_life_hours: float, prior_flights: float) -> Counts:
    """Kept for the next limits: the incomplete Beta function takes 5 µs an hour, all the rest 0.3."""
    slow = SLOW_HALF_LIFE_HOURS
    known, known_late = _faded(hours.closed, slow), _faded(hours.closed_late, slow)
    base = (known_late + SLOW_FLIGHTS_OF_PRIOR * TYPICAL_LATE) / (known + SLOW_FLIGHTS_OF_PRIOR)
    closed, late = _faded(hours.closed, half_life_hours), _faded(hours.closed_late, half_life_hours)
    risk: Counts = betaincc(prior_flights * base + late, prior_flights * (1 - base) + closed - late, TARGET_LATE)
    return risk
