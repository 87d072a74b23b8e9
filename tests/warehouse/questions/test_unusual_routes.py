"""What is unusual about a route, worked out by hand: eight Fridays and the ninth."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.star_2013 import empty_star, insert
from warehouse.answer import Span, ask
from warehouse.questions import question

FRIDAY = date(2013, 6, 7)


def unusual(folder: Path, minutes: Sequence[int], today: int, flights: int = 4, *lights: str) -> list[dict[str, Any]]:
    """So many minutes late on average on the Fridays before, the last first, and today."""
    with empty_star(folder / "star.duckdb") as star:
        for weeks, late in enumerate((today, *minutes)):
            for number in range(flights):
                insert(star, "fct_flight", {
                    "flight_id": f"{weeks}-{number}", "route": "JFK-LAX",
                    "flight_date": FRIDAY - timedelta(weeks=weeks),
                    "is_closed": True, "is_cancelled": False, "is_diverted": False, "departure_delay_minutes": late,
                    "actual_departure_at": datetime(2013, 6, 7, 12),  # noqa: DTZ001 - the star's instants
                })  # fmt: skip
        for light in lights:
            insert(star, "fct_light", {
                "scope": "route", "entity": "JFK-LAX", "to_light": light, "true_at": datetime(2013, 6, 6, 12),  # noqa: DTZ001
            })  # fmt: skip
        return ask(star, question("unusual_routes"), Span(FRIDAY, FRIDAY + timedelta(days=1))).rows(named=True)


def test_a_route_that_leaves_late_for_once(tmp_path: Path) -> None:
    """Usually 9 minutes, today 99: ln 100 - ln 10 = 2.303, over 0.5 that a few flights make by chance: 4.6."""
    (said,) = unusual(tmp_path, [9] * 8, 99)
    assert (said["figure"], said["value_of_day"], said["usual_value"]) == ("mean_departure_delay_minutes", 99, 9)
    assert said["deviations_away"] == pytest.approx(4.605, abs=0.001)
    assert (said["weekdays"], said["flights"], said["money_modelled_flights"]) == (8, 4, 0)


@pytest.mark.parametrize(
    ("minutes", "today", "flights", "lights", "why"),
    [
        ([0, 99, 0, 60, 9, 150, 1, 30], 99, 4, (), "it is so now and then: 1.48 MAD of the logarithms is 2.2"),
        ([9] * 3, 99, 4, (), "three Fridays say nothing"),
        ([9] * 8, 99, 2, (), "two flights are late by chance"),
        ([9] * 8, 40, 4, (), "four times as late: 2.8 deviations"),
        ([9] * 8, 99, 4, ("AMBER",), "a light shows it"),
    ],
)
def test_nothing_is_said_where_nothing_is_known(
    tmp_path: Path, minutes: list[int], today: int, flights: int, lights: tuple[str, ...], why: str
) -> None:
    assert unusual(tmp_path, minutes, today, flights, *lights) == [], why


def test_a_green_light_shows_nothing(tmp_path: Path) -> None:
    assert len(unusual(tmp_path, [9] * 8, 99, 4, "GREEN")) == 1
