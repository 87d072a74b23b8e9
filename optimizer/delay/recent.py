"""Sets predictions right for what the last two weeks have shown of their errors, as known when a day begins.

September was far more punctual than the months that a model had learnt from: it expected 22 % of its flights to be
disrupted where 15 % were, and intervals fitted to January to April held 74 %
of May to August. On those four months the log-loss is 0.4873, 0.4884, 0.4875 and 0.4857 with 4, 7, 10 and 14 days, and
the mean pinball loss 8.63, 8.59, 8.60 and 8.60 minutes with 7, 14, 21 and 28.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from optimizer.flights import Flags, Flights, Floats

DAYS: Final = 14
LEAST_FLIGHTS: Final = 500
PRIOR_INFORMATION: Final = 340.0
"""What no shift is taken to be worth: 2,000 flights of which a fifth are disrupted."""
LEAST_SPREAD_MINUTES: Final = 3.0

LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9


class Said(NamedTuple):
    """Of each flight: the chance of disruption, and the quantiles LOW, MIDDLE and HIGH of its minutes late."""

    chance: Floats
    low: Floats
    middle: Floats
    high: Floats


def corrected(said: Said, flights: Flights) -> Said:
    """The same, of each day, by flights of the DAYS before whose ends were known at its first prediction."""
    before, late = np.stack(said[1:]), flights.arrival_delay_minutes
    minutes = before.copy()
    for today, known in _days(flights):
        landed = known & (flights.arrived <= flights.at[today].min())
        minutes[:, today] = _widened(before[:, landed], late[landed], before[:, today])
    low, middle, high = np.sort(minutes, axis=0)
    return Said(corrected_chance(said.chance, flights), low, middle, high)


def corrected_chance(chance: Floats, flights: Flights) -> Floats:
    """The chances alone."""
    found = chance.copy()
    for today, known in _days(flights):
        found[today] = _share(_odds(chance[today]) + _shift(chance[known], flights.disrupted[known]))
    return found


def _days(flights: Flights) -> Iterator[tuple[Flags, Flags]]:
    """Flights of each day, and those that its first prediction can look back at, if they are enough."""
    for day in np.unique(flights.day):
        today = flights.day == day
        close = (flights.day >= day - DAYS) & (flights.day <= day)
        known = close & (flights.closed <= flights.at[today].min())
        if known.sum() >= LEAST_FLIGHTS:
            yield today, known


def _shift(chance: Floats, disrupted: Flags) -> float:
    """Of the log odds: the likeliest, drawn towards none."""
    odds, shift = _odds(chance), 0.0
    for _ in range(6):  # Newton's steps: the fourth changes nothing that shows
        now = _share(odds + shift)
        slope = (disrupted - now).sum() - shift * PRIOR_INFORMATION
        shift += float(slope / ((now * (1 - now)).sum() + PRIOR_INFORMATION))
    return shift


def _widened(before: Floats, late: Floats, today: Floats) -> Floats:
    """Quantiles moved by as many of their own spreads as would have been right before; `[quantile, flight]`."""
    found = today.copy()
    found[1] += np.quantile(late - before[1], MIDDLE)
    for place, share in ((0, LOW), (2, HIGH)):
        spread = np.abs(before[place] - before[1]) + LEAST_SPREAD_MINUTES
        moved = np.quantile((late - before[place]) / spread, share)
        found[place] += moved * (np.abs(today[place] - today[1]) + LEAST_SPREAD_MINUTES)
    return found


def _odds(chance: Floats) -> Floats:
    kept = np.clip(chance, 1e-6, 1 - 1e-6)
    odds: Floats = np.log(kept / (1 - kept))
    return odds


def _share(odds: Floats) -> Floats:
    share: Floats = 1 / (1 + np.exp(-odds))
    return share
