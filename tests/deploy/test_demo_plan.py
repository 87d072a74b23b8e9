"""What a demo run asks of its producer."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deploy.demo.plan import DemoPlan
from producers.sources.simulator.incidents import parse_incident
from producers.sources.simulator.source import first_midnight

UNUSED = datetime(2000, 1, 1, tzinfo=UTC)  # only a start like +2h counts from it


def test_the_storm_is_in_the_afternoon_of_mexico_city_and_says_so() -> None:
    (text,) = DemoPlan.of("simulator", None, None, None).incidents
    storm = parse_incident(text, UNUSED)
    assert storm.start_at == datetime(2026, 3, 3, 20, tzinfo=UTC)
    assert storm.start_at.astimezone(ZoneInfo("America/Mexico_City")).hour == 14
    assert "T14:00-06:00" in text, "the offset stands in the text: nobody has to know whose clock is meant"


@pytest.mark.parametrize(
    ("first", "until"),
    [(date(2026, 3, 2), date(2026, 3, 5)), (date(2026, 7, 1), date(2026, 7, 2)), (date(2027, 1, 31), date(2027, 2, 2))],
)
def test_whatever_days_are_simulated_the_storm_is_among_them(first: date, until: date) -> None:
    (text,) = DemoPlan.of("simulator", first, until, None).incidents
    storm = parse_incident(text, UNUSED)
    assert first_midnight(first) <= storm.start_at < storm.end_at <= first_midnight(until)


def test_real_flights_get_no_incident() -> None:
    plan = DemoPlan.of("replay", None, None, None)
    assert plan.incidents == []
    assert "--incident" not in plan.producer_arguments()


def test_the_simulator_is_told_what_to_inject_and_where_to_say_what_it_did(tmp_path: Path) -> None:
    plan = DemoPlan.of("simulator", None, None, None).model_copy(update={"folder": tmp_path})
    words = plan.producer_arguments()
    assert words[words.index("--incident") + 1] == plan.incidents[0]
    assert words[words.index("--injected-file") + 1] == str(tmp_path / "injected.jsonl")
