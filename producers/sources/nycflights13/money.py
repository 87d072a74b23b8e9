"""Money and fuel of the 2013 flights, US$ cents: modelled from published fares and costs, none of it is accounting.

Every flight that was flown earns and costs; a cancelled one does neither (refunds and idle crews are not modelled).
Compensation exposure is zero: no US law made an airline pay for a delay or a cancellation in 2013 (14 CFR 250 covers
denied boarding only).
"""

import math
from datetime import timedelta
from functools import cache
from typing import Final

import msgspec
import numpy as np
import polars as pl

from producers.fuel import reference_fuel_kg
from producers.sources.nycflights13.dataset import read_fares
from producers.sources.nycflights13.luck import Luck

# Revenue. Fares: mean one-way fares of 1,149 US routes in 2000 (US DOT fare report), by distance, carried to 2013 with
# BTS's average domestic fare (US$ 339 -> 382), less what is not the airline's (7.5 % tax, segment, security and
# airport fees: 15 % of a typical fare).
FARE_YEAR: Final = 2000
FARE_GROWTH: Final = 382 / 339
NET_OF_TAX: Final = 0.85
ROUTE_FARE_SPREAD: Final = 0.20  # between routes of one distance; the regression's residual is 0.33 over all US routes
FLIGHT_FARE_SPREAD: Final = 0.10
# Fees for bags, changes, seats: US$ 6 thousand million of bag and change fees (BTS 2012) and as much of other extras
# over 740 million passengers.
ANCILLARY_CENTS: Final = 1_600
ANCILLARY_SPREAD: Final = 0.25
CARGO_CENTS_PER_TONNE_KM: Final = 60  # about US$ 0.90 a ton-mile

# Fuel. US carriers paid US$ 2.99 a gallon in 2012 (BTS Form 41 P-12A) and a little less in 2013; 3.04 kg a gallon.
FUEL_CENTS_PER_KG: Final = 97
FUEL_SPREAD: Final = 0.03
BLOCK_FUEL_SHARE: Final = 0.5  # a minute of block time more burns about half a cruise minute: taxi, holding, low speed
DIVERSION_FUEL: Final = 1.25
# Types that OpenAP does not model burn as one it does, times a factor from their manufacturers' payload-range figures.
STAND_INS: Final[dict[str, tuple[str, float]]] = {
    "B712": ("A319", 0.90),
    "B753": ("B752", 1.08),
    "B764": ("B763", 1.07),
    "CRJ7": ("CRJ9", 0.90),
    "DC95": ("B738", 1.15),
    "E135": ("E145", 0.93),
    "E140": ("E145", 0.97),
    "MD82": ("B738", 1.20),
    "MD88": ("B738", 1.20),
    "MD90": ("B738", 1.05),
}

# Costs a block hour, linear in seats between two of Form 41's groups (MIT Airline Data Project, 2013: small narrow-body
# of about 150 seats, pilots US$ 656 and maintenance US$ 689 an hour, the rest cabin crew and ownership; regional jet of
# about 50 seats, a little under half).
CREW_CENTS_PER_HOUR: Final = 15_000
CREW_CENTS_PER_SEAT_HOUR: Final = 560
MAINTENANCE_CENTS_PER_HOUR: Final = 14_000
MAINTENANCE_CENTS_PER_SEAT_HOUR: Final = 800
# Landing, handling, navigation, terminal: a departure, a seat and a passenger; selling: a share of the ticket
# (commissions, cards, distribution). The split is assumed, and set so that the year's margin comes out at the 7 % of US
# passenger airlines in 2013.
AIRPORT_CENTS_PER_DEPARTURE: Final = 60_000
AIRPORT_CENTS_PER_SEAT: Final = 1_500
AIRPORT_CENTS_PER_PASSENGER: Final = 2_600
SELLING_SHARE: Final = 0.06

KM_PER_MILE: Final = 1.609344


class Money(msgspec.Struct, frozen=True):
    """One flight's accounts in US$ cents, and its fuel."""

    ticket_revenue: int
    ancillary_revenue: int
    cargo_revenue: int
    fuel_cost: int
    crew_cost: int
    maintenance_cost: int
    airport_cost: int
    fuel_kg: int
    fuel_reference_kg: int


