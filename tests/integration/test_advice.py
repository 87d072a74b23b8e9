"""From a light in the log to advice that people get, on the deployed template: within five seconds, once, and
answered."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from alerts.__main__ import app
from alerts.advice import Advice, AdviceDesk, AdvisedAction, NoAdviceError
from alerts.documents import Documents
from alerts.settings import AlertSettings
from deploy.local import template
from deploy.local.cloud import LocalCloud
from schemas.lights import Light
from tests.alerts.samples import advice as made_up
from tests.lambdas.test_recommender import transition

pytestmark = pytest.mark.integration

STAGE = "advised"
SECONDS = 60.0
BAR_SECONDS = 5.0
NOW = datetime.now(UTC).replace(second=0, microsecond=0)


class Advised:
    """A stage with its tables, and the function behind the light log."""

    def __init__(self, cloud: LocalCloud, stage: str, outputs: dict[str, str]) -> None:
        self.outputs = outputs
        self.settings = AlertSettings.read({"SEMAFORO_STAGE": stage})
        self.dynamodb, self.sqs = cloud.client("dynamodb"), cloud.client("sqs")
        self.desk = AdviceDesk(Documents(self.dynamodb, self.settings))

    def fly(
        self, number: int, out: int, tail: str, ends: str, departed: int | None = None, arrived: int | None = None
    ) -> str:
        """An A320 that leaves so many minutes from now for two hours; its id."""
        origin, destination = ends.split("-")
        flight_id = f"AM-{number}-{origin}"
        instants: dict[str, int | None] = {"scheduled_departure_at": out, "scheduled_arrival_at": out + 120}
        instants |= {"actual_departure_at": departed, "actual_arrival_at": arrived}
        item: dict[str, Any] = {
            name: {"S": f"{NOW + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%SZ}"}
            for name, minute in instants.items()
            if minute is not None
        }
        texts = {"flight_id": flight_id, "carrier": "AM", "route": ends, "origin": origin, "destination": destination}
        texts |= {"tail": tail, "aircraft_type": "A320", "state": "SCHEDULED" if departed is None else "DEPARTED"}
        item |= {name: {"S": text} for name, text in texts.items()}
        item |= {
            name: {"N": number} for name, number in (("seats", "150"), ("passengers", "100"), ("distance_km", "1300"))
        }
        self.dynamodb.put_item(TableName=self.outputs["FlightsTable"], Item=item)
        return flight_id

    def turn(self, route: str, minute: int = 0) -> str:
        """The route turns red in the log; the alert's id."""
        one = msgspec.structs.replace(transition(Light.RED, entity=route), at=NOW + timedelta(minutes=minute))
        item = {
            "entity": {"S": f"route#{route}"},
            "sk": {"S": one.at.isoformat()},
            "alert_id": {"S": one.alert_id},
            "light": {"S": "RED"},
            "decision": {"S": "send"},
            "transition": {"S": msgspec.json.encode(one).decode()},
        }
        self.dynamodb.put_item(TableName=self.settings.light_log_table, Item=item)
        return one.alert_id

    def received(self) -> list[dict[str, Any]]:
        queue = self.outputs["AlertsDemoQueueUrl"]
        messages = self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get(
            "Messages", []
        )
        bodies = [json.loads(message["Body"]) for message in messages]
        return [json.loads(body["Message"]) if "Message" in body else body for body in bodies]


@pytest.fixture(scope="module")
def advised(cloud: LocalCloud) -> Advised:
    assembly = template.synthesise(STAGE, feeds=True)
    outputs: dict[str, str] = {}
    for stack in ("live-path", "feeds", "advice"):
        outputs |= template.deploy(assembly, STAGE, cloud, stack)
    return Advised(cloud, STAGE, outputs)


def wait_for(what: Callable[[], Any], why: str, pause_seconds: float = 0.05) -> Any:
    deadline = time.monotonic() + SECONDS
    while not (found := what()):
        assert time.monotonic() < deadline, why
        time.sleep(pause_seconds)
    return found


