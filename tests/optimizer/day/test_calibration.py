import numpy as np
import pytest

from optimizer.day.calibration import calibrations, distance
from optimizer.day.plan import planned
from optimizer.day.simulate import Simulated, simulate
from optimizer.flights import of_table
from tests.optimizer.made_up import season


def test_a_shift_is_as_far_as_it_is_long_and_nothing_is_no_number() -> None:
    real = np.array([0.0, 1.0, 2.0, np.nan])
    assert list(distance(real, real + 10.0)) == pytest.approx([10.0, 1.0])
    assert list(distance(real, np.array([0.0, 1.0, 2.0]))) == [0.0, 0.0]
    # A third of the flights 30 minutes later: 10 minutes apart on average, and a third of them beyond 2 minutes.
    assert list(distance(real, np.array([0.0, 1.0, 32.0]))) == pytest.approx([10.0, 1 / 3])


def test_airports_are_compared_with_their_own_flights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.day.calibration.LEAST_FLIGHTS", 50)
    flights = of_table(season(35, seed=2)[0])
    plan = planned(flights)
    chosen, simulated = simulate(flights, plan, np.unique(flights.day)[-5:], samples=10, seed=1)
    found = calibrations(flights, plan, chosen, simulated)
    assert [one.airport for one in found] == ["EWR", "JFK", "BOS", "LAX", "MIA"]
    assert sum(one.flights for one in found if one.end == "origin") == 5 * 45
    late = flights.arrival_delay_minutes[chosen][(flights.table["origin"].gather(chosen) == "JFK").to_numpy()]
    assert found[1].late[0] == pytest.approx(np.nanmean(late))
    assert found[1].disrupted[0] == pytest.approx((np.isnan(late) | (late >= 15)).mean())


def test_what_really_was_is_at_no_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.day.calibration.LEAST_FLIGHTS", 50)
    flights = of_table(season(20, seed=2)[0])
    late = flights.arrival_delay_minutes[:, None].astype(np.float32)
    found = calibrations(flights, planned(flights), np.arange(len(flights)), Simulated(late, late, 0 * late))
    assert {tuple(one.arrival) for one in found} == {(0.0, 0.0)}
