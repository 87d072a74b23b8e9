"""What stood at an instant: small stars written by hand, live and replayed, with a correction that came later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from warehouse.__main__ import app
from warehouse.as_of import UnknownRouteError, as_of

ROUTE = "JFK-LAX"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TABLES = """
CREATE SCHEMA star;
CREATE TABLE star.fct_route_kpi (
    scope VARCHAR, entity VARCHAR, kpi_window VARCHAR, true_at TIMESTAMP, known_at TIMESTAMP, known_until TIMESTAMP,
    revision BIGINT, ingested_at TIMESTAMP, events BIGINT, flights BIGINT, arrivals_on_time BIGINT
);
CREATE TABLE star.fct_light (
    alert_id VARCHAR, scope VARCHAR, entity VARCHAR, rule VARCHAR, rule_version VARCHAR, true_at TIMESTAMP,
    known_at TIMESTAMP, to_light VARCHAR, kpi VARCHAR, value DOUBLE, lower_bound DOUBLE, upper_bound DOUBLE, n BIGINT,
    usd_per_hour DOUBLE, reason VARCHAR, place VARCHAR, kpi_window VARCHAR, revision BIGINT
);
CREATE TABLE star.dim_rule (rule VARCHAR, rule_version VARCHAR, amber DOUBLE, red DOUBLE);
INSERT INTO star.dim_rule VALUES ('late', '1-a', 80, 70), ('late', '2-b', 85, 75);
"""


class Written:
    """A star of rows an hour apart, each known `behind` its instant; lights a second after their rows."""

    def __init__(self, path: Path, behind: timedelta) -> None:
        self.path, self.behind = path, behind
        self.run(TABLES)

    def run(self, statement: str, given: list[object] | None = None) -> None:
        with duckdb.connect(self.path) as connection:
            connection.execute(statement, given or [])

    def row(self, at: datetime, on_time: int, revision: int = 0, behind: timedelta | None = None) -> None:
        true_at = at.replace(tzinfo=None)
        known_at = true_at + (behind or self.behind)
        statement = "INSERT INTO star.fct_route_kpi VALUES ('route', ?, '24h', ?, ?, NULL, ?, ?, 9, 10, ?)"
        self.run(statement, [ROUTE, true_at, known_at, revision, true_at, on_time])

    def light(
        self, at: datetime, light: str, version: str = "1-a", revision: int = 0, late: timedelta | None = None
    ) -> None:
        true_at = at.replace(tzinfo=None)
        known_at = true_at + (late or self.behind) + timedelta(seconds=1)
        statement = """INSERT INTO star.fct_light VALUES
            (?, 'route', ?, 'late', ?, ?, ?, ?, 'on_time_arrival', 70, 60, 80, 10, 500, 'because', '', '24h', ?)"""
        alert_id = f"{light}-{at:%H}-{revision}"
        self.run(statement, [alert_id, ROUTE, version, true_at, known_at, light, revision])


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


@pytest.fixture(scope="module", params=[timedelta(seconds=2), timedelta(days=3000)], ids=["live", "replay"])
def written(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Written:
    """Only read. Amber at noon by version 1, red at two by version 2; at five a correction says noon was green."""
    one = Written(tmp_path_factory.mktemp("written") / "warehouse.duckdb", request.param)
    for hour in range(8):
        one.row(NOON + hours(hour), 7)
    one.light(NOON, "AMBER")
    one.light(NOON + hours(2), "RED", "2-b")
    late = one.behind + hours(5)
    one.row(NOON, 9, revision=1, behind=late)
    one.light(NOON, "GREEN", revision=1, late=late)
    return one


def test_the_light_of_then_and_the_light_of_now(written: Written) -> None:
    found = as_of(written.path, ROUTE, NOON + timedelta(minutes=30))
    assert found.clock == ("live" if written.behind < hours(1) else "replay")
    assert [(light.light, light.rule_version, light.amber, light.n) for light in found.then.lights] == [
        ("AMBER", "1-a", 80.0, 10)
    ]
    assert [light.light for light in found.now.lights] == ["GREEN"]
    assert [(row["revision"], row["arrivals_on_time"]) for row in found.then.rows] == [(0, 7)]
    assert [(row["revision"], row["arrivals_on_time"]) for row in found.now.rows] == [(1, 9)]
    assert found.differences[0].startswith("late: AMBER then, GREEN as known at ")
    assert "arrivals_on_time 7 -> 9" in found.differences[1]


def test_what_no_later_fact_changed_is_the_same_now(written: Written) -> None:
    found = as_of(written.path, ROUTE, NOON + hours(3.5))
    assert [(light.light, light.rule_version, light.red) for light in found.then.lights] == [("RED", "2-b", 75.0)]
    assert found.then == found.now
    assert found.differences == ()


def test_knowledge_may_be_asked_for(written: Written) -> None:
    """An hour before the correction, and after it."""
    noon_known = NOON + written.behind
    before = as_of(written.path, ROUTE, NOON, known_at=noon_known + hours(4))
    after = as_of(written.path, ROUTE, NOON, known_at=noon_known + hours(5) + timedelta(seconds=2))
    assert [light.light for light in before.then.lights] == ["AMBER"]
    assert [light.light for light in after.then.lights] == ["GREEN"]
    assert after.differences == ()


def test_the_last_instant_of_a_replay_knows_all(tmp_path: Path) -> None:
    one = Written(tmp_path / "warehouse.duckdb", timedelta(days=3000))
    one.row(NOON, 7)
    one.light(NOON, "RED")
    found = as_of(one.path, ROUTE, NOON)
    assert (found.clock, found.cutoff) == ("replay", None)
    assert found.then == found.now


def test_a_light_is_of_its_row_where_the_stream_is_the_clock(tmp_path: Path) -> None:
    """At 20,000 x, the next row is known before the rule has spoken about this one: the light stood all the same."""
    one = Written(tmp_path / "warehouse.duckdb", timedelta(days=3000))
    one.row(NOON, 7)
    one.row(NOON + hours(1), 7, behind=timedelta(days=3000) - hours(1) + timedelta(milliseconds=180))
    one.light(NOON, "RED")
    assert [light.light for light in as_of(one.path, ROUTE, NOON).then.lights] == ["RED"]


def test_what_is_not_there(written: Written) -> None:
    with pytest.raises(UnknownRouteError, match="no route JFK-LAS; near it: JFK-LAX"):
        as_of(written.path, "JFK-LAS", NOON)
    with pytest.raises(LookupError, match="nothing is known of it by 2026-03-01"):
        as_of(written.path, ROUTE, NOON - hours(24))
    with pytest.raises(LookupError, match="no rule early ever turned a light; these did: late"):
        as_of(written.path, ROUTE, NOON, rule="early")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["JFK-LAX", "2026-03-02T12:30"], 0, "AMBER"),
        (["jfk-lax", "2026-03-02T06:30-06:00", "--rule", "late"], 0, "As known now"),
        (["JFK-LAS", "2026-03-02T12:30"], 2, "near it: JFK-LAX"),
        (["JFK-LAX", "noon"], 2, "not an instant like"),
        (["JFK-LAX", "2020-01-01"], 1, "nothing is known"),
        (["JFK-LAX", "2026-03-02T12:30", "--rule", "early"], 2, "these did: late"),
    ],
)
def test_the_command(
    written: Written, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, says: str
) -> None:
    monkeypatch.setenv("SEMAFORO_STAR_PATH", str(written.path))
    result = CliRunner().invoke(app, ["as-of", *arguments], env={"COLUMNS": "200"})
    assert (result.exit_code, says in " ".join(result.output.split())) == (code, True), result.output


def test_without_a_star_the_way_to_one_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMAFORO_STAR_PATH", str(tmp_path / "none.duckdb"))
    result = CliRunner().invoke(app, ["as-of", "JFK-LAX", "2013-02-08"])
    assert result.exit_code == 1
    assert "python -m warehouse star" in result.output
