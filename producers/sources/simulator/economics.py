"""Money and fuel of a flight: a model, marked so, calibrated to a network margin of 5 to 10 % of revenue.

Unit costs are round figures of the order that carriers report on BTS Form 41 (schedule P-5.2) per block hour, lower for
crews as in Mexico; assumptions, not measurements. Fares follow distance to the power 0.65, as real fares do.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from producers.airports import airport
from producers.fuel import reference_fuel_kg
from producers.sources.simulator.demand import is_leisure, season_factor
from producers.sources.simulator.incidents import Incident
from producers.sources.simulator.network import TYPES, is_domestic
from producers.sources.simulator.noise import FlightNoise, stream
from producers.sources.simulator.outcome import Cause, Outcome
from producers.sources.simulator.timetable import Leg, instant_of
from schemas.events import MODELLED, USD_PPM, FlightFinance

FUEL_USD_PER_KG: Final = 0.80  # US$ 2.43 a US gallon of 3.04 kg
FUEL_BIAS: Final = 1.01  # real aircraft burn a little over OpenAP's clean model
FUEL_SIGMA: Final = 0.025

# US$ per block hour: crew (flight and cabin), maintenance with ownership.
HOURLY_USD: Final[dict[str, tuple[int, int]]] = {
    "B738": (820, 1450),
    "B38M": (820, 1600),
    "B789": (1900, 3300),
    "E190": (560, 1000),
    "A20N": (640, 1350),
    "A21N": (680, 1500),
}
LANDING_USD_PER_SEAT: Final = 6.5
HANDLING_USD_PER_PASSENGER: Final = {True: 10.0, False: 16.0}  # by whether the flight is domestic
NAVIGATION_USD_PER_SEAT_KM: Final = 0.0021

# Mean fare = factor x (base + slope x km^0.65), US$.
FARE_BASE_USD: Final = 14.0
FARE_SLOPE_USD: Final = 0.71
FARE_POWER: Final = 0.65
FARE_FACTORS: Final = {"AM": 0.975, "5D": 1.03, "Y4": 0.455}
LONG_HAUL_KM: Final = 5000
LONG_HAUL_FARE_FACTOR: Final = 1.62
FARE_SIGMA: Final = 0.06
SEASON_FARE_POWER: Final = 1.0  # fares rise with the season as demand does
ANCILLARY_SHARE: Final = {"AM": 0.09, "5D": 0.07, "Y4": 0.62}  # of the fare; Volaris: about 40 % of revenue
CARGO_USD_PER_TONNE_KM: Final = 0.28

MXN_PER_USD: Final = 18.5
MXN_SIGMA: Final = 0.006  # a day's deviation

# Ley de Aviación Civil, art. 47 Bis, delays and cancellations of the airline's own making, by departure delay:
# from 1 h food or a discount, from 2 h at least 7.5 % of the fare, beyond 4 h the fare back and 25 % on top.
FOOD_USD: Final = 8.0
AIRLINES_OWN: Final[frozenset[Cause]] = frozenset({"carrier"})


def finance(
    outcome: Outcome, passengers: int, cargo_kg: int, noise: FlightNoise, seed: int, incidents: Sequence[Incident]
) -> FlightFinance | None:
    """The flight's money when it closes; None for a cancelled flight that owes nothing."""
    leg = outcome.leg
    fare_usd = mean_fare_usd(leg) * math.exp(FARE_SIGMA * noise.z_fare)
    exposure_usd = compensation_usd(outcome, fare_usd) * passengers
    if outcome.state == "CANCELLED":
        if not exposure_usd:
            return None
        return _record(outcome, seed, compensation_exposure=exposure_usd)
    reference_kg = reference_fuel_kg(leg.aircraft_type, leg.distance_km)
    fuel_kg = round(reference_kg * FUEL_BIAS * (1 + FUEL_SIGMA * noise.z_fuel))
    fuel_kg += outcome.holding_minutes * TYPES[leg.aircraft_type].holding_kg_per_minute
    price = FUEL_USD_PER_KG * fuel_factor(instant_of(leg.departs), incidents)
    crew_usd, upkeep_usd = HOURLY_USD[leg.aircraft_type]
    departed = leg.departs if outcome.departed is None else outcome.departed
    block_hours = (outcome.ends - departed) / 60
    domestic = is_domestic(leg.origin, leg.destination)
    tickets_usd = fare_usd * passengers
    return _record(
        outcome,
        seed,
        ticket_revenue=tickets_usd,
        ancillary_revenue=tickets_usd * ANCILLARY_SHARE[leg.carrier] * math.exp(0.08 * noise.z_ancillary),
        cargo_revenue=cargo_kg / 1000 * leg.distance_km * CARGO_USD_PER_TONNE_KM,
        fuel_cost=fuel_kg * price,
        crew_cost=crew_usd * block_hours * (1 + 0.03 * noise.z_crew),
        maintenance_cost=upkeep_usd * block_hours * math.exp(0.06 * noise.z_maintenance),
        airport_cost=LANDING_USD_PER_SEAT * leg.seats
        + HANDLING_USD_PER_PASSENGER[domestic] * passengers
        + NAVIGATION_USD_PER_SEAT_KM * leg.seats * leg.distance_km,
        compensation_exposure=exposure_usd,
        fuel_kg=fuel_kg,
        fuel_reference_kg=reference_kg,
    )


