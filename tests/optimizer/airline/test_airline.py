"""Figures of the model against the data and the formulas that they are said to come from."""

import numpy as np
import pytest

from optimizer.airline.demand import FARE_ELASTICITY, Demand, demand_of_load, fare_cents
from optimizer.airline.fleet import fleet
from optimizer.airline.prices import Prices, Terms
from optimizer.airline.tankering import tankering
from producers.sources.nycflights13.dataset import read_fares
from producers.sources.nycflights13.money import expected_fuel_kg, fare_dollars


@pytest.mark.parametrize("designator", sorted(fleet()))
def test_fuel_is_openaps_within_8_percent(designator: str) -> None:
    for km in (500, 1000, 2000, 3000, 4000):
        assert fleet()[designator].fuel_kg(km) == pytest.approx(expected_fuel_kg(designator, km), rel=0.08)


def test_costs_of_an_hour() -> None:
    # 150 seats: 150 + 5.60 x 150 = US$ 990 for crews, 140 + 8 x 150 = 1,340 for maintenance; 600 + 15 x 150 to depart.
    a320 = fleet()["A320"]
    assert (a320.crew_cents(60), a320.maintenance_cents(60), a320.airport_cents) == (99_000, 134_000, 285_000)


def test_the_elasticity_is_what_published_fares_say() -> None:
    fares = read_fares()
    routes = len(fares) // 4

    def within(name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        values = np.log(fares[name].to_numpy()).reshape(routes, 4)
        centred: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = (
            values - values.mean(1, keepdims=True) - values.mean(0, keepdims=True) + values.mean()
        )
        return centred

    fare, passengers = within("fare"), within("passengers")
    assert (fare * passengers).sum() / (fare**2).sum() == pytest.approx(FARE_ELASTICITY, abs=0.001)
    assert fare_cents(1000 * 1.609344) == pytest.approx(100 * fare_dollars(1000), abs=1)


def test_spill_is_that_of_a_normal_demand() -> None:
    demand = Demand(100, 30, 20_000)
    # As many seats as the mean: 30 x 0.39894 are left standing; by draws, for others.
    assert demand.spilled(100) == pytest.approx(11.968, abs=0.001)
    drawn = np.random.default_rng(1).normal(100, 30, 1_000_000)
    for seats in (70, 130):
        assert demand.spilled(seats) == pytest.approx(np.maximum(drawn - seats, 0).mean(), abs=0.1)
    assert Demand(100, 0, 1).spilled(90) == 10
    assert demand_of_load(150, 0.83, 1).carried(150) == pytest.approx(0.83 * 150)


def test_a_tenth_dearer_is_a_tenth_fewer() -> None:
    dearer = Demand(100, 30, 20_000).at_fare(22_000)
    assert dearer.fare_cents == 22_000
    assert dearer.mean_passengers == pytest.approx(100 * 1.1**-1.155)
    assert dearer.mean_passengers / dearer.spread_passengers == pytest.approx(100 / 30)


def test_late_passengers() -> None:
    prices = Prices()
    # 14 minutes nobody minds; at 15 US$ 3; an hour 3 + 45 x 0.30; five hours and more 3 + 285 x 0.30.
    assert [prices.late_cents(minutes) for minutes in (14, 15, 60, 300, 900)] == [0, 300, 1650, 8850, 8850]


def test_terms_add_up() -> None:
    assert (Terms(fuel=3, spill=2) - Terms(fuel=1) + Terms(fares=-1)) == Terms(fuel=2, spill=2, fares=-1)
    assert Terms(fuel=2, spill=2, fares=-1).total == 3


def test_tankering_pays_where_the_difference_is_larger_than_what_carrying_burns() -> None:
    a320 = fleet()["A320"]
    # 1,000 km burn 4 % of what is carried: 96 of 100 kg arrive, so fuel must be 4.2 % dearer there.
    assert tankering(a320, 1000, 1000, 100, 104) is None
    found = tankering(a320, 1000, 1000, 100, 150)
    assert found is not None
    needed = a320.fuel_kg(1000)
    assert found.carried_kg == pytest.approx(needed / 0.96)
    assert found.saved_cents == pytest.approx(needed * 150 - needed / 0.96 * 100, abs=1)
    assert found.co2_kg == pytest.approx(3.16 * 0.04 * needed / 0.96)
    assert tankering(a320, 4000, 1000, 100, 200) is None
