"""What a light's errors cost in US$, against what was (`truth.py`, `realised.py`): one figure to rank lights by.

Missed    an hour that was bad and not red: what acting would have saved of that hour's share of the window's loss, its
          late minutes and its flights that never arrived. A red hour that was bad saves it, however late it is.
False     an hour that was red and not bad: people look at nothing and keep things ready for it. By the hour and not by
          the alarm, or a light that is always red would be the cheapest.
Messages  each one that people would hear of interrupts them. Amber and grey earn nothing, so they cost just that.

Weak points: the window is centred, so part of what is priced as missed nobody could know, and some bad hours are chance
and lost nothing that acting could save; how much of a loss is avoidable is assumed and no data say it, so a ranking
should hold at half and double prices (`Prices.scaled`); a flight that was cancelled or diverted counts as 180 late
minutes, whatever became of its passengers; a route with more flights costs more, which is meant, but a few large routes
decide.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rules.realised import Realised
from rules.severity import USD_PER_BLOCK_MINUTE
from rules.truth import Bools, Truth


class Prices(NamedTuple):
    """All but the minute's, which is A4A's of 2019, are assumptions."""

    usd_per_minute: float = USD_PER_BLOCK_MINUTE
    avoidable: float = 0.1
    """Of a loss, what acting early saves: a tail swapped, a crew called in time, passengers rebooked ahead."""
    not_flown_minutes: float = 180.0
    """A flight that did not arrive where it should; without it, a day of cancellations would be a day without delay."""
    false_hour_usd: float = 100.0
    """Half of a controller (US$ 55 per hour with all costs) and of a duty manager (90), and some 27 for gates, crew and
    aircraft held ready."""
    message_usd: float = 15.0
    """Two people for five minutes each, at US$ 90 per hour."""

    def scaled(self, missed: float = 1.0, false: float = 1.0) -> "Prices":
        """With the price of what is missed, and of false hours, so many times as high."""
        return self._replace(avoidable=self.avoidable * missed, false_hour_usd=self.false_hour_usd * false)


PRICES: Final = Prices()


class Bill(NamedTuple):
    """US$ for each kind of error."""

    missed_usd: float
    false_usd: float
    messages_usd: float

    @property
    def usd(self) -> float:
        return sum(self)

    def per(self, route_months: float) -> "Bill":
        """The same for one route and month."""
        return Bill(*(usd / route_months for usd in self))


def loss_usd(was: Truth | Realised, prices: Prices = PRICES) -> NDArray[np.float64]:
    """By entity and hour: what acting in it could have saved, had it been bad."""
    minutes = was.late_minutes + prices.not_flown_minutes * was.not_arrived
    return prices.avoidable * prices.usd_per_minute / was.window_hours * minutes


def bill(red: Bools, messages: float, was: Truth | Realised, prices: Prices = PRICES) -> Bill:
    """Of lights that are `red` by entity and hour, as `was` is, and told people of so many changes."""
    return Bill(
        missed_usd=float(loss_usd(was, prices)[was.bad & ~red].sum()),
        false_usd=prices.false_hour_usd * float((red & ~was.bad).sum()),
        messages_usd=prices.message_usd * messages,
    )
