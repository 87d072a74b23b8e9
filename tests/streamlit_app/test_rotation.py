"""Where aircraft come from, and what is expected for that."""

from datetime import UTC, datetime, timedelta
from typing import Any

from streamlit_app.readers.flights import SeenFlight
from streamlit_app.rotation import rotations_of, with_tails

AT = datetime(2013, 2, 8, 12, tzinfo=UTC)


def flight(flight_id: str, out: int, ends: str = "JFK-LAX", minutes: int = 60, **fields: Any) -> SeenFlight:
    """Scheduled so many minutes after 12:00; 150 seats, so 45 minutes on the ground at least."""
    origin, destination = ends.split("-")
    given: dict[str, Any] = {
        "carrier": "B6", "number": flight_id, "state": "SCHEDULED", "tail": "N1", "origin": origin,
        "destination": destination, "scheduled_departure_at": AT + timedelta(minutes=out),
        "scheduled_arrival_at": AT + timedelta(minutes=out + minutes), "seats": 150,
    }  # fmt: skip
    return SeenFlight(flight_id=flight_id, **{**given, **fields})


def test_a_late_aircraft_makes_its_next_flight_late() -> None:
    """It left Boston an hour late at 12:00, lands at 13:00 and can leave at 13:45: 35 minutes after 13:10."""
    coming = flight("1", -60, "BOS-JFK", state="DEPARTED", actual_departure_at=AT)
    (found,) = rotations_of([flight("2", 70)], [coming], AT)
    assert [leg.flight_id for leg in found.legs] == ["1"]
    assert found.expected == timedelta(minutes=35)


def test_what_happened_later_is_not_known_yet() -> None:
    """A replay that ran ahead has it: it landed early, at 12:30. At 12:00 nobody knew."""
    landed = flight(
        "1", -60, "BOS-JFK", state="ARRIVED", actual_departure_at=AT, actual_arrival_at=AT + timedelta(minutes=30)
    )
    (found,) = rotations_of([flight("2", 70)], [landed], AT)
    assert found.expected == timedelta(minutes=35)


def test_nothing_is_expected_of_what_left_does_not_fly_or_comes_from_nowhere() -> None:
    before = flight("1", -60, "BOS-JFK")
    left = flight("2", 30, state="DEPARTED", actual_departure_at=AT)
    cancelled = flight("3", 40, state="CANCELLED")
    alone = flight("4", 50, tail="N2")
    found = rotations_of([left, cancelled, alone], [before], AT)
    assert [one.expected for one in found] == [None, None, None]
    assert [len(one.legs) for one in found] == [1, 2, 0], "a leg that does not fly brings no aircraft"


def test_legs_of_the_day_before_and_of_others_are_left_out() -> None:
    night = flight("1", -19 * 60, "BOS-JFK")
    other = flight("2", -60, "BOS-JFK", tail="N2")
    (found,) = rotations_of([flight("3", 0)], [night, other], AT)
    assert found.legs == ()


def test_flights_without_a_known_aircraft_have_no_rotation() -> None:
    assert with_tails([flight("1", 0, tail=None)]) == []
