"""A tail's leg before, as far as it is known two hours before the next: worked out by hand."""

import pytest

from optimizer.delay.rotation import NO_ROTATION, rotation_features
from optimizer.flights import of_table
from tests.optimizer.made_up import flight, table


def said_of_last(*rows: dict[str, object]) -> dict[str, float]:
    return {name: values[-1] for name, values in rotation_features(of_table(table(*rows))).items()}


def test_lateness_that_the_turns_do_not_absorb_carries_over() -> None:
    # Lands 11:00 + 50; nobody has seen it come back, so it needs 60 + 67 of the 240 minutes till 15:00.
    found = said_of_last(flight("10:00", 55, 50), flight("15:00", number="2"))
    assert (found["leg_late"], found["leg_gap"], found["leg_slack"]) == (50, 240, 113)
    assert found["leg_carries_over"] == pytest.approx(50 - 113)
    assert found["leg_progress"] == 2


def test_the_way_back_takes_what_it_took_at_least_the_month_before() -> None:
    # 14 pairs a month earlier: every time landed at 11:00 and gone again at 13:20, 140 minutes, but once 100.
    pairs = [
        each
        for day in range(20)
        for each in (
            flight("10:00", day=day, tail=f"N{day}"),
            flight("13:00", 20 if day else -20, day=day, tail=f"N{day}", number="2", destination="MIA"),
        )
    ]
    assert of_table(table(*pairs)).day.max() // 28 < of_table(table(flight("12:00", day=40))).day[0] // 28
    found = said_of_last(*pairs, flight("10:00", 55, 50, day=40), flight("15:00", day=40, number="2"))
    assert found["leg_slack"] == pytest.approx(240 - 138, abs=3)  # the 5 % quantile of 19 x 140 and a 100


def test_a_leg_on_its_way_is_as_late_as_it_left_and_one_that_waits_as_long_as_it_waited() -> None:
    under_way = said_of_last(flight("12:00", 40, 70), flight("15:00", number="2"))
    waiting = said_of_last(flight("12:00", 61, 70), flight("15:00", number="2"))
    assert (under_way["leg_late"], under_way["leg_progress"], under_way["leg_waited"]) == (40, 1, 0)
    assert (waiting["leg_late"], waiting["leg_progress"], waiting["leg_waited"]) == (60, 0, 60)


def test_a_leg_that_should_leave_later_than_now_is_not_the_one() -> None:
    found = said_of_last(flight("08:00", 30, 30), flight("13:01", 0, 0, number="3"), flight("15:00", number="2"))
    assert found["leg_late"] == 30


@pytest.mark.parametrize(
    "before",
    [
        flight("08:00", 30, 30, tail="N2"),
        flight("08:00", 30, 30, carrier="UA"),
        flight("13:00", 0, 0, block=90),  # lands at 14:30 and needs 157 minutes to be back
    ],
)
def test_another_tail_another_carrier_or_too_far_away_carries_nothing_over(before: dict[str, object]) -> None:
    assert said_of_last(before, flight("15:00", number="2"))["leg_carries_over"] == NO_ROTATION


def test_without_a_tail_a_flight_says_what_the_one_before_on_its_route_said() -> None:
    rows = [flight("08:00", 30, 30), flight("12:00", number="2")]
    cancelled = flight("14:00", None, None, number="3", tail=None)
    assert said_of_last(*rows, cancelled) == said_of_last(*rows)
