"""What leaves from an airport and what flies there, off the flights table of a stage that has one."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from schemas.errors import Transient

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputPaginateTypeDef

LOOK_BACK: Final = timedelta(hours=18)
"""An aircraft that came before that has had its night."""
LOOK_AHEAD: Final = timedelta(hours=12)


def items_around(dynamodb: "DynamoDBClient", table: str, airport: str, at: datetime) -> Iterator[Mapping[str, Any]]:
    """From LOOK_BACK before to LOOK_AHEAD after. Raises Transient when DynamoDB is away, busy or refuses."""
    return items_at(dynamodb, table, airport, at - LOOK_BACK, at + LOOK_AHEAD)


def items_at(
    dynamodb: "DynamoDBClient", table: str, airport: str, first: datetime, last: datetime
) -> Iterator[Mapping[str, Any]]:
    """By scheduled departure between two instants. Raises Transient likewise."""
    values = {":airport": {"S": airport}, ":first": {"S": _text(first)}, ":last": {"S": _text(last)}}
    for index, attribute in (("by-origin", "origin"), ("by-destination", "destination")):
        query: QueryInputPaginateTypeDef = {
            "TableName": table,
            "IndexName": index,
            "KeyConditionExpression": "#airport = :airport AND scheduled_departure_at BETWEEN :first AND :last",
            "ExpressionAttributeNames": {"#airport": attribute},
            "ExpressionAttributeValues": values,
        }
        try:
            for page in dynamodb.get_paginator("query").paginate(**query):
                yield from page["Items"]
        except (ClientError, BotoCoreError) as error:
            raise Transient(f"DynamoDB: {error}") from error


def _text(instant: datetime) -> str:
    """As msgspec writes instants, which sort as text."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
