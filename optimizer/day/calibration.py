"""How far simulated days are from real ones: two distributions by airport, and their distances."""

from typing import Final, NamedTuple

import numpy as np
from scipy.stats import ks_2samp, wasserstein_distance

from optimizer.day.plan import Plan, brought_along
from optimizer.day.simulate import Simulated
from optimizer.flights import Codes, Flights, Floats

LEAST_FLIGHTS: Final = 1000
"""Real flights of an airport, below which a distance is mostly chance."""


class Distance(NamedTuple):
    """Between what was and what was simulated: `minutes` apart on average if each flight of one is paired with one of
    the other (Wasserstein), and the largest difference `ks` of their shares up to some minute (Kolmogorov-Smirnov)."""

    minutes: float
    ks: float


class AirportCalibration(NamedTuple):
    """An airport, as `end` origin or destination: flights, mean minutes late, share late 15 minutes or cancelled or
    diverted, mean minutes that aircraft brought along, each real and simulated, and distances. `chance` is the distance
    of arrival delays between the real flights of even and of odd days: what days of the same kind differ by."""

    end: str
    airport: str
    flights: int
    late: tuple[float, float]
    disrupted: tuple[float, float]
    brought: tuple[float, float]
    arrival: Distance
    chance: Distance
    late_aircraft: Distance


def calibrations(flights: Flights, plan: Plan, chosen: Codes, simulated: Simulated) -> list[AirportCalibration]:
    """Of each origin, then each destination with LEAST_FLIGHTS; late aircraft among flights with a leg before."""
    late = flights.arrival_delay_minutes[chosen]
    brought = brought_along(flights, plan)[chosen]
    even = flights.day[chosen] % 2 == 0
    turning = plan.before[chosen] >= 0
    found = []
    for end in ("origin", "destination"):
        airports = flights.table[end].gather(chosen).to_numpy()
        for airport in np.unique(airports):
            here = airports == airport
            if here.sum() < LEAST_FLIGHTS:
                continue
            real, made = late[here], simulated.arrival[here].ravel()
            real_brought, made_brought = brought[here & turning], simulated.late_aircraft[here & turning].ravel()
            found.append(
                AirportCalibration(
                    end,
                    str(airport),
                    int(here.sum()),
                    (float(np.nanmean(real)), float(np.nanmean(made))),
                    (_disrupted(real), _disrupted(made)),
                    (float(real_brought.mean()), float(made_brought.mean())),
                    distance(real, made),
                    distance(real[even[here]], real[~even[here]]),
                    distance(real_brought, made_brought),
                )
            )
    return found


def distance(real: Floats, made: Floats) -> Distance:
    """Of those that are numbers."""
    known, drawn = real[~np.isnan(real)], made[~np.isnan(made)]
    return Distance(float(wasserstein_distance(known, drawn)), float(ks_2samp(known, drawn).statistic))


def _disrupted(late: Floats) -> float:
    return float((np.isnan(late) | (late >= 15)).mean())