def mean_fare_usd(leg: Leg) -> float:
    """Mean fare sold on a flight, one way, before luck."""
    fare = FARE_BASE_USD + FARE_SLOPE_USD * leg.distance_km**FARE_POWER
    if leg.distance_km > LONG_HAUL_KM:
        fare *= LONG_HAUL_FARE_FACTOR
    day = instant_of(leg.departs).astimezone(airport(leg.origin).zone).date()
    season = season_factor(day, is_leisure(leg.origin, leg.destination))
    return float(fare * FARE_FACTORS[leg.carrier] * season**SEASON_FARE_POWER)


def compensation_usd(outcome: Outcome, fare_usd: float) -> float:
    """What the law makes the airline owe each passenger; nothing for causes that are not its own."""
    if outcome.root_cause not in AIRLINES_OWN:
        return 0.0
    delay_minutes = outcome.departure_delay_minutes
    if outcome.state == "CANCELLED" or delay_minutes > 240:
        return 1.25 * fare_usd
    if delay_minutes > 120:
        return FOOD_USD + 0.075 * fare_usd
    return FOOD_USD if delay_minutes >= 60 else 0.0


def fuel_factor(instant: datetime, incidents: Sequence[Incident]) -> float:
    """Injected factor on the fuel price at an instant."""
    return math.prod(each.magnitude for each in incidents if each.kind == "fuel" and each.holds_at(instant))


@cache
def usd_per_mxn_ppm(day_number: int, seed: int) -> int:
    """The day's rate, US$ per peso in millionths."""
    deviation = float(stream(seed, "mxn", day_number).standard_normal())
    return round(USD_PPM / (MXN_PER_USD * (1 + MXN_SIGMA * deviation)))


def _record(
    outcome: Outcome, seed: int, *, fuel_kg: int = 0, fuel_reference_kg: int = 0, **amounts_usd: float
) -> FlightFinance:
    leg = outcome.leg
    closed_at = instant_of(outcome.ends)
    if is_domestic(leg.origin, leg.destination):
        currency, ppm = "MXN", usd_per_mxn_ppm(closed_at.astimezone(UTC).toordinal(), seed)
    else:
        currency, ppm = "USD", USD_PPM
    amounts: dict[str, Any] = {f"{name}_minor": round(usd * 100 * USD_PPM / ppm) for name, usd in amounts_usd.items()}
    return FlightFinance(
        event_id=f"sim{seed}:{leg.flight_id}:finance",
        event_at=closed_at,
        source=MODELLED,
        **leg.identity(),
        currency=currency,
        usd_per_unit_ppm=ppm,
        fuel_kg=fuel_kg,
        fuel_reference_kg=fuel_reference_kg,
        **amounts,
    )