class Flown(msgspec.Struct, frozen=True, kw_only=True):
    """What the money of a flown flight depends on."""

    aircraft_type: str
    seats: int
    passengers: int
    cargo_kg: int
    miles: int
    scheduled: timedelta
    block: timedelta
    diverted: bool


def money(flown: Flown, route: Luck, flight: Luck) -> Money:
    """The accounts of a flown flight, given the luck of its route and its own."""
    distance_km = round(flown.miles * KM_PER_MILE)
    fare_cents = 100 * fare_dollars(flown.miles) * _spread(ROUTE_FARE_SPREAD, route.z_fare)
    fare_cents *= _spread(FLIGHT_FARE_SPREAD, flight.z_fare)
    extras_cents = ANCILLARY_CENTS * _spread(ANCILLARY_SPREAD, flight.z_ancillary)
    reference_kg = expected_fuel_kg(flown.aircraft_type, distance_km)
    longer = 1 + BLOCK_FUEL_SHARE * (flown.block / flown.scheduled - 1)
    fuel_kg = reference_kg * longer * _spread(FUEL_SPREAD, flight.z_fuel) * (DIVERSION_FUEL if flown.diverted else 1)
    block_hours = flown.block / timedelta(hours=1)
    ticket_revenue = round(flown.passengers * fare_cents)
    airport = AIRPORT_CENTS_PER_DEPARTURE + AIRPORT_CENTS_PER_SEAT * flown.seats
    airport += AIRPORT_CENTS_PER_PASSENGER * flown.passengers + round(SELLING_SHARE * ticket_revenue)
    return Money(
        ticket_revenue=ticket_revenue,
        ancillary_revenue=round(flown.passengers * extras_cents),
        cargo_revenue=round(flown.cargo_kg / 1000 * distance_km * CARGO_CENTS_PER_TONNE_KM),
        fuel_cost=round(fuel_kg * FUEL_CENTS_PER_KG),
        crew_cost=round(block_hours * (CREW_CENTS_PER_HOUR + CREW_CENTS_PER_SEAT_HOUR * flown.seats)),
        maintenance_cost=round(
            block_hours * (MAINTENANCE_CENTS_PER_HOUR + MAINTENANCE_CENTS_PER_SEAT_HOUR * flown.seats)
        ),
        airport_cost=airport,
        fuel_kg=round(fuel_kg),
        fuel_reference_kg=round(reference_kg),
    )


@cache
def fare_dollars(miles: int) -> float:
    """The airline's part of a mean one-way fare over so many miles, in US$ of 2013."""
    constant, slope, curve = fare_curve()
    log_miles = math.log(miles)
    return math.exp(constant + slope * log_miles + curve * log_miles**2) * FARE_GROWTH * NET_OF_TAX


@cache
def fare_curve() -> tuple[float, float, float]:
    """log(fare) = a + b log(miles) + c log(miles)^2, least squares weighted by passengers.

    Rounded to six digits, so that no linear algebra library decides about a cent.
    """
    fares = read_fares().filter(pl.col("year") == FARE_YEAR)
    log_miles, weight = np.log(fares["miles"].to_numpy()), np.sqrt(fares["passengers"].to_numpy())
    terms = np.stack([np.ones_like(log_miles), log_miles, log_miles**2], axis=1)
    curve, *_ = np.linalg.lstsq(terms * weight[:, None], np.log(fares["fare"].to_numpy()) * weight, rcond=None)
    constant, slope, bend = (round(float(value), 6) for value in curve)
    return constant, slope, bend


def expected_fuel_kg(aircraft_type: str, distance_km: int) -> float:
    """Fuel the type should burn, by OpenAP or by the stand-in of a type that it lacks."""
    modelled, factor = STAND_INS.get(aircraft_type, (aircraft_type, 1.0))
    return reference_fuel_kg(modelled, distance_km) * factor


def _spread(deviation: float, z: float) -> float:
    """A log-normal factor with mean 1."""
    return math.exp(deviation * z - deviation**2 / 2)
