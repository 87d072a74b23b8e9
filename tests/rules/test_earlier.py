"""What an airport was like two hours before."""

from datetime import timedelta

from rules.earlier import Earlier
from schemas.rows import KpiRow
from tests.rules.making import HOUR, MINUTE, START


def row(after: timedelta, entity: str = "JFK") -> KpiRow:
    return KpiRow("airport", entity, "3h", START + after, 0, START + after, 1, ())


def test_the_newest_of_the_last_quarter_that_was_over_two_hours_before_else_itself() -> None:
    """START is a full hour. At 179 it is 59 two hours before, and 45 was the end of the last quarter: 50 is too new;
    at 180 it ends. At 355 what is left of 170 is three hours and more away."""
    earlier, found = Earlier(), []
    for minutes in (0, 50, 119, 120, 170, 179, 180, 355):
        earlier.than(row(minutes * MINUTE, "LGA"))
        found.append((earlier.than(row(minutes * MINUTE)).at - START) // MINUTE)
    assert found == [0, 50, 119, 0, 0, 0, 50, 180]


def test_airports_have_nothing_of_each_other() -> None:
    earlier = Earlier()
    assert earlier.than(row(0 * HOUR)) == row(0 * HOUR)
    assert earlier.than(row(9 * HOUR, "LGA")) == row(9 * HOUR, "LGA")
