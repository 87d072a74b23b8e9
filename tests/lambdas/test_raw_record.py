"""Firehose's records become raw lines; what is none fails alone."""

import base64
import json
from typing import Any

import pytest

from lambdas.raw_record import HEARTBEAT_HEADER, handler
from schemas.codec import registry
from schemas.raw import RawKpiRecord, RawMessage, read_lines

ARN = "arn:aws:firehose:us-east-1:111122223333:deliverystream/semaforo-prod-raw-"


@pytest.fixture(autouse=True)
def _stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMAFORO_STAGE", "prod")


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def of_msk(offset: str, **fields: Any) -> dict[str, Any]:
    """As Firehose hands it over (aws-lambda-java-events, MSKFirehoseEvent): numbers of a position are texts."""
    place = {"offset": offset, "partitionId": "1", "approximateArrivalTimestamp": 1716369573887}
    return {
        "recordId": f"id-{offset}",
        "approximateArrivalTimestamp": 1716369573890,
        "mskRecordMetadata": place,
        **fields,
    }


def transform(topic: str, *records: dict[str, Any]) -> list[dict[str, Any]]:
    event = {"invocationId": "i", "deliveryStreamArn": ARN + topic, "region": "us-east-1", "records": list(records)}
    answered: list[dict[str, Any]] = handler(event, None)["records"]
    assert [one["recordId"] for one in answered] == [one["recordId"] for one in records]
    return answered


def line_of(topic: str, answer: dict[str, Any], field: str) -> Any:
    assert answer["result"] == "Ok"
    data = base64.b64decode(answer[field])
    assert data.endswith(b"\n"), "Firehose joins records without anything between"
    (line,) = read_lines(topic, data)
    return line


def test_a_message_keeps_its_place_its_key_and_its_bytes() -> None:
    noise = bytes(range(256))
    record = of_msk("41", kafkaRecordKey=text(b"JFK-LAX"), kafkaRecordValue=text(noise))
    (answer,) = transform("flight-status", record)
    assert line_of("flight-status", answer, "kafkaRecordValue") == RawMessage(
        topic="flight-status", partition=1, offset=41, appended_at_ms=1716369573887, key=b"JFK-LAX", value=noise
    )


@pytest.mark.parametrize(
    ("fields", "value"), [({}, None), ({"kafkaRecordValue": None}, None), ({"kafkaRecordValue": ""}, b"")]
)
def test_a_tombstone_has_no_value_and_an_empty_message_has_one(fields: dict[str, Any], value: bytes | None) -> None:
    (answer,) = transform("airport-weather", of_msk("0", **fields))
    assert line_of("airport-weather", answer, "kafkaRecordValue").value == value


def test_a_record_of_the_stream_keeps_shard_and_sequence_number() -> None:
    """The sample of AWS's guide has a date and time where real records have milliseconds: both are read."""
    number = "49546986683135544286507457936321625675700192471156785154"
    for instant in ("2012-04-23T18:25:43.511Z", 1335205543511):
        place = {
            "shardId": "shardId-000000000000",
            "partitionKey": "k",
            "sequenceNumber": number,
            "subsequenceNumber": "",
        }
        record = {
            "recordId": "r",
            "data": text(b"rows"),
            "kinesisRecordMetadata": {**place, "approximateArrivalTimestamp": instant},
        }
        (answer,) = transform("route-kpis", record)
        assert line_of("route-kpis", answer, "data") == RawKpiRecord(
            shard="shardId-000000000000", sequence_number=number, arrived_at_ms=1335205543511, data=b"rows"
        )


@pytest.mark.parametrize(
    "bad",
    [
        {"recordId": "x", "kafkaRecordValue": text(b"no place")},
        of_msk("no number", kafkaRecordValue=text(b"v")),
        of_msk("1", kafkaRecordValue="not base64!"),
        of_msk("1", kafkaRecordKey="%%%", kafkaRecordValue=text(b"v")),
        {**of_msk("1", kafkaRecordValue=text(b"v")), "mskRecordMetadata": None},
    ],
)
def test_what_is_no_record_fails_alone(bad: dict[str, Any]) -> None:
    before, failed, after = transform(
        "flight-status", of_msk("7", kafkaRecordValue=""), bad, of_msk("8", kafkaRecordValue="")
    )
    assert (before["result"], failed["result"], after["result"]) == ("Ok", "ProcessingFailed", "Ok")
    assert failed["kafkaRecordValue"] == bad["kafkaRecordValue"], "as it came, for the error prefix"


def test_another_stages_stream_is_refused() -> None:
    event = {"deliveryStreamArn": ARN.replace("-prod-", "-dev-") + "flight-status", "records": []}
    with pytest.raises(ValueError, match="stage prod"):
        handler(event, None)


def test_facts_are_counted_and_heartbeats_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    heartbeats = [version.header for version in registry()["RouteHeartbeat"].values()]
    assert heartbeats == [HEARTBEAT_HEADER]
    fact = registry()["FlightStatus"][1].header + b"\x00"
    values = [fact, fact, HEARTBEAT_HEADER + b"\x00", b""]
    transform("flight-status", *(of_msk(str(n), kafkaRecordValue=text(value)) for n, value in enumerate(values)))
    line = json.loads(capsys.readouterr().out)
    assert (line["facts"], line["topic"], line["stage"]) == (2, "flight-status", "prod")
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["stage", "topic"]]
