"""Airports: zone, position and distance, from airportsdata (28,000 airports, their IANA zones)."""

import math
from datetime import tzinfo
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import airportsdata
import msgspec

# IUGG mean radius; the great circle on a sphere is within 0.5 % of the ellipsoid.
EARTH_RADIUS_KM: Final = 6371.0088

# airportsdata 20260905 still files these under a neighbour's zone. The IANA zones of October 2022, when Mexico gave up
# summer time: Chihuahua stays at UTC-6, and the towns on the border follow the clock of the United States.
ZONE_CORRECTIONS: Final[dict[str, str]] = {
    "CUU": "America/Chihuahua",
    "CJS": "America/Ciudad_Juarez",
    "REX": "America/Matamoros",
    "MAM": "America/Matamoros",
    "NLD": "America/Matamoros",
    "PDS": "America/Matamoros",
}


class UnknownAirportError(ValueError):
    """An IATA code that airportsdata does not have."""


class Airport(msgspec.Struct, frozen=True):
    """One airport; `zone` is its IANA zone, for local times."""

    iata: str
    name: str
    country: str
    latitude_deg: float
    longitude_deg: float
    elevation_ft: float
    zone: tzinfo


@cache
def airport(iata: str) -> Airport:
    """The airport with this IATA code. Raises UnknownAirportError."""
    row = _table().get(iata)
    if row is None:
        raise UnknownAirportError(f"no airport has the IATA code {iata!r}")
    zone = ZoneInfo(ZONE_CORRECTIONS.get(iata, row["tz"]))
    return Airport(iata, row["name"], row["country"], row["lat"], row["lon"], row["elevation"], zone)


@cache
def great_circle_km(origin: str, destination: str) -> int:
    """Whole kilometres of the great circle between two airports. Raises UnknownAirportError."""
    a, b = airport(origin), airport(destination)
    phi_a, phi_b = math.radians(a.latitude_deg), math.radians(b.latitude_deg)
    half_phi = (phi_b - phi_a) / 2
    half_lambda = math.radians(b.longitude_deg - a.longitude_deg) / 2
    chord = math.sin(half_phi) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(half_lambda) ** 2
    return round(2 * EARTH_RADIUS_KM * math.asin(math.sqrt(chord)))


@cache
def _table() -> dict[str, airportsdata.Airport]:
    return airportsdata.load("IATA")
