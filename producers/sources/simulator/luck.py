"""What luck does to one flight on a normal day, calibrated to a normal airline.

The figures are set so that the network, over seeds, arrives on time (A14) 80 to 85 % and completes about 99 %, with
delay causes shared as US carriers reported for 2025 (39 % late aircraft, a third the carrier's own, a fifth airspace):
tests/producers/test_simulator_calibration.py.
"""

import math
from statistics import NormalDist
from typing import Final

from producers.sources.simulator.network import HUB
from producers.sources.simulator.noise import FlightNoise
from producers.sources.simulator.outcome import Cause
from producers.sources.simulator.timetable import DAY_MINUTES, Leg, median_block_minutes

# A delay of its own: share of flights by hour (it builds up over the day), lognormal minutes.
DELAYED_SHARE_MORNING: Final = 0.18
DELAYED_SHARE_EVENING: Final = 0.31
DELAY_MEDIAN_MINUTES: Final = 17.0
DELAY_SIGMA: Final = 0.95
LONGEST_OWN_DELAY_MINUTES: Final = 300
EARLIEST_MINUTES: Final = 6  # doors close up to so much before time
# Shares of a flight's own delays; the hub has more of the air traffic control's.
CAUSE_SHARES: Final[tuple[tuple[Cause, float], ...]] = (("airspace", 0.26), ("weather", 0.05), ("security", 0.01))
HUB_EXTRA_AIRSPACE_SHARE: Final = 0.08
CANCELLED_SHARE: Final = 0.0025  # of flights themselves; the aircraft's return is lost with it
BLOCK_SIGMA_MINUTES: Final = 4.0
BLOCK_SIGMA_SHARE: Final = 0.02

_NORMAL: Final = NormalDist()


def own_delay(leg: Leg, noise: FlightNoise) -> tuple[int, Cause]:
    """Minutes this flight is late (early if negative) for reasons of its own, and the reason."""
    local_hour = (leg.departs - 6 * 60) % DAY_MINUTES / 60  # the network lives about six hours behind UTC
    late_in_day = min(max((local_hour - 6) / 14, 0.0), 1.0)
    share = DELAYED_SHARE_MORNING + (DELAYED_SHARE_EVENING - DELAYED_SHARE_MORNING) * late_in_day
    if noise.u_is_delayed >= share:
        return -int(EARLIEST_MINUTES * noise.u_early), "carrier"
    z = _NORMAL.inv_cdf(min(max(noise.u_delay_size, 1e-9), 1 - 1e-9))
    minutes = round(DELAY_MEDIAN_MINUTES * math.exp(DELAY_SIGMA * z))
    return min(minutes, LONGEST_OWN_DELAY_MINUTES), _cause(leg, noise.u_delay_cause)


def block_minutes(leg: Leg, noise: FlightNoise) -> int:
    """Gate to gate, without holding."""
    median = median_block_minutes(leg.origin, leg.destination)
    sigma = BLOCK_SIGMA_MINUTES + BLOCK_SIGMA_SHARE * median
    return max(round(median * 0.85), round(median + sigma * noise.z_block))


def is_cancelled(noise: FlightNoise) -> bool:
    """A technical cancellation out of the blue."""
    return noise.u_cancelled < CANCELLED_SHARE


def _cause(leg: Leg, u: float) -> Cause:
    extra = HUB_EXTRA_AIRSPACE_SHARE if HUB in (leg.origin, leg.destination) else 0.0
    for cause, share in CAUSE_SHARES:
        share += extra if cause == "airspace" else 0.0
        if u < share:
            return cause
        u -= share
    return "carrier"
