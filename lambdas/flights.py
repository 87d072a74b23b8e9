"""flight-status → the table `flights`, one item per flight with its latest state, for look-ups.

An item is replaced only by a later report (`event_at`, then offset), so whatever is delivered twice or late changes
nothing, and the table ends the same in any order.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import boto3
import msgspec

from lambdas.feed_settings import FEED_AWS_CONFIG, FlightsSettings
from lambdas.flight_states import FlightView, Report, expires_at, read_batch

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

AT_ONCE: Final = 8
"""Writes under way: a put takes 5-10 ms, and a batch has a hundred flights."""

_LATER: Final = "attribute_not_exists(flight_id) OR #version < :version"


@cache
def worker() -> tuple["DynamoDBClient", str]:
    """Made at the first invocation; a wrong setting fails it with its name."""
    return boto3.client("dynamodb", config=FEED_AWS_CONFIG), FlightsSettings.read().flights_table


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """The entry point AWS Lambda calls; raises what DynamoDB refuses, and the batch comes again."""
    dynamodb, table = worker()
    batch = read_batch(event)
    now = datetime.now(UTC)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        written = sum(pool.map(lambda report: put_if_later(dynamodb, table, report, now), batch.latest.values()))
    counts = {
        "reports": batch.reports,
        "flights": len(batch.latest),
        "written": written,
        "others": batch.others,
        "undecodable": batch.undecodable,
    }
    print(json.dumps(counts))
    return counts


def put_if_later(dynamodb: "DynamoDBClient", table: str, report: Report, now: datetime) -> bool:
    """Write the flight unless the table knows as much or more; whether it was written."""
    try:
        dynamodb.put_item(
            TableName=table,
            Item={
                **_attributes(report.view),
                "version": {"S": report.version.text},
                "expires_at": {"N": str(expires_at(report.view, now))},
            },
            ConditionExpression=_LATER,
            ExpressionAttributeNames={"#version": "version"},
            ExpressionAttributeValues={":version": {"S": report.version.text}},
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True


def _attributes(view: FlightView) -> dict[str, Any]:
    """Instants as ISO text, which sorts; what is not known is left out."""
    plain = msgspec.to_builtins(view)
    return {name: _attribute(value) for name, value in plain.items() if value is not None}


def _attribute(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    return {"N": str(value)} if isinstance(value, int) else {"S": value}
