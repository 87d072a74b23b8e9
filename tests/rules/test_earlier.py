"""What an airport was like two hours before."""

from datetime import timedelta

from rules.earlier import Earlier
from schemas.rows import KpiRow
from tests.rules.making import HOUR, MINUTE, START


def row(after: timedelta, entity: str = "JFK") -> KpiRow:
    return KpiRow("airport", entity, "3h", START + after, 0, START + after, 1, ())


def test_the_newest_that_is_two_hours_older_else_the_first() -> None:
    earlier, found = Earlier(), []
    for minutes in (0, 50, 119, 120, 169, 170, 600):
        earlier.than(row(minutes * MINUTE, "LGA"))
        found.append((earlier.than(row(minutes * MINUTE)).at - START) // MINUTE)
    assert found == [0, 0, 0, 0, 0, 50, 170]


def test_airports_have_nothing_of_each_other() -> None:
    earlier = Earlier()
    assert earlier.than(row(0 * HOUR)) == row(0 * HOUR)
    assert earlier.than(row(9 * HOUR, "LGA")) == row(9 * HOUR, "LGA")
