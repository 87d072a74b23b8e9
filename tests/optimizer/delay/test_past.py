"""Shares of ends that were known, worked out by hand."""

import pytest

from optimizer.delay.past import past_features
from optimizer.flights import of_table
from tests.optimizer.made_up import flight, table


def said_of_last(*rows: dict[str, object]) -> dict[str, float]:
    found = past_features(of_table(table(*rows)))
    return {name: values[-1] for name, values in found.items()}


def test_an_end_counts_from_the_minute_it_is_known() -> None:
    asks = flight("15:00", day=1)  # at 13:00
    known = said_of_last(flight("11:30", 60, 30, day=1, number="7"), asks)  # landed at 13:00, 30 minutes late
    unknown = said_of_last(flight("11:30", 60, 31, day=1, number="7"), asks)
    assert known["past_all_day"] == pytest.approx(6 / 21)
    assert known["past_all_day_late"] == pytest.approx((30 + 50) / 21)
    assert unknown["past_all_day"] == pytest.approx(5 / 20)


def test_a_cancellation_is_known_six_hours_after_the_scheduled_arrival() -> None:
    cancelled = flight("05:59", None, None, tail=None, number="7")
    assert said_of_last(cancelled, flight("14:59", day=0))["past_all_day"] == pytest.approx(6 / 21)
    assert said_of_last(cancelled, flight("14:58", day=0))["past_all_day"] == pytest.approx(5 / 20)


def test_a_flight_that_lands_later_than_that_counts_as_disrupted_at_the_same_minute() -> None:
    late = flight("05:59", 600, 600, number="7")
    cancelled = flight("05:59", None, None, number="7")
    asks = flight("15:30")
    assert said_of_last(late, asks) == said_of_last(cancelled, asks)


def test_a_day_is_over_after_24_hours() -> None:
    ended = flight("12:00", 0, 0, number="7")  # known at 13:00
    assert said_of_last(ended, flight("14:59", day=1))["past_all_day"] == pytest.approx(5 / 21)
    assert said_of_last(ended, flight("15:00", day=1))["past_all_day"] == pytest.approx(5 / 20)


def test_a_group_is_drawn_towards_all_flights() -> None:
    # Of the last day: ZZ one of one disrupted, all one of two. All: (1 + 5) / (2 + 20).
    rows = [flight("09:00", 60, 60, carrier="ZZ"), flight("09:10", 0, 0, carrier="AA"), flight("15:00", carrier="ZZ")]
    everyone = 6 / 22
    assert said_of_last(*rows)["past_carrier_day"] == pytest.approx((1 + 30 * everyone) / (1 + 30))


def test_minutes_lost_on_the_way_are_of_those_that_landed() -> None:
    # Left 10 late, landed 22 late: 12 lost. Cancelled: none. All: 12 of 2 + 20; its route: drawn to that by ten.
    rows = [
        flight("06:00", 10, 22, number="7"),
        flight("05:00", None, None, number="8", destination="MIA"),
        flight("15:00", number="9"),
    ]
    found = said_of_last(*rows)
    assert found["past_all_day_lost"] == pytest.approx(12 / 22)
    assert found["past_destination_day_lost"] == pytest.approx((12 + 10 * 12 / 22) / 11)
