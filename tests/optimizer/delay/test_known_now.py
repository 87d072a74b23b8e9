"""Worked out by hand, one flight asking what it sees of the others."""

import pytest

from optimizer.delay.known_now import known_now_features
from optimizer.flights import of_table
from tests.optimizer.made_up import flight, table

ASKS = flight("15:00", carrier="ZZ", number="9")  # at 13:00


def seen(*others: dict[str, object]) -> dict[str, float]:
    found = known_now_features(of_table(table(*others, ASKS)))
    return {name: values[-1] for name, values in found.items()}


def test_nobody_else() -> None:
    assert set(seen().values()) == {0.0}


def test_who_has_left_counts_with_its_delay_and_who_waits_with_its_wait() -> None:
    found = seen(
        flight("12:10", 20, None, number="1"),
        flight("12:30", 45, None, number="2"),  # left at 13:15: at 13:00 it has waited 30 minutes
        flight("12:50", None, None, number="3"),  # will be cancelled: at 13:00 it has waited 10 minutes
    )
    assert found["origin_known_1h"] == 3
    assert found["origin_late_1h"] == pytest.approx((20 + 30 + 10) / 4)
    assert found["origin_late_share_1h"] == pytest.approx(2 / 4)
    assert (found["origin_waiting"], found["origin_waited"]) == (2, 40)
    assert found["origin_left_late_1h"] == pytest.approx(20 / 2)


def test_a_flight_of_later_is_known_once_it_left_early() -> None:
    assert seen(flight("13:05", -8, None))["origin_late_1h"] == pytest.approx(-8 / 2)
    assert seen(flight("13:05", -4, None))["origin_known_1h"] == 0


def test_windows_end_after_their_hours() -> None:
    found = seen(flight("12:00", 10, None, number="1"), flight("10:01", 10, None, number="2"))
    assert (found["origin_known_1h"], found["origin_known_3h"]) == (0, 2)


def test_a_flight_waits_four_hours_at_most_and_counts_two() -> None:
    found = seen(flight("09:00", None, None, number="1"), flight("09:01", None, None, number="2"))
    assert (found["origin_waiting"], found["origin_waited"]) == (1, 120)


def test_landings_of_the_last_three_hours() -> None:
    found = seen(
        flight("09:00", 5, 0, number="1"),  # landed at 10:00, three hours ago
        flight("09:30", 10, 30, number="2"),  # landed at 11:00, 20 minutes of them lost on the way
        flight("12:00", 0, 1, number="3"),  # lands at 13:01
    )
    assert found["origin_landed_late"] == pytest.approx(30 / 2)
    assert found["origin_lost_on_the_way"] == pytest.approx(20 / 2)


def test_groups_are_told_apart() -> None:
    found = seen(
        flight("12:30", 10, None, number="1", carrier="ZZ", origin="EWR", destination="MIA"),
        flight("12:31", 20, None, number="2", carrier="AA", origin="EWR", destination="BOS"),
        flight("12:32", 30, None, number="3", carrier="ZZ", destination="LAX"),
    )
    counts = {group: found[f"{group}_known_{hours}h"] for group, hours in COUNTED.items()}
    assert counts == {"all": 3, "origin": 1, "carrier_here": 1, "destination": 1, "carrier": 2}
    assert found["destination_late_6h"] == pytest.approx(20 / 2)


COUNTED = {"all": 3, "origin": 3, "carrier_here": 6, "destination": 6, "carrier": 6}


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    flights = of_table(table(*(flight(f"{8 + n // 6:02}:{n % 6}0", n, n, number=str(n)) for n in range(60))))
    whole = known_now_features(flights)
    monkeypatch.setattr("optimizer.delay.known_now.BLOCK", 7)
    parts = known_now_features(flights)
    assert all((whole[name] == parts[name]).all() for name in whole)
