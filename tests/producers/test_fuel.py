"""The fuel table: interpolation by hand, and the table against OpenAP computed anew."""

import csv

import pytest

from producers.fuel import TABLE, UnknownTypeError, fuel_types, reference_fuel_kg
from producers.fuel_reference import DISTANCES_KM, TYPES
from producers.fuel_reference import reference_fuel_kg as openap_fuel_kg


def test_between_two_distances_it_is_linear() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["aircraft_type"] == "B738")
    at_1000, at_1500 = int(row["1000"]), int(row["1500"])
    assert reference_fuel_kg("B738", 1000) == at_1000
    assert reference_fuel_kg("B738", 1250) == round((at_1000 + at_1500) / 2)
    assert reference_fuel_kg("B738", 1500) == at_1500


def test_beyond_the_last_distance_the_last_slope_goes_on() -> None:
    slope = (reference_fuel_kg("B789", 12_000) - reference_fuel_kg("B789", 10_000)) / 2000
    assert reference_fuel_kg("B789", 13_000) == pytest.approx(reference_fuel_kg("B789", 12_000) + 1000 * slope, abs=1)


def test_more_distance_burns_more_for_every_type() -> None:
    assert fuel_types() == TYPES
    for aircraft_type in fuel_types():
        burnt = [reference_fuel_kg(aircraft_type, km) for km in range(0, 12_001, 250)]
        assert burnt == sorted(burnt)
        assert burnt[0] > 0


def test_unknown_type_is_named() -> None:
    with pytest.raises(UnknownTypeError, match="'ZZZZ'"):
        reference_fuel_kg("ZZZZ", 1000)


@pytest.mark.parametrize(("aircraft_type", "distance_km"), [("B738", 1284), ("E190", 620), ("B789", 9060)])
def test_the_table_is_openap_within_one_percent(aircraft_type: str, distance_km: int) -> None:
    assert distance_km not in DISTANCES_KM
    assert reference_fuel_kg(aircraft_type, distance_km) == pytest.approx(
        openap_fuel_kg(aircraft_type, distance_km), rel=0.01
    )
