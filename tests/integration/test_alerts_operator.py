"""The operator's commands on real tables: what they change, what they say, how they end."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from alerts.__main__ import app
from tests.alerts.samples import row
from tests.integration.alert_desk import AlertDesk, now

pytestmark = pytest.mark.integration

Run = Callable[..., Result]


@pytest.fixture
def run(desk: AlertDesk, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command in the stage's environment."""
    for name, value in desk.environment().items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(app, arguments)


def lines(result: Result) -> list[Any]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def red(desk: AlertDesk, route: str) -> str:
    """A route that turned red just now; the id of its alert."""
    desk.process(row(0, 9, entity=route), row(10, 4, entity=route))
    return desk.log(route)[-1].alert_id


@pytest.mark.parametrize("by_id", [True, False], ids=["by the alert's id", "by the route"])
def test_ack_stands_in_the_log_with_who_and_why(run: Run, desk: AlertDesk, route: str, by_id: bool) -> None:
    alert_id = red(desk, route)
    target = [alert_id] if by_id else ["--route", route.lower()]
    (said,) = lines(run("ack", *target, "--by", "ana", "-m", "on it", "--json"))
    assert said == {"acknowledged": f"route#{route}", "rule": "late", "light": "RED", "by": "ana"}
    assert desk.log(route)[-1].decisions[-1][1:] == ("acknowledged", "by ana: on it")
    assert "acknowledged: by ana: on it" in run("explain", alert_id).stdout


def test_an_alarm_that_is_over_cannot_be_acknowledged(run: Run, desk: AlertDesk, route: str) -> None:
    alert_id = red(desk, route)
    desk.process(row(20, 9, entity=route))
    for target in ([alert_id], ["--route", route], ["0" * 24]):
        result = run("ack", *target)
        assert result.exit_code == 1
        assert "no alarm stands there" in result.output


def test_snooze_is_a_silence_of_that_light(run: Run, desk: AlertDesk, route: str) -> None:
    alert_id = red(desk, route)
    (made,) = lines(run("snooze", alert_id, "--for", "2h", "--by", "ana", "--json"))
    assert made["snooze"] is True
    assert made["match"]["route"] == [route]
    assert made["match"]["rule"] == ["late"]
    assert datetime.fromisoformat(made["ends_at"]) - now() < timedelta(hours=2)
    assert made["silence_id"] in run("silences").stdout
    assert desk.log(route)[-1].decisions[-1][1] == "snoozed"


def test_a_silence_is_made_listed_and_taken_back(run: Run, desk: AlertDesk, route: str) -> None:
    weekly = ["--zone", "America/Mexico_City", "--between", "22:00-06:00", "--days", "sat,sun"]
    (made,) = lines(
        run("silence", "--route", f"{route}*", "--for", "28d", *weekly, "-m", "night works", "--by", "ana", "--json")
    )
    assert made["weekly"]["zone"] == "America/Mexico_City"
    assert made["weekly"]["weekdays"] == ["sat", "sun"]
    shown = run("silences").stdout
    assert all(text in shown for text in (made["silence_id"], f"route={route}*", "sat,sun 22:00-06:00", "night works"))
    assert run("unsilence", made["silence_id"], "--by", "eva").exit_code == 0
    assert made["silence_id"] not in run("silences").stdout
    again = run("unsilence", made["silence_id"])
    assert again.exit_code == 1
    assert "is over since" in again.output


def test_what_is_silenced_is_held_and_explain_says_by_whom(run: Run, desk: AlertDesk, route: str) -> None:
    run("silence", "--route", route, "--for", "1h", "-m", "runway works", "--by", "ana")
    fresh = desk.worker().semaforo  # reads the silences anew
    fresh.process([[row(0, 9, entity=route)], [row(10, 4, entity=route)]])
    assert not desk.sent_to_subscriber(route)
    text = run("explain", desk.log(route)[-1].alert_id).stdout
    assert "told        nobody: alarm: RED, silenced by ana until" in text
    assert "runway works" in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ack"], "give an ALERT_ID or --route"),
        (["ack", "x", "--route", "JFK-LAX"], "give an ALERT_ID or --route"),
        (["snooze", "x", "--for", "a while"], "is not a duration"),
        (["silence", "-m", "x", "--for", "1h"], "name what to silence"),
        (["silence", "-m", "x", "--route", "A-B"], "either --for or --until"),
        (["silence", "-m", "x", "--light", "PINK", "--for", "1h"], "PINK"),
        (["silence", "-m", "x", "--route", "A-B", "--until", "2001-01-01"], "over before it begins"),
        (["silence", "-m", "x", "--route", "A-B", "--for", "1h", "--zone", "UTC"], "go together"),
        (["silence", "-m", "x", "--everything", "--for", "1h", "--zone", "Mars", "--between", "1-2"], "Mars"),
        (["silence", "--route", "A-B", "--for", "1h"], "comment"),
    ],
)
def test_bad_usage_is_said_and_changes_nothing(run: Run, arguments: list[str], says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert says.lower() in " ".join(result.output.replace("│", " ").split()).lower()


def test_an_unknown_storm_or_silence_is_said_so(run: Run) -> None:
    for arguments in (["storm", "JFK-2031"], ["unsilence", "silence-0"], ["ack", "network-2031.1"]):
        result = run(*arguments)
        assert result.exit_code == 1
        assert arguments[1].split(".")[0] in result.output


def test_the_routing_tree_that_is_shipped_passes_its_check(run: Run, tmp_path: Any) -> None:
    assert "are sound" in run("routes", "check").stdout
    wrong = tmp_path / "routing.toml"
    wrong.write_text('[receivers.default]\n[[routes]]\nreceivers = ["nobody"]\n')
    result = run("routes", "check", str(wrong))
    assert result.exit_code == 1
    assert f"{wrong}:3: unknown receiver 'nobody'" in result.output


def test_instants_without_an_offset_are_utc(run: Run) -> None:
    until = (datetime.now(UTC) + timedelta(hours=3)).replace(microsecond=0, tzinfo=None).isoformat()
    (made,) = lines(run("silence", "--route", "A-B", "--until", until, "-m", "x", "--json"))
    assert made["ends_at"] == f"{until}Z"
    run("unsilence", made["silence_id"])
