"""Passengers and cargo of the 2013 flights: modelled, the data set has none.

The mean load of a month is real (BTS T-100, systemwide load factor of US airlines, unadjusted, 2013); how it spreads
over weekdays, routes and flights is assumed.
"""

import math
from datetime import date
from typing import Final

import msgspec

from producers.sources.nycflights13.luck import Luck

# bts.gov, "Table 13. Systemwide Load Factor on U.S. Airlines, Unadjusted", January to December 2013, year 83.1 %.
MONTH_LOAD: Final = (0.789, 0.792, 0.843, 0.816, 0.842, 0.870, 0.866, 0.861, 0.816, 0.822, 0.793, 0.844)
# Monday to Sunday, in logits; sums to zero: full Fridays and Sundays, empty Tuesdays and Saturdays.
WEEKDAY: Final = (0.10, -0.20, -0.15, 0.10, 0.25, -0.30, 0.20)
ROUTE_SPREAD: Final = 0.35  # logits, between routes: about 5 points of load factor
FLIGHT_SPREAD: Final = 0.75  # logits, between flights of a route: about 10 points
# A logistic curve pulls the mean of a spread towards one half; this keeps the year's mean where MONTH_LOAD has it.
SPREAD_BIAS: Final = 0.24

MAINLINE_SEATS: Final = 100  # smaller aircraft carry no cargo to speak of
CARGO_KG_PER_SEAT: Final = 3.0  # mean; belly freight and mail are about 2.5 % of a US passenger flight's payload
CARGO_SPREAD: Final = 0.8


class Traffic(msgspec.Struct, frozen=True):
    """What a flight carried."""

    passengers: int
    cargo_kg: int


def traffic(day: date, seats: int, route: Luck, flight: Luck) -> Traffic:
    """What a flight with `seats` carried on a local date, given the luck of its route and its own."""
    mean = MONTH_LOAD[day.month - 1]
    logit = math.log(mean / (1 - mean)) + SPREAD_BIAS + WEEKDAY[day.weekday()]
    logit += ROUTE_SPREAD * route.z_load + FLIGHT_SPREAD * flight.z_load
    passengers = round(seats / (1 + math.exp(-logit)))
    if seats < MAINLINE_SEATS:
        return Traffic(passengers, 0)
    spread = math.exp(CARGO_SPREAD * flight.z_cargo - CARGO_SPREAD**2 / 2)
    return Traffic(passengers, round(seats * CARGO_KG_PER_SEAT * spread))
