"""`python -m alerts` on real tables: what stands, what was said, and why."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from alerts.__main__ import app
from alerts.items import log_sk
from lambdas.sweeper import handler as sweep
from lambdas.sweeper import worker
from tests.alerts.samples import catalog, row, rule
from tests.integration.alert_desk import AlertDesk, short_trouble, trouble

pytestmark = pytest.mark.integration

Run = Callable[..., Result]


@pytest.fixture
def run(desk: AlertDesk, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command in the stage's environment."""
    for name, value in desk.environment().items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(app, arguments)


def json_lines(result: Result) -> list[Any]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_nothing_yet(run: Run) -> None:
    """First in the file: the tables are empty."""
    assert "no lights yet" in run("lights").stdout
    assert "no alerts yet" in run("list").stdout
    assert run("lights", "--json").stdout == ""


def test_lights_are_listed_worst_first(run: Run, desk: AlertDesk, route: str) -> None:
    known = catalog(rule(), rule(id="margin", kpi_name="margin", min_n=1))
    amber = row(0, 7, entity=route, ticket_revenue=100_000, fuel_cost=99_000, modelled_money=1)
    desk.worker(rules=known).semaforo.process([[amber]])
    rows = json_lines(run("lights", "--route", route, "--json"))
    # A margin of 1 % is below every threshold of the test rule (80 and 70).
    assert [(r["rule"], r["light"], r["value"], r["modelled"]) for r in rows] == [
        ("margin", "RED", 1.0, True),
        ("late", "AMBER", 70.0, False),
    ]
    text = run("lights", "--route", route).stdout
    assert text.index("RED") < text.index("AMBER")
    assert "1.0 % (n 10) modelled" in text


def test_green_lights_show_when_asked_for(run: Run, desk: AlertDesk, route: str) -> None:
    desk.process(row(0, 9, entity=route))
    assert "nothing to show" in run("lights", "--route", route).stdout
    assert [r["light"] for r in json_lines(run("lights", "--route", route, "--all", "--json"))] == ["GREEN"]
    assert [r["light"] for r in json_lines(run("lights", "--route", route, "--light", "GREEN", "--json"))] == ["GREEN"]


def test_alerts_are_listed_newest_first_with_what_became_of_them(run: Run, desk: AlertDesk, route: str) -> None:
    desk.process(*trouble(route))
    rows = json_lines(run("list", "--route", route, "--json"))
    assert sorted((r["light"], r["status"]) for r in rows) == [("AMBER", "sent"), ("GREEN", "sent"), ("RED", "sent")]
    assert [r["light"] for r in json_lines(run("list", "--route", route, "--light", "RED", "--json"))] == ["RED"]
    assert len(json_lines(run("list", "--limit", "2", "--json"))) == 2
    assert "no such alerts" in run("list", "--route", "XXX-YYY").stdout
    assert rows[0]["alert_id"] in run("list").stdout


def test_an_alert_is_explained_by_its_id(run: Run, desk: AlertDesk, route: str) -> None:
    desk.process(*trouble(route))
    red = next(e for e in desk.log(route) if e.transition.to_light == "RED")
    text = run("explain", red.alert_id).stdout
    for expected in (
        f"RED {route} Late arrivals (was AMBER)",
        "arrivals_on_time / flights = 6 / 10, x 100",
        "amber below 80 %, red below 70 %; amber ends at 85, red at 75",
        "GREY to GREEN",
        "GREEN to AMBER",
        "in trouble since 2013-02-08 12:10:00 UTC (10m)",
        "send: worsening to RED",
        "sent: published",
        "told        operations, published",
    ):
        assert expected in text
    (as_json,) = json_lines(run("explain", red.alert_id, "--json"))
    assert as_json["alert_id"] == red.alert_id


def test_the_lights_of_a_route_are_explained_at_any_instant(run: Run, desk: AlertDesk, route: str) -> None:
    desk.process(*trouble(route))
    at = {minute: run("explain", "--route", route, "--at", f"2013-02-08T12:{minute}") for minute in ("15", "20", "45")}
    assert f"AMBER {route}" in at["15"].stdout
    assert f"RED {route}" in at["20"].stdout, "the transition at the very instant is in"
    assert f"GREEN {route}" in at["45"].stdout
    assert "US$ 0" in at["45"].stdout
    assert "no light had changed yet" in run("explain", "--route", route, "--at", "2013-02-08T11:59Z").stdout
    same_instant = run("explain", "--route", route, "--at", "2013-02-08T07:20-05:00")
    assert f"RED {route}" in same_instant.stdout


def test_who_was_not_told_and_why(run: Run, desk: AlertDesk, route: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A live stage: the transitions of 2013 are logged and held."""
    live = desk.settings.model_copy(update={"alert_age_limit_minutes": 60})
    monkeypatch.setattr(desk, "settings", live)
    outcome = desk.worker().semaforo.process([short_trouble(route)])
    assert (outcome.sent, outcome.decisions) == (0, {"log": 1, "hold": 2})
    assert not desk.sent_to_subscriber(route)
    rows = json_lines(run("list", "--route", route, "--json"))
    assert {r["status"] for r in rows} == {"held"}
    text = run("explain", rows[0]["alert_id"]).stdout
    assert "hold: recovery from RED, but" in text or "hold: alarm: RED, but" in text
    assert "told        nobody:" in text
    assert desk.sweep().found == 0


def test_an_alert_that_left_the_outbox_is_still_explained(run: Run, desk: AlertDesk, route: str) -> None:
    desk.process(*short_trouble(route))
    entry = desk.log(route)[1]
    desk.dynamodb.delete_item(TableName=desk.settings.outbox_table, Key={"alert_id": {"S": entry.alert_id}})
    assert f"RED {route}" in run("explain", entry.alert_id).stdout
    assert log_sk(entry.transition).startswith("2013-02-08T12:10")


def test_an_unknown_id_is_said_so(run: Run) -> None:
    result = run("explain", "0" * 24)
    assert result.exit_code == 1
    assert "no alert 0000" in result.output


@pytest.mark.parametrize("arguments", [[], ["x", "--route", "JFK-LAX"], ["--route", "JFK-LAX", "--at", "yesterday"]])
def test_bad_usage(run: Run, arguments: list[str]) -> None:
    assert run("explain", *arguments).exit_code == 2


def test_the_sweepers_function_finds_nothing_to_do(
    run: Run, desk: AlertDesk, route: str, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.process(*short_trouble(route))
    worker.cache_clear()
    assert sweep({}, None) == {"found": 0, "sent": 0, "failed": 0, "said": 0}
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["sweep_found"] == 0