def test_a_red_route_is_advised_on_told_once_and_answered(
    advised: Advised, cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first aircraft is two and a half hours late into MEX; the second one waits there for a later flight.
    advised.fly(1, -60, "XA-1", "CUN-MEX", departed=-2)
    late = advised.fly(2, 60, "XA-1", "MEX-GDL")
    helps = advised.fly(3, 200, "XA-2", "MEX-MTY")
    warm = advised.turn("MEX-GDL", minute=-1)  # the function's first start takes longer than a turn
    wait_for(lambda: [one for one in advised.desk.of_route("MEX-GDL") if one.alert_id == warm], "no advice at all")

    began = time.monotonic()
    alert_id = advised.turn("MEX-GDL")

    def given() -> list[Advice]:
        return [one for one in advised.desk.of_route("MEX-GDL") if one.alert_id == alert_id]

    (advice,) = wait_for(given, "no advice")
    took = time.monotonic() - began
    assert took < BAR_SECONDS, took
    assert (advice.actions[0].kind, advice.actions[0].flights) == ("swap_tails", (late, helps))
    assert advice.actions[0].late_then_minutes == 0
    assert sum(advice.actions[0].saves_by_term_usd.values()) == pytest.approx(advice.actions[0].saves_usd)

    told: list[dict[str, Any]] = []

    def heard() -> bool:
        told.extend(advised.received())
        return len(told) >= 2

    wait_for(heard, "nobody was told")
    assert sorted(one["alert_id"] for one in told if one.get("kind") == "advice") == sorted([warm, alert_id])

    for name, value in {**cloud.aws_env(), "AWS_ENDPOINT_URL": cloud.endpoint_url, "SEMAFORO_STAGE": STAGE}.items():
        monkeypatch.setenv(name, value)
    run = CliRunner()
    accepted = run.invoke(app, ["accept", alert_id, "--route", "mex-gdl", "--by", "ana", "-m", "gate is free"])
    assert accepted.exit_code == 0, accepted.output
    assert "accepted by ana: gate is free" in accepted.stdout
    rejected = run.invoke(app, ["reject", warm, "--route", "MEX-GDL", "--by", "ana", "--json"])
    assert json.loads(rejected.stdout)["answer"] == "rejected"
    shown = run.invoke(app, ["advice", "--route", "MEX-GDL"]).stdout
    assert f"1. swap the tails of {late} and {helps}: saves US$" in shown
    assert "a tenth more or less, US$: fuel more" in shown
    assert "what binds:" in shown
    assert run.invoke(app, ["accept", "nobody", "--route", "MEX-GDL"]).exit_code == 1
    assert "nothing is advised about MEX-XXX" in run.invoke(app, ["advice", "--route", "MEX-XXX"]).stdout


def test_what_was_advised_is_measured_when_it_is_over(advised: Advised, cloud: LocalCloud) -> None:
    """XC-1 left 58 minutes late and lands in 118: with 45 on the ground its flight in 60 leaves 103 late. Nobody
    answers, nobody does it; when all have landed, any light that turns brings that about."""
    advised.fly(21, -60, "XC-1", "CUN-PVR", departed=-2)
    late, helps = advised.fly(22, 60, "XC-1", "PVR-GDL"), advised.fly(23, 200, "XC-2", "PVR-MTY")
    advised.turn("PVR-GDL")
    (given,) = wait_for(lambda: advised.desk.of_route("PVR-GDL"), "no advice")
    assert (given.actions[0].flights, given.actions[0].tails) == ((late, helps), ("XC-1", "XC-2"))
    advised.fly(21, -60, "XC-1", "CUN-PVR", departed=-2, arrived=118)
    advised.fly(22, 60, "XC-1", "PVR-GDL", departed=163, arrived=283)
    advised.fly(23, 200, "XC-2", "PVR-MTY", departed=200, arrived=320)
    minutes = itertools.count(400)

    def measured() -> Advice | None:
        advised.turn("GDL-XXX", minute=next(minutes))
        (advice,) = advised.desk.of_route("PVR-GDL")
        return advice if advice.outcome else None

    advice = wait_for(measured, "it is never measured", pause_seconds=1)
    assert (advice.answer, advice.outcome.followed, advice.outcome.came_true) == ("expired", False, True)
    assert advice.outcome.realised_minutes == given.actions[0].late_minutes
    assert advice.outcome.realised_usd == pytest.approx(given.actions[0].saves_usd)
    with pytest.raises(NoAdviceError, match="expired"):
        advised.desk.answer("PVR-GDL", advice.alert_id, "accepted", "ana", "", NOW)


def test_advice_expires_and_is_measured_every_minute_where_no_light_turns(advised: Advised, cloud: LocalCloud) -> None:
    """Given eight hours ago, eight hours of events ago: all has landed five hours ago, and no light turned since."""
    rule = f"semaforo-{STAGE}-settle-advice"
    assert cloud.client("events").describe_rule(Name=rule)["ScheduleExpression"] == "rate(1 minute)"
    (target,) = cloud.client("events").list_targets_by_rule(Rule=rule)["Targets"]
    advised.fly(31, -540, "XD-1", "CUN-MID", departed=-482, arrived=-362)
    late = advised.fly(32, -420, "XD-1", "MID-GDL", departed=-317, arrived=-197)
    helps = advised.fly(33, -280, "XD-2", "MID-MTY", departed=-280, arrived=-160)
    action = AdvisedAction("swap_tails", (late, helps), "", "", 4000.0, {}, 103, 0, ("XD-1", "XD-2"))
    hours_ago = NOW - timedelta(hours=8)
    given = made_up(
        "MID-GDL", at=hours_ago, given_at=hours_ago, actions=(action,),
        leaves_at=NOW - timedelta(minutes=280), lands_at=NOW - timedelta(minutes=160),
    )  # fmt: skip
    advised.desk.give(given)

    def measured() -> Advice | None:
        cloud.client("lambda").invoke(FunctionName=target["Arn"], Payload=b'{"source": "aws.events"}')
        (one,) = advised.desk.of_route("MID-GDL")
        return one if one.outcome else None

    one = wait_for(measured, "nothing comes of the schedule", pause_seconds=1)
    assert (one.answer, one.outcome.followed, one.outcome.realised_minutes) == ("expired", False, 103)


def test_where_nobody_is_late_nothing_is_said(advised: Advised) -> None:
    advised.fly(11, 90, "XB-1", "TIJ-MEX")
    quiet = advised.turn("TIJ-MEX")
    advised.fly(12, -60, "XB-2", "GDL-TIJ", departed=-2)
    advised.fly(13, 60, "XB-2", "TIJ-BJX")
    advised.fly(14, 200, "XB-3", "TIJ-CUN")
    later = advised.turn("TIJ-BJX")
    wait_for(lambda: advised.desk.of_route("TIJ-BJX"), "the entry after it is not advised on")
    assert [one.alert_id for one in advised.desk.of_route("TIJ-BJX")] == [later]
    assert advised.desk.of_route("TIJ-MEX") == [], quiet
