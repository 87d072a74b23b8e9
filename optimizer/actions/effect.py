"""What a plan for a day comes to, and what an action changes of it: money by term, punctuality, passengers, CO2."""

from functools import cache
from typing import NamedTuple

import numpy as np

from optimizer.actions.day_plan import DayPlan
from optimizer.airline.fleet import CO2_KG_PER_FUEL_KG, fleet
from optimizer.airline.passengers_2013 import missed_share
from optimizer.airline.prices import LATE_MINUTES, TERMS, Prices
from optimizer.day.simulate import Simulated
from optimizer.flights import Floats


class Totals(NamedTuple):
    """Of each sample: `cents` of each of TERMS in order (positive is a cost), on-time arrivals, flights operated,
    passengers who miss a connection, passengers without a seat, kg of CO2; and how many legs there are."""

    cents: Floats
    on_time: Floats
    operated: Floats
    misconnected: Floats
    spilled: Floats
    co2_kg: Floats
    legs: int

    @property
    def cost_cents(self) -> Floats:
        """Of each sample."""
        found: Floats = self.cents.sum(axis=0)
        return found


def totals(plan: DayPlan, played: Simulated, prices: Prices) -> Totals:
    """Of all legs, as a timetable priced leg by leg would come to. Crews are paid whether they fly or not, but for
    minutes that nobody planned; fares are paid back if a leg is cancelled or diverted."""
    departure, arrival = played.departure.astype(np.float64), played.arrival.astype(np.float64)
    left, landed = ~np.isnan(departure), ~np.isnan(arrival)
    kinds = _Kinds.of(plan)
    # Minutes that only the timetable has are flown by nobody.
    minutes = (plan.arrives - plan.departs) - plan.padded_minutes
    seats = plan.seats
    on_board = np.minimum(plan.passengers, seats)
    behind = plan.passengers - on_board
    fuel_kg: Floats = kinds.departure_kg + kinds.km_kg * plan.distance_km
    upkeep_minute = kinds.maintenance_hour / 60
    late = np.nan_to_num(arrival)
    beyond = np.minimum(late, prices.longest_minutes) - LATE_MINUTES
    each_late = prices.late_at_once_cents + prices.late_cents_per_passenger_minute * beyond
    late_cents = np.where(landed & (late >= LATE_MINUTES), each_late, 0.0)
    missed: Floats = np.where(landed, missed_share(late), 1.0) * plan.changing[:, None]
    stranded = (~landed).astype(np.float64)
    spill_cents = behind * ((1 - prices.rebooked_share) * plan.fare_cents + prices.cancelled_passenger_cents)
    refunds = prices.lost_fares_share * plan.passengers * plan.fare_cents

    def over(values: Floats) -> Floats:
        found: Floats = values.sum(axis=0)
        return found

    flown = left.astype(np.float64)
    by_term = {
        "fuel": over(flown * (fuel_kg * prices.fuel_cents_per_kg)[:, None]),
        "crew": over(np.nan_to_num(np.maximum(departure, 0)) * kinds.crew_minute[:, None])
        + float((kinds.crew_minute * np.maximum(plan.padded_minutes, 0)).sum()),
        # Half of an hour's upkeep is ownership: paid for longer days of aircraft too, as another flight could have it.
        "maintenance": over(flown * (prices.flown_maintenance_share * upkeep_minute * minutes)[:, None])
        + float(((1 - prices.flown_maintenance_share) * upkeep_minute * np.maximum(plan.bound_minutes, 0)).sum()),
        "airport": over(flown * kinds.airport[:, None]),
        "passengers": over(
            late_cents * on_board[:, None] + stranded * (prices.cancelled_passenger_cents * plan.passengers)[:, None]
        ),
        "spill": over(flown * spill_cents[:, None]),
        # Who is stranded is paid for already.
        "misconnections": over(np.where(landed, missed, 0.0) * float(prices.misconnected_cents)),
        "fares": over(stranded * refunds[:, None]),
        "handling": np.full(
            departure.shape[1],
            float(plan.swapped.sum() * prices.swapped_cents + (plan.least > 0).sum() * prices.retimed_cents),
        ),
    }
    return Totals(
        cents=np.stack([by_term[name] for name in TERMS]),
        on_time=over((landed & (late < LATE_MINUTES)).astype(np.float64)),
        operated=over(landed.astype(np.float64)),
        misconnected=over(missed),
        spilled=over(flown * behind[:, None]),
        co2_kg=over(flown * fuel_kg[:, None]) * CO2_KG_PER_FUEL_KG,
        legs=len(plan),
    )


class _Kinds(NamedTuple):
    """Of each leg's type: kg of a departure and of a km, cents of crews a minute, of upkeep an hour, of an airport."""

    departure_kg: Floats
    km_kg: Floats
    crew_minute: Floats
    maintenance_hour: Floats
    airport: Floats

    @classmethod
    def of(cls, plan: DayPlan) -> "_Kinds":
        return cls(*np.array([_of_kind(one) for one in plan.designator], np.float64).T)


@cache
def _of_kind(designator: str) -> tuple[float, float, float, float, float]:
    kind = fleet()[designator]
    fuel = float(kind.fuel_kg_per_departure), kind.fuel_kg_per_km
    return *fuel, kind.crew_cents(60) / 60, float(kind.maintenance_cents(60)), float(kind.airport_cents)


class Interval(NamedTuple):
    """A mean, and between what it lies with 95 %, by the spread of the samples."""

    mean: float
    low: float
    high: float


def interval(values: Floats) -> Interval:
    """Of one value or more."""
    mean = float(values.mean())
    half = 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else float("inf")
    return Interval(mean, mean - half, mean + half)


class Effect(NamedTuple):
    """What an action changes against doing nothing, with the same luck: `margin_usd`, points of A14 and of completion
    over all the carrier's legs of the day, misconnected and spilled passengers, kg of CO2; and its costs by term,
    US$."""

    margin_usd: Interval
    a14_points: Interval
    completion_points: Interval
    misconnected: Interval
    spilled: Interval
    co2_kg: Interval
    terms_usd: dict[str, float]


def effect(nothing: Totals, done: Totals) -> Effect:
    """The difference of two plans that shared their luck."""
    change = done.cents - nothing.cents
    return Effect(
        margin_usd=interval(-change.sum(axis=0) / 100),
        a14_points=interval(100 * (done.on_time - nothing.on_time) / nothing.legs),
        completion_points=interval(100 * (done.operated - nothing.operated) / nothing.legs),
        misconnected=interval(done.misconnected - nothing.misconnected),
        spilled=interval(done.spilled - nothing.spilled),
        co2_kg=interval(done.co2_kg - nothing.co2_kg),
        terms_usd={name: float(change[row].mean()) / 100 for row, name in enumerate(TERMS)},
    )
