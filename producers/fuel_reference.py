"""Fuel a type should burn over a distance, from OpenAP's drag and engine models; writes `fuel_reference.csv`.

    python -m producers.fuel_reference

Importing OpenAP takes 3 s of CPU (it brings pandas and SciPy), so the figures are kept as a table of 15 distances,
which `producers/fuel.py` reads and interpolates; a test computes them again.
"""

import csv
import io
import warnings
from pathlib import Path
from typing import Any, Final

TABLE: Final = Path(__file__).with_suffix(".csv")
DISTANCES_KM: Final = (0, 150, 300, 500, 750, 1000, 1500, 2000, 3000, 4000, 5000, 6500, 8000, 10000, 12000)
# The airliners OpenAP models, and those for which it names a near relative (CRJ-200 by the ERJ-145, MD-11 by the 777).
TYPES: Final = (
    *("A19N", "A20N", "A21N", "A306", "A310", "A318", "A319", "A320", "A321", "A332", "A333", "A343", "A359", "A388"),
    *("B37M", "B38M", "B39M", "B733", "B734", "B735", "B737", "B738", "B739", "B744", "B748", "B752", "B762", "B763"),
    *("B772", "B773", "B77L", "B77W", "B788", "B789", "CRJ2", "CRJ9", "E145", "E170", "E190", "E195", "E75L", "MD11"),
)

PASSENGER_WITH_BAGS_KG: Final = 100  # IATA's planning figure for a passenger with bags
LOAD_FACTOR: Final = 0.83  # IATA, world, 2025: 83.7 %
TAXI_MINUTES: Final = 15  # EUROCONTROL and BTS: about 15 min out and in together at medium airports, engines idle
RESERVE_MINUTES: Final = 45  # of idle-to-cruise flow carried and landed with; FAR 121.639
CLIMB_STEP_FT: Final = 2000.0
CRUISE_STEPS: Final = 10


def reference_fuel_kg(aircraft_type: str, distance_km: float) -> float:
    """Block fuel of one flight: taxi at idle, climb in 2,000 ft steps, cruise with the mass falling, descent.

    Type is an ICAO designator of TYPES. 0 km is what taxi, take-off and landing burn (extrapolated from 150 and 300).
    """
    if distance_km < DISTANCES_KM[1]:
        near, far = (reference_fuel_kg(aircraft_type, km) for km in DISTANCES_KM[1:3])
        return near + (distance_km - DISTANCES_KM[1]) * (far - near) / (DISTANCES_KM[2] - DISTANCES_KM[1])
    profile = _Profile(aircraft_type, distance_km)
    fuel_kg = 3.0 * distance_km
    for _ in range(4):  # fuel carried depends on fuel burnt: converges to under 0.1 % in three rounds
        fuel_kg = profile.burn(fuel_kg)
    return fuel_kg


class _Profile:
    """One flight of one type: heights and speeds, to be flown with different take-off masses."""

    def __init__(self, aircraft_type: str, distance_km: float) -> None:
        from openap import FuelFlow, aero, prop

        self.aero = aero
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # "using synonym": wanted
            self.flow = FuelFlow(aircraft_type.lower(), use_synonym=True)
            self.aircraft: dict[str, Any] = prop.aircraft(aircraft_type.lower(), use_synonym=True)
        self.distance_m = distance_km * 1000
        self.idle_kg_s = self.flow.engine["ff_idl"] * self.aircraft["engine"]["number"]
        # Short sectors do not reach the ceiling: about FL205 at 300 km and FL360 at 1,000.
        self.top_ft = min(self.aircraft["cruise"]["height"] / aero.ft, 14_000 + 22 * distance_km)
        steps = int(self.top_ft // CLIMB_STEP_FT)
        self.levels_ft = [CLIMB_STEP_FT * (step + 0.5) for step in range(steps)]

    def speed_m_s(self, level_ft: float) -> float:
        """True airspeed: 250 kt below 10,000 ft, 290 kt above, never more than the cruise Mach number."""
        calibrated = (250 if level_ft < 10_000 else 290) * self.aero.kts
        limit = self.aero.mach2tas(self.aircraft["cruise"]["mach"], level_ft * self.aero.ft)
        return float(min(self.aero.cas2tas(calibrated, level_ft * self.aero.ft), limit))

    def burn(self, fuel_kg: float) -> float:
        """Block fuel in kg when this much trip fuel is loaded."""
        reserve_kg = RESERVE_MINUTES * 60 * self.idle_kg_s * 3
        payload_kg = self.aircraft["pax"]["max"] * LOAD_FACTOR * PASSENGER_WITH_BAGS_KG
        mass_kg = min(self.aircraft["oew"] + payload_kg + 1.05 * fuel_kg + reserve_kg, self.aircraft["mtow"])
        burnt_kg = self.idle_kg_s * TAXI_MINUTES * 60
        flown_m = 0.0
        for level_ft in self.levels_ft:
            climb_fpm = 2400 if level_ft < 10_000 else 2000 if level_ft < 25_000 else 1300
            seconds = CLIMB_STEP_FT / climb_fpm * 60
            step_kg = self._kg_s(mass_kg, level_ft, climb_fpm) * seconds
            mass_kg, burnt_kg = mass_kg - step_kg, burnt_kg + step_kg
            flown_m += self.speed_m_s(level_ft) * seconds
        down_seconds = CLIMB_STEP_FT / 1800 * 60
        cruise_m = max(0.0, self.distance_m - flown_m - sum(map(self.speed_m_s, self.levels_ft)) * down_seconds)
        for _ in range(CRUISE_STEPS):
            seconds = cruise_m / CRUISE_STEPS / self.speed_m_s(self.top_ft)
            step_kg = self._kg_s(mass_kg, self.top_ft, 0) * seconds
            mass_kg, burnt_kg = mass_kg - step_kg, burnt_kg + step_kg
        for level_ft in reversed(self.levels_ft):
            burnt_kg += max(self._kg_s(mass_kg, level_ft, -1800), self.idle_kg_s) * down_seconds
        return float(burnt_kg)

    def _kg_s(self, mass_kg: float, level_ft: float, climb_fpm: float) -> float:
        speed_kt = self.speed_m_s(level_ft) / self.aero.kts
        return float(self.flow.enroute(mass=mass_kg, tas=speed_kt, alt=level_ft, vs=climb_fpm))


def table_text() -> str:
    """The table as CSV: one row per type, one column per distance, whole kilograms."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["aircraft_type", *DISTANCES_KM])
    for aircraft_type in TYPES:
        writer.writerow([aircraft_type, *(round(reference_fuel_kg(aircraft_type, km)) for km in DISTANCES_KM)])
    return text.getvalue()


if __name__ == "__main__":
    TABLE.write_text(table_text(), encoding="utf-8")
    print(f"wrote {TABLE}")
