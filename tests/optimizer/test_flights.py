import numpy as np
import pytest

from optimizer.flights import NEVER, of_table
from tests.optimizer.made_up import flight, table


def test_when_what_is_known() -> None:
    flights = of_table(
        table(
            flight("10:00", 20, 15, number="late"),
            flight("11:00", None, None, number="cancelled"),
            flight("12:00", 5, None, number="diverted"),
            flight("13:00", 400, 400, number="very late"),
        )
    )
    begin = flights.departs[0]
    assert (flights.at - begin).tolist() == [-120, -60, 0, 60]
    # Landed 11:15; six hours after 12:00, 13:00 and 14:00, also the one that lands at 20:40.
    assert (flights.closed - begin).tolist() == [75, 8 * 60, 9 * 60, 10 * 60]
    assert flights.disrupted.tolist() == [True] * 4
    assert flights.departed[1] == NEVER
    assert np.isnan(flights.arrival_delay_minutes).tolist() == [False, True, True, False]


def test_fifteen_minutes_are_late_and_fourteen_are_not() -> None:
    flights = of_table(table(flight("10:00", 0, 14, number="1"), flight("10:01", 0, 15, number="2")))
    assert flights.disrupted.tolist() == [False, True]


def test_order_of_rows_does_not_matter() -> None:
    rows = [flight("12:00", number="2"), flight("10:00", number="1")]
    assert of_table(table(*rows)).table.equals(of_table(table(*reversed(rows))).table)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ValueError, match="arrived_at, tail"):
        of_table(table(flight("10:00")).drop("tail", "arrived_at"))
