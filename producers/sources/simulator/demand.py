"""How many people want to fly, and how many do: season, weekday, route and luck against the seats.

Demand of a flight is Normal with k = 0.20 (standard deviation over mean; MIT 16.75J gives 0.2 to 0.4), cut at the
seats. The mean is 0.845 of the seats at neutral season, which fills 83 % of them (IATA, world, 2025: 83.7 %).
"""

import zlib
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Final

from producers.airports import airport
from producers.sources.simulator.incidents import Incident
from producers.sources.simulator.network import LEISURE_AIRPORTS, TYPES
from producers.sources.simulator.noise import FlightNoise
from producers.sources.simulator.timetable import Leg, instant_of

MEAN_SHARE_OF_SEATS: Final = 0.845
DEMAND_K: Final = 0.20
FULLEST_SHARE: Final = 0.99  # of the seats: no-shows are not all resold

# Mexico's high seasons, first and last day: spring break with Easter, school holidays, Christmas.
HIGH_SEASONS: Final = (((3, 25), (4, 10)), ((7, 15), (8, 15)), ((12, 15), (1, 15)))
HIGH_SEASON_FACTOR: Final = {True: 1.14, False: 1.04}  # by whether the route is a leisure route
LOW_SEASONS: Final = (((1, 20), (2, 28)), ((9, 1), (10, 15)))
LOW_SEASON_FACTOR: Final = {True: 0.93, False: 0.97}
# Monday to Sunday. Business routes empty on Saturday, leisure routes fill at both ends of the weekend.
WEEKDAY_FACTORS: Final = {
    True: (0.99, 0.95, 0.96, 1.01, 1.04, 1.03, 1.04),
    False: (1.03, 0.99, 1.00, 1.03, 1.05, 0.89, 1.01),
}
ROUTE_SPREAD: Final = 0.05  # strongest and weakest route against the mean
CARGO_SHARE: Final = 0.32  # of the belly capacity, before luck


def is_leisure(origin: str, destination: str) -> bool:
    """Whether one end is a place people go to for holidays."""
    return origin in LEISURE_AIRPORTS or destination in LEISURE_AIRPORTS


def season_factor(day: date, leisure: bool) -> float:
    """Demand of a day of the year against a neutral one."""
    if any(_within(day, *season) for season in HIGH_SEASONS):
        return HIGH_SEASON_FACTOR[leisure]
    if any(_within(day, *season) for season in LOW_SEASONS):
        return LOW_SEASON_FACTOR[leisure]
    return 1.0


def mean_demand(leg: Leg, incidents: Sequence[Incident]) -> float:
    """Expected passengers before the seats cut it, with injected changes of demand."""
    leaves = instant_of(leg.departs)
    day = leaves.astimezone(airport(leg.origin).zone).date()
    leisure = is_leisure(leg.origin, leg.destination)
    mean = leg.seats * MEAN_SHARE_OF_SEATS * season_factor(day, leisure)
    mean *= WEEKDAY_FACTORS[leisure][day.weekday()] * route_strength(leg.route)
    for incident in incidents:
        if incident.kind == "demand" and incident.target == leg.route and incident.holds_at(leaves):
            mean *= incident.magnitude
    return mean


def passengers(leg: Leg, noise: FlightNoise, incidents: Sequence[Incident]) -> int:
    """Passengers booked and there."""
    wanted = mean_demand(leg, incidents) * (1 + DEMAND_K * noise.z_demand)
    return round(min(max(wanted, 0.0), FULLEST_SHARE * leg.seats))


def cargo_kg(leg: Leg, noise: FlightNoise) -> int:
    """Belly cargo."""
    capacity = TYPES[leg.aircraft_type].cargo_capacity_kg
    return round(capacity * min(max(CARGO_SHARE * (1 + 0.4 * noise.z_cargo), 0.0), 1.0))


@cache
def route_strength(route: str) -> float:
    """A route's own level, the same both ways, fixed for every seed."""
    pair = "-".join(sorted(route.split("-")))
    return 1 + ROUTE_SPREAD * (zlib.crc32(pair.encode()) % 2001 / 1000 - 1)


def _within(day: date, first: tuple[int, int], last: tuple[int, int]) -> bool:
    today = (day.month, day.day)
    return first <= today <= last if first <= last else today >= first or today <= last
