"""Fuel carried from where it is cheap to where it is dear, for the flight after the next one."""

from typing import Final, NamedTuple

from optimizer.airline.fleet import CO2_KG_PER_FUEL_KG, AircraftType

BURNT_PER_1000_KM: Final = 0.04
"""Of each kg carried on top, what carrying it burns: 2.5 to 4.5 % an hour in Eurocontrol's study of tankering
(2019)."""
MOST_SHARE: Final = 1.0
"""Of the next flight's fuel; tanks and landing weight allow that on short and medium flights."""
LONGEST_KM: Final = 2_500


class Tankering(NamedTuple):
    """How much to carry on top of what the flight needs, what that saves in all, and the CO2 that it costs."""

    carried_kg: float
    saved_cents: int
    co2_kg: float


def tankering(
    kind: AircraftType, distance_km: int, next_km: int, here_cents_per_kg: float, there_cents_per_kg: float
) -> Tankering | None:
    """None if it is not worth it, or the flight is longer than LONGEST_KM."""
    burnt = BURNT_PER_1000_KM * distance_km / 1000
    left_share = 1 - burnt
    if distance_km > LONGEST_KM or left_share * there_cents_per_kg <= here_cents_per_kg:
        return None
    wanted_kg = MOST_SHARE * kind.fuel_kg(next_km)
    carried_kg = wanted_kg / left_share
    saved = wanted_kg * there_cents_per_kg - carried_kg * here_cents_per_kg
    return Tankering(carried_kg, round(saved), burnt * carried_kg * CO2_KG_PER_FUEL_KG)
