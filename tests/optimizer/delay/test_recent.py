import math

import numpy as np
import pytest

from optimizer.delay.recent import Said, corrected
from optimizer.flights import Flights, of_table
from tests.optimizer.made_up import flight, table


def days_of(late: list[int], days: int) -> Flights:
    """A hundred flights a day that are so many minutes late, by turns."""
    rows = [
        flight(f"{10 + n // 20:02}:{n % 20 * 3:02}", late[n % len(late)], late[n % len(late)], day=day, number=str(n))
        for day in range(days)
        for n in range(100)
    ]
    return of_table(table(*rows))


def always(flights: Flights, chance: float, low: float, middle: float, high: float) -> Said:
    return Said(*(np.full(len(flights), float(value)) for value in (chance, low, middle, high)))


def test_what_was_said_too_high_comes_down_and_not_at_once() -> None:
    flights = days_of([0, 0, 0, 0, 20], 12)  # a fifth are disrupted
    chance = corrected(always(flights, 0.4, 0, 0, 0), flights).chance
    assert set(chance[:500]) == {0.4}  # four days, 400 flights, are too few to say
    # The last day looks back at 1,100 flights; the shift s of the log odds solves 1100 (0.2 - p) = 340 s.
    shift = math.log(chance[-1] / (1 - chance[-1])) - math.log(0.4 / 0.6)
    assert 1100 * (0.2 - chance[-1]) == pytest.approx(340 * shift)
    assert 0.2 < chance[-1] < chance[500] < 0.4


def test_quantiles_come_to_hold_what_they_should() -> None:
    flights = days_of(list(range(0, 100, 10)), 20)
    found = corrected(always(flights, 0.5, 30, 45, 60), flights)
    assert found.low[-1] == pytest.approx(9, abs=1)  # a tenth of 0, 10 … 90 lies below
    assert found.middle[-1] == pytest.approx(45, abs=1)
    assert found.high[-1] == pytest.approx(81, abs=1)


def test_quantiles_stay_in_order() -> None:
    flights = days_of([0, 1, 50], 10)
    found = corrected(always(flights, 0.5, 10, 0, 5), flights)
    assert (found.low <= found.middle).all()
    assert (found.middle <= found.high).all()
