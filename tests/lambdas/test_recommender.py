"""What the recommender reads of the log and of the table, and what people get to read."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from alerts.advice import advice_publication
from deploy.local.tail import alert_line
from lambdas import recommender
from lambdas.recommender import turned
from optimizer.live.stored_flight import live_flight
from schemas.errors import Transient
from schemas.lights import Evidence, Light, Severity, Transition
from tests.alerts.samples import advice

AT = datetime(2026, 3, 2, 18, tzinfo=UTC)


def transition(light: Light = Light.RED, scope: Any = "route", entity: str = "MEX-CUN") -> Transition:
    evidence = Evidence(
        kpi="on_time_arrival", scope=scope, entity=entity, window="24h", at=AT, numerator=1, denominator=9, n=9
    )
    return Transition(
        rule="on_time_arrival",
        rule_version="1",
        scope=scope,
        entity=entity,
        window="24h",
        at=AT,
        revision=0,
        from_light=Light.GREEN,
        to_light=light,
        evidence=evidence,
        severity=Severity(usd_per_hour=100.0),
        reason="",
        ingested_at=AT,
    )


def record(one: Transition, name: str = "INSERT") -> dict[str, Any]:
    image = {
        "transition": {"S": msgspec.json.encode(one).decode()},
        "light": {"S": one.to_light.value},
        "decision": {"S": "send"},
    }
    return {"eventName": name, "dynamodb": {"NewImage": image}}


def test_only_routes_that_turned_amber_or_red_are_advised_on() -> None:
    records = [
        record(transition()),
        record(transition(Light.AMBER)),
        record(transition(Light.GREEN)),
        record(transition(scope="airport", entity="MEX")),
        record(transition(), "MODIFY"),
        {"eventName": "INSERT", "dynamodb": {"NewImage": {"kind": {"S": "storm"}}}},
        {"eventName": "REMOVE", "dynamodb": {}},
    ]
    found = [(one.to_light, decision) for one, decision in turned({"Records": records})]
    assert found == [(Light.RED, "send"), (Light.AMBER, "send")]


def test_a_flight_is_read_as_of_the_light() -> None:
    item = {
        "flight_id": {"S": "AM-1-2026-03-02-MEX"},
        "carrier": {"S": "AM"},
        "origin": {"S": "MEX"},
        "destination": {"S": "CUN"},
        "scheduled_departure_at": {"S": "2026-03-02T17:00:00Z"},
        "scheduled_arrival_at": {"S": "2026-03-02T19:30:00Z"},
        "actual_departure_at": {"S": "2026-03-02T17:20:00Z"},
        "actual_arrival_at": {"S": "2026-03-02T19:40:00Z"},
        "state": {"S": "ARRIVED"},
        "seats": {"N": "160"},
        "passengers": {"N": "120"},
        "distance_km": {"N": "1285"},
    }
    flight = live_flight(item, AT)
    minute = int(AT.timestamp()) // 60
    assert (flight.departs_minute, flight.departed_minute) == (minute - 60, minute - 40)
    assert (flight.arrived_minute, flight.tail, flight.flies) == (None, None, True)  # it lands later


def test_what_people_and_programs_are_told() -> None:
    told: Any = advice_publication(advice(), "prod")
    assert told["Subject"] == "ADVICE MEX-CUN: cancel AM-1, saves US$ 1,234 modelled [prod]"
    bodies = json.loads(told["Message"])
    assert "Ahorra US$ 1,234 (modelado) según lo esperado" in bodies["email"]
    said = json.loads(bodies["default"])
    assert (said["kind"], said["answer"], said["actions"][0]["saves_usd"]) == ("advice", "open", 1234.0)
    assert "ADVICE MEX-CUN: cancel AM-1" in alert_line(said)
    assert told["MessageAttributes"]["kind"] == {"DataType": "String", "StringValue": "advice"}
    assert told["MessageAttributes"]["audience"]["StringValue"] == '["ops"]'


def test_an_outage_fails_the_minute_and_not_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is due stays due; only a batch of the log would be given up for it, so only the schedule tells of it."""

    def away(*_: Any) -> int:
        raise Transient("DynamoDB is away")

    nothing: Any = None
    parts = recommender.Worker(nothing, nothing, nothing, "", nothing, nothing, {})
    monkeypatch.setattr(recommender, "settle", away)
    monkeypatch.setattr(recommender, "worker", lambda: parts)
    assert recommender.handler({"Records": [record(transition(Light.GREEN))]}, None)["measured"] == 0
    with pytest.raises(Transient):
        recommender.handler({}, None)
