"""Aircraft types and what it costs to fly them.

`fleet.csv`: seats are the median of the carriers' published cabins of 2013; range in km with full cabin as
manufacturers publish it; fuel is OpenAP's block fuel (Sun, Hoekstra and Ellerbroek 2020), as a straight line over
500 to 4,000 km, which is within 8 % of it there; types that OpenAP lacks burn as one it has, times a factor from
payload-range figures. A test holds the lines to the table that the replay's fuel comes from.
"""

import csv
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

FLEET: Final = Path(__file__).with_name("fleet.csv")

# Cents a block hour, linear in seats between two of Form 41's groups (MIT Airline Data Project, 2013: small narrow-body
# of about 150 seats, pilots US$ 656 and maintenance US$ 689 an hour, the rest cabin crew and ownership; regional jet of
# about 50 seats a little under half). The same figures as the replay's money is modelled from.
CREW_CENTS_PER_HOUR: Final = 15_000
CREW_CENTS_PER_SEAT_HOUR: Final = 560
MAINTENANCE_CENTS_PER_HOUR: Final = 14_000
MAINTENANCE_CENTS_PER_SEAT_HOUR: Final = 800
AIRPORT_CENTS_PER_DEPARTURE: Final = 60_000
AIRPORT_CENTS_PER_SEAT: Final = 1_500
FUEL_CENTS_PER_KG: Final = 97
"""US carriers paid US$ 2.99 a gallon in 2012 (BTS Form 41 P-12A), a little less in 2013; 3.04 kg a gallon."""
CO2_KG_PER_FUEL_KG: Final = 3.16  # ICAO


class AircraftType(msgspec.Struct, frozen=True):
    """By its ICAO designator; pilots are rated for a `family` (FAA type ratings: 737s, 757s with 767s, A320s …)."""

    designator: str
    family: str
    seats: int
    range_km: int
    fuel_kg_per_departure: int
    fuel_kg_per_km: float

    def fuel_kg(self, distance_km: int) -> float:
        """Block fuel of one flight."""
        return self.fuel_kg_per_departure + self.fuel_kg_per_km * distance_km

    def crew_cents(self, block_minutes: float) -> int:
        """Of so much block time."""
        return round(block_minutes / 60 * (CREW_CENTS_PER_HOUR + CREW_CENTS_PER_SEAT_HOUR * self.seats))

    def maintenance_cents(self, block_minutes: float) -> int:
        """With ownership."""
        return round(block_minutes / 60 * (MAINTENANCE_CENTS_PER_HOUR + MAINTENANCE_CENTS_PER_SEAT_HOUR * self.seats))

    @property
    def airport_cents(self) -> int:
        """Landing, handling and navigation of one departure."""
        return AIRPORT_CENTS_PER_DEPARTURE + AIRPORT_CENTS_PER_SEAT * self.seats


@cache
def fleet() -> dict[str, AircraftType]:
    """Each type by its designator."""
    with FLEET.open(encoding="utf-8", newline="") as file:
        return {row["aircraft_type"]: _read(row) for row in csv.DictReader(file)}


def _read(row: dict[str, str]) -> AircraftType:
    return AircraftType(
        row["aircraft_type"],
        row["family"],
        int(row["seats"]),
        int(row["range_km"]),
        int(row["fuel_kg_per_departure"]),
        float(row["fuel_kg_per_km"]),
    )
