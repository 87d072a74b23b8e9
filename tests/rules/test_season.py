from datetime import UTC, datetime, timedelta, timezone

import pytest

from rules.season import season_at


@pytest.mark.parametrize(
    ("day", "season"),
    [
        ("03-24", None), ("03-25", "spring"), ("04-10", "spring"), ("04-11", None),
        ("07-14", None), ("07-15", "summer"), ("08-15", "summer"), ("08-16", None),
        ("12-14", None), ("12-15", "winter"), ("12-31", "winter"), ("01-01", "winter"), ("01-15", "winter"),
        ("01-16", None), ("02-28", None), ("10-01", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("hours", [0, 12, 23.99])
def test_first_and_last_day_belong_to_it(day: str, hours: float, season: str | None) -> None:
    assert season_at(datetime.fromisoformat(f"2026-{day}T00:00+00:00") + timedelta(hours=hours)) == season


def test_the_date_is_utcs() -> None:
    evening_in_mexico_city = datetime(2026, 7, 14, 20, tzinfo=timezone(timedelta(hours=-6)))
    assert season_at(evening_in_mexico_city.astimezone(UTC)) == "summer"
