"""What is said of rules: their tests with their result, and what is in force where."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from rules.load import CATALOG_FOLDER, load_file
from schemas.rows import KpiRow
from streamlit_app.rule_facts import in_force, outcomes_of, passed, settings_of
from streamlit_app.rule_words import evidence_needed, unit_text
from streamlit_app.words import speech
from tests.alerts.samples import row

DEPARTURES = load_file(CATALOG_FOLDER / "on_time_departure.toml")


def test_the_tests_of_a_shipped_rule_pass() -> None:
    results = outcomes_of(DEPARTURES)
    assert passed(results) == (3, 3)
    assert results[0].name == "15, 8, 18, 22 of 24 on time: amber, red, amber, green"
    assert results[0].columns == ("departures", "departures_on_time")
    assert results[0].rows[1] == ("1h", "24", "23", "GREEN")


def test_one_that_fails_says_what_happened_and_leaves_the_others(tmp_path: Path) -> None:
    text = DEPARTURES.path.read_text(encoding="utf-8").replace('["13h", 24, 18, "AMBER"]', '["13h", 24, 18, "nothing"]')
    (tmp_path / "on_time_departure.toml").write_text(text, encoding="utf-8")
    results = outcomes_of(load_file(tmp_path / "on_time_departure.toml"))
    assert passed(results) == (2, 3)
    assert "expected nothing, got AMBER" in results[0].problems[0]


def test_malformed_tests_are_not_run(tmp_path: Path) -> None:
    text = DEPARTURES.path.read_text(encoding="utf-8").replace('"0m", 12', '"0x", 12')
    (tmp_path / "on_time_departure.toml").write_text(text, encoding="utf-8")
    (only,) = outcomes_of(load_file(tmp_path / "on_time_departure.toml"))
    assert "not a duration" in only.problems[0]


def on(day: datetime) -> dict[str, KpiRow]:
    return {"24h": msgspec.structs.replace(row(0, 9, entity="JFK-LAX"), at=day)}


@pytest.mark.parametrize(
    ("day", "where", "amber"),
    [(datetime(2013, 2, 8, tzinfo=UTC), "", 77), (datetime(2013, 7, 20, tzinfo=UTC), "summer", 72)],
)
def test_the_override_in_force_is_that_of_the_row(day: datetime, where: str, amber: float) -> None:
    here = in_force(DEPARTURES.rule, on(day))  # type: ignore[arg-type]
    assert here is not None
    assert (here.where, here.thresholds.amber) == (where, amber)


def test_a_rule_of_another_window_is_in_force_for_nothing() -> None:
    assert in_force(load_file(CATALOG_FOLDER / "margin.toml").rule, {"24h": row(0, 9)}) is None


def test_what_decides_is_said_with_its_unit() -> None:
    said = dict(settings_of(DEPARTURES.rule, speech("en")))
    assert said["amber"] == "77 %, left at 79"
    assert said["for (must last)"] == "1h"
    assert said["confidence"] == "95 %"
    assert said["evidence needed"] == "5 departures"


def test_units_and_what_is_counted_are_in_the_readers_words() -> None:
    empty_seats, nps = (load_file(CATALOG_FOLDER / f"{name}.toml").rule for name in ("load_factor", "nps"))
    assert evidence_needed(nps, speech("es")) == "30 respuestas"
    assert unit_text(nps, speech("es")) == "puntos"
    assert unit_text(empty_seats, speech("es")) == "% más allá de Ocupación de equilibrio"
    assert unit_text(empty_seats, speech("en")) == "% beyond Break-even load factor"
    assert speech("es").reason("airport MEX, summer, 2500 to 20000 km") == "aeropuerto MEX, verano, 2500 a 20000 km"
