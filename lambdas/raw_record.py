"""Firehose transformation: a message of a topic or a record of the KPI stream → its raw line.

The events are those Firehose hands over for MSK (`mskRecordMetadata`, `kafkaRecordValue`) and for Kinesis
(`kinesisRecordMetadata`, `data`). What is no such record fails by itself, goes to the bucket's error prefix, and its
neighbours go on. What is inside a message is not looked at: raw is what was received. Only its header is, to count
facts: heartbeats come also where a source says nothing any more.
"""

import base64
import binascii
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from lambdas.metrics import metric_line
from schemas.raw import KPI_STREAM, RawKpiRecord, RawMessage, delivery_stream, raw_line

_VALUE: Final = "kafkaRecordValue"
_KEY: Final = "kafkaRecordKey"

HEARTBEAT_HEADER: Final = bytes.fromhex("c301ce224370f4098dba")
"""Of a RouteHeartbeat, clock beats among them. As a constant: this bundle has no Avro."""


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The entry point AWS Lambda calls."""
    stage = os.environ.get("SEMAFORO_STAGE", "demo")
    topic = _topic(stage, event["deliveryStreamArn"])
    answer = {"records": [_transformed(topic, record) for record in event["records"]]}
    if topic != KPI_STREAM:
        facts = sum(_is_fact(record) for record in event["records"])
        print(metric_line(stage, datetime.now(UTC), {"facts": facts}, {"topic": topic}))
    return answer


def _is_fact(record: Mapping[str, Any]) -> bool:
    try:
        value = _bytes(record.get(_VALUE))
    except ValueError:
        return False
    return bool(value) and not (value or b"").startswith(HEARTBEAT_HEADER)


def _topic(stage: str, arn: str) -> str:
    """The topic a delivery stream is of; ValueError if it is none of ours."""
    name, beginning = arn.rpartition("/")[2], delivery_stream(stage, "")
    if not name.startswith(beginning):
        raise ValueError(f"{arn}: not a delivery stream of raw lines of stage {stage}")
    return name.removeprefix(beginning)


def _transformed(topic: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """The answer for a record; Firehose wants the line under the name the record's own bytes came in."""
    field = "data" if topic == KPI_STREAM else _VALUE
    try:
        line = raw_line(_kpi_record(record) if topic == KPI_STREAM else _message(topic, record))
    except (KeyError, TypeError, ValueError) as error:
        print(f"raw_record: {topic}: {type(error).__name__}: {error}")
        return {"recordId": record["recordId"], "result": "ProcessingFailed", field: record.get(field) or ""}
    return {"recordId": record["recordId"], "result": "Ok", field: base64.b64encode(line).decode()}


def _message(topic: str, record: Mapping[str, Any]) -> RawMessage:
    place = record["mskRecordMetadata"]
    return RawMessage(
        topic=topic,
        partition=int(place["partitionId"]),
        offset=int(place["offset"]),
        appended_at_ms=_epoch_ms(place["approximateArrivalTimestamp"]),
        key=_bytes(record.get(_KEY)),
        value=_bytes(record.get(_VALUE)),
    )


def _kpi_record(record: Mapping[str, Any]) -> RawKpiRecord:
    place = record["kinesisRecordMetadata"]
    return RawKpiRecord(
        shard=place["shardId"],
        sequence_number=str(int(place["sequenceNumber"])),
        arrived_at_ms=_epoch_ms(place["approximateArrivalTimestamp"]),
        data=base64.b64decode(record["data"], validate=True),
    )


def _bytes(text: str | None) -> bytes | None:
    """None stays: a message without a value is a tombstone, which is not the same as an empty one."""
    try:
        return None if text is None else base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error


def _epoch_ms(instant: Any) -> int:
    """Milliseconds, as a number or its text; AWS's own sample of a Kinesis record has a date and time."""
    if isinstance(instant, str) and "T" in instant:
        return round(datetime.fromisoformat(instant).timestamp() * 1000)
    return int(instant)
