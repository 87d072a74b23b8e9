"""What can be decided about a week's timetable, and what binds it. Money is US$ cents a week."""

from typing import Final

import msgspec

from optimizer.airline.demand import FREQUENCY_ELASTICITY, SPREAD, Demand
from optimizer.airline.fleet import fleet
from optimizer.airline.prices import Prices, Terms

DAILY: Final = 7
"""Flights are added, cut and given another gauge by whole daily ones."""


class Timetable(msgspec.Struct, frozen=True):
    """Flights a week by type, in the order of types, none with 0; `pad_minutes` are added to the block time that is
    published (or taken off)."""

    flights: tuple[tuple[str, int], ...]
    pad_minutes: int = 0

    @property
    def per_week(self) -> int:
        """All flights."""
        return sum(count for _, count in self.flights)


class Market(msgspec.Struct, frozen=True):
    """A route, one way; aircraft come back the same way. `week_passengers` want to fly at `fare_cents` with the
    flights of `current`. `late_cents` is what one passenger's lateness costs on average for each pad that may be
    chosen, from how late its flights really were."""

    route: str
    origin: str
    distance_km: int
    block_minutes: int
    week_passengers: float
    fare_cents: int
    current: Timetable
    late_cents: tuple[tuple[int, int], ...]
    may_suspend: bool = False
    fixed: bool = False
    """It keeps its timetable."""


class TypeHours(msgspec.Struct, frozen=True):
    """What the aircraft of a type can do in a week, with turnarounds."""

    designator: str
    minutes_per_week: int


class AirportSlots(msgspec.Struct, frozen=True):
    """Departures a week that may be planned from an airport."""

    airport: str
    departures_per_week: int


class PlanningProblem(msgspec.Struct, frozen=True):
    """Each market keeps its timetable or takes one that differs by a move or two; hours, slots and crews are shared."""

    markets: tuple[Market, ...]
    hours: tuple[TypeHours, ...]
    slots: tuple[AirportSlots, ...] = ()
    crew_minutes_per_week: int | None = None
    turnaround_minutes: int = 50
    prices: Prices = Prices()
    spread: float = SPREAD
    demand_factor: float = 1.0
    most_changed: int | None = None
    """Markets that may get another timetable at once; people and stations take only so many."""


class Planned(msgspec.Struct, frozen=True):
    """What a market gets."""

    route: str
    timetable: Timetable


def may_fly(market: Market, designator: str) -> bool:
    """Within its range, or because it does so now."""
    flown = {kind for kind, _ in market.current.flights}
    return designator in flown or fleet()[designator].range_km >= market.distance_km


def round_trip_minutes(problem: PlanningProblem, market: Market, pad_minutes: int) -> int:
    """What a flight and its way back take of an aircraft."""
    return 2 * (market.block_minutes + pad_minutes + problem.turnaround_minutes)


def crew_minutes(market: Market, pad_minutes: int) -> int:
    """What a flight and its way back take of crews."""
    return 2 * (market.block_minutes + pad_minutes)


def week_terms(problem: PlanningProblem, market: Market, timetable: Timetable) -> Terms:
    """What a week of it costs, fares as negative costs: those of everyone who wants to fly, less the ones of who
    finds no seat (`spill`). Both ways: the way back carries as many."""
    if not timetable.per_week:
        return Terms()
    found = Terms()
    late = dict(market.late_cents)[timetable.pad_minutes]
    drawn = (timetable.per_week / market.current.per_week) ** FREQUENCY_ELASTICITY
    mean = problem.demand_factor * market.week_passengers * drawn / timetable.per_week
    demand = Demand(mean, problem.spread * mean, market.fare_cents)
    for designator, flights in timetable.flights:
        kind, both = fleet()[designator], 2 * flights
        spilled = demand.spilled(kind.seats)
        # A pad is paid for; where block times are trimmed, crews are paid for what they fly, which is the longer one.
        paid = market.block_minutes + max(timetable.pad_minutes, 0)
        found += Terms(
            fuel=round(both * kind.fuel_kg(market.distance_km) * problem.prices.fuel_cents_per_kg),
            crew=both * kind.crew_cents(paid),
            maintenance=both * kind.maintenance_cents(market.block_minutes),
            airport=both * kind.airport_cents,
            passengers=round(both * (mean - spilled) * late),
            spill=round(both * spilled * market.fare_cents),
            fares=-round(both * mean * market.fare_cents),
        )
    return found
