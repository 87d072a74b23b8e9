"""Zones, positions and distances, against published figures."""

from datetime import UTC, datetime

import pytest

from producers.airports import ZONE_CORRECTIONS, UnknownAirportError, airport, great_circle_km


@pytest.mark.parametrize(
    ("origin", "destination", "published_km"),
    [
        ("JFK", "LHR", 5540),  # 2,991 nautical miles
        ("JFK", "LAX", 3983),  # 2,475 statute miles, BTS
        ("MEX", "MAD", 9063),
        ("SYD", "SCL", 11340),  # across the date line
    ],
)
def test_distance_is_the_published_great_circle_within_half_a_percent(
    origin: str, destination: str, published_km: int
) -> None:
    assert great_circle_km(origin, destination) == pytest.approx(published_km, rel=0.005)
    assert great_circle_km(destination, origin) == great_circle_km(origin, destination)


@pytest.mark.parametrize(
    ("code", "january_hours", "july_hours"),
    [
        ("MEX", -6, -6),  # no summer time since October 2022
        ("CUN", -5, -5),
        ("HMO", -7, -7),
        ("TIJ", -8, -7),  # the border follows the United States
        ("CJS", -7, -6),
        ("NLD", -6, -5),
        ("CUU", -6, -6),  # not Mazatlan's clock, as airportsdata has it
        ("SJD", -7, -7),
    ],
)
def test_mexican_clocks_of_2026(code: str, january_hours: int, july_hours: int) -> None:
    for month, hours in ((1, january_hours), (7, july_hours)):
        offset = datetime(2026, month, 15, 12, tzinfo=UTC).astimezone(airport(code).zone).utcoffset()
        assert offset is not None
        assert offset.total_seconds() / 3600 == hours


def test_every_correction_names_an_airport_and_a_zone_of_its_own() -> None:
    for code, zone in ZONE_CORRECTIONS.items():
        assert str(airport(code).zone) == zone
        assert airport(code).country == "MX"


def test_unknown_code_is_named() -> None:
    with pytest.raises(UnknownAirportError, match="'XXQ'"):
        airport("XXQ")
