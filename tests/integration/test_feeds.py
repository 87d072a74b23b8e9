"""Partner files and messages on the deployed template, a real broker and the local cloud; the flights table."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from confluent_kafka import Consumer, TopicPartition

from deploy.local.stack import Stack
from schemas.codec import decode
from schemas.events import Event, FlightState, FlightStatus

pytestmark = pytest.mark.integration

SECONDS = 90.0
HEADER = "origen,destino,numero_vuelo,aerolinea,fecha,hora_salida_programada,hora_llegada_programada,estado"
GOOD = "MEX,CUN,{number},AM,2026-03-02,06:30,09:45,programado"
BAD = "MEX,XXQ,{number},AM,2026-03-02,06:30,09:45,programado"


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = Stack("test", tmp_path_factory.mktemp("feeds"), bound=True, one_broker=True)
    try:
        running.start(feeds=True)
        yield running
    finally:
        running.stop(grace_seconds=0)


def wait_for(what: Callable[[], Any], why: str) -> Any:
    deadline = time.monotonic() + SECONDS
    while not (found := what()):
        assert time.monotonic() < deadline, why
        time.sleep(0.1)
    return found


def events_on_flight_status(stack: Stack) -> list[Event]:
    """All that the topic holds now."""
    consumer = Consumer({"bootstrap.servers": stack.kafka_bootstrap, "group.id": "reader", "enable.auto.commit": False})
    name = "test.flight-status"
    ends = {p: consumer.get_watermark_offsets(TopicPartition(name, p), timeout=20)[1] for p in range(3)}
    consumer.assign([TopicPartition(name, partition, 0) for partition in ends])
    found: list[Event] = []
    while len(found) < sum(ends.values()):
        found += [decode(m.value()) for m in consumer.consume(100, 1.0) if m.error() is None]
    consumer.close()
    return found


def put(stack: Stack, key: str, body: bytes) -> None:
    stack.cloud.client("s3").put_object(Bucket=stack.outputs["PartnerBucket"], Key=key, Body=body)


def keys(stack: Stack, prefix: str) -> list[str]:
    listed = stack.cloud.client("s3").list_objects_v2(Bucket=stack.outputs["PartnerBucket"], Prefix=prefix)
    return [entry["Key"] for entry in listed.get("Contents", [])]


def read_rejects(stack: Stack, key: str) -> list[dict[str, Any]]:
    wait_for(lambda: key in keys(stack, "rejects/"), f"no {key}")
    body = stack.cloud.client("s3").get_object(Bucket=stack.outputs["PartnerBucket"], Key=key)["Body"].read()
    return [json.loads(line) for line in body.splitlines()]


def csv(number: int) -> bytes:
    return "\n".join([HEADER, GOOD.format(number=number), BAD.format(number=number + 1)]).encode()


def json_lines(number: int) -> bytes:
    rows = [dict(zip(HEADER.split(","), line.format(number=number).split(","), strict=True)) for line in (GOOD, BAD)]
    return "\n".join(json.dumps(row) for row in rows).encode()


def parquet(number: int, folder: Path) -> bytes:
    (folder / "rows.jsonl").write_bytes(json_lines(number))
    target = folder / "rows.parquet"
    duckdb.sql(f"COPY (SELECT * FROM read_json('{folder / 'rows.jsonl'}')) TO '{target}' (FORMAT parquet)")
    return target.read_bytes()


def test_files_of_three_kinds_become_events_and_rejects_and_come_once(fed: Stack, tmp_path: Path) -> None:
    files = {
        "received/acme/vuelos de marzo ñ.csv": (csv(701), 3),
        "received/acme/vuelos.jsonl": (json_lines(711), 2),
        "received/acme/vuelos.parquet": (parquet(721, tmp_path), 2),
    }
    for key, (body, _line) in files.items():
        put(fed, key, body)
    for key, (_body, line) in files.items():
        name = key.removeprefix("received/")
        (reject,) = read_rejects(fed, f"rejects/{name}.jsonl")
        assert (reject["file"], reject["line"], reject["field"], reject["value"]) == (name, line, "destino", "XXQ")
        assert "XXQ" in reject["row"]
        assert "XXQ" in reject["reason"]
    wait_for(lambda: len(keys(fed, "done/acme/")) == 3, "not all marked as done")
    ids = sorted(event.event_id for event in events_on_flight_status(fed))
    assert ids == [f"acme:AM-{number}-2026-03-02-MEX:scheduled" for number in (701, 711, 721)]

    # The same content again, under its name and another: nothing more. The control: another content is published.
    put(fed, "received/acme/vuelos.jsonl", json_lines(711))
    put(fed, "received/acme/again.csv", csv(701))
    put(fed, "received/acme/new.csv", csv(731))
    wait_for(lambda: len(keys(fed, "done/acme/")) == 4, "the new file is not done")
    read_rejects(fed, "rejects/acme/new.csv.jsonl")
    assert len(events_on_flight_status(fed)) == 4

    # Killed between topics and marker: published again, with the ids of before, which the job's dedup goes by.
    (marker,) = [
        key
        for key in keys(fed, "done/acme/")
        if b"new.csv" in fed.cloud.client("s3").get_object(Bucket=fed.outputs["PartnerBucket"], Key=key)["Body"].read()
    ]
    fed.cloud.client("s3").delete_object(Bucket=fed.outputs["PartnerBucket"], Key=marker)
    put(fed, "received/acme/new.csv", csv(731))
    wait_for(lambda: len(keys(fed, "done/acme/")) == 4, "not done again")
    again = [event for event in events_on_flight_status(fed) if "731" in event.event_id]
    assert len(again) == 2
    assert again[0] == again[1]


def test_a_file_of_another_kind_is_rejected_whole(fed: Stack) -> None:
    put(fed, "received/acme/logo.png", b"\x89PNG\r\n\x1a\n\x00\x00")
    (reject,) = read_rejects(fed, "rejects/acme/logo.png.jsonl")
    assert reject["line"] == 0
    assert reject["reason"].startswith("acme/logo.png:")


def test_of_a_batch_of_messages_the_bad_one_ends_in_the_dead_letters(fed: Stack) -> None:
    sqs, queue = fed.cloud.client("sqs"), fed.outputs["PartnerQueueUrl"]
    redrive = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["RedrivePolicy"])["Attributes"]["RedrivePolicy"]
    # Longer than a function takes on a crowded machine, or its good messages come again while it works; so two times.
    attributes = {"VisibilityTimeout": "15", "RedrivePolicy": json.dumps({**json.loads(redrive), "maxReceiveCount": 2})}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes=attributes)
    lines = [json_lines(number).splitlines()[0].decode() for number in (801, 802)]
    bodies = [lines[0], "not JSON", lines[1]]
    sqs.send_message_batch(
        QueueUrl=queue, Entries=[{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)]
    )

    def arrived() -> set[str]:
        return {e.event_id for e in events_on_flight_status(fed) if e.source == "partner-queue"}

    expected = {f"partner-queue:AM-{number}-2026-03-02-MEX:scheduled" for number in (801, 802)}
    wait_for(lambda: arrived() == expected, "good neighbours did not arrive")
    dead = fed.outputs["PartnerUndeliveredQueueUrl"]
    (message,) = wait_for(lambda: sqs.receive_message(QueueUrl=dead).get("Messages"), "no dead letter")
    assert message["Body"] == "not JSON"
    sent = [e for e in events_on_flight_status(fed) if e.source == "partner-queue"]
    assert len(sent) == 2, "the poison's neighbours were not sent again with it"


def test_the_flights_table_holds_the_latest_state_whatever_came_last(fed: Stack) -> None:
    sqs, queue = fed.cloud.client("sqs"), fed.outputs["PartnerQueueUrl"]
    row = dict(zip(HEADER.split(","), GOOD.format(number=901).split(","), strict=True))
    flown = {"hora_salida_real": "06:40", "hora_llegada_real": "09:50"}
    later = {**row, **flown, "estado": "llego"}
    for body in (later, row, later):
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(body))
    dynamodb, table = fed.cloud.client("dynamodb"), fed.outputs["FlightsTable"]
    key = {"flight_id": {"S": "AM-901-2026-03-02-MEX"}}

    def seen() -> int:
        reports = [e for e in events_on_flight_status(fed) if isinstance(e, FlightStatus) and e.number == "901"]
        return len(reports)

    wait_for(lambda: seen() >= 5, "not all reports are on the topic")  # departed and arrived twice, scheduled
    item = wait_for(
        lambda: (
            (got := dynamodb.get_item(TableName=table, Key=key).get("Item"))
            and got["state"]["S"] == FlightState.ARRIVED
            and got
        ),
        "no arrived flight in the table",
    )
    assert item["actual_arrival_at"] == {"S": "2026-03-02T14:50:00Z"}
    found = dynamodb.query(
        TableName=table,
        IndexName="by-route",
        KeyConditionExpression="#route = :route AND scheduled_departure_at BETWEEN :from AND :to",
        ExpressionAttributeNames={"#route": "route"},
        ExpressionAttributeValues={
            ":route": {"S": "MEX-CUN"},
            ":from": {"S": "2026-03-02T00:00:00Z"},
            ":to": {"S": "2026-03-03T00:00:00Z"},
        },
    )["Items"]
    assert "AM-901-2026-03-02-MEX" in {item["flight_id"]["S"] for item in found}
