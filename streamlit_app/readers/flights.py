"""The flights behind a route's figures: the table `flights`, where a stage has the feeds that fill it."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from alerts.flight_items import items_around
from optimizer.live.flight import LiveFlight
from optimizer.live.stored_flight import live_flights
from schemas.errors import Transient

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputPaginateTypeDef

MOST: Final = 40
"""The newest by schedule: two days of a busy route."""
INDEX: Final = "by-route"
AIRPORT_INDICES: Final = (("by-origin", "origin"), ("by-destination", "destination"))


class SeenFlight(msgspec.Struct, frozen=True, kw_only=True):
    """One flight as its newest report leaves it."""

    flight_id: str
    carrier: str
    number: str
    state: str
    scheduled_departure_at: datetime
    scheduled_arrival_at: datetime
    actual_departure_at: datetime | None = None
    actual_arrival_at: datetime | None = None
    tail: str | None = None
    origin: str = ""
    destination: str = ""
    aircraft_type: str | None = None
    distance_km: int = 0
    seats: int = 0
    passengers: int = 0
    traffic_source: str = ""

    @property
    def departure_delay(self) -> timedelta | None:
        """None before it left; negative is early."""
        return self.actual_departure_at - self.scheduled_departure_at if self.actual_departure_at else None

    @property
    def arrival_delay(self) -> timedelta | None:
        return self.actual_arrival_at - self.scheduled_arrival_at if self.actual_arrival_at else None


class FlightReader:
    """Raises Transient when DynamoDB is away."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def newest(self, route: str) -> list[SeenFlight] | None:
        """By scheduled departure, newest first; None where this stage keeps no flights."""
        query: QueryInputPaginateTypeDef = {
            "TableName": self._table,
            "IndexName": INDEX,
            "KeyConditionExpression": "#route = :route",
            "ExpressionAttributeNames": {"#route": "route"},
            "ExpressionAttributeValues": {":route": {"S": route}},
            "ScanIndexForward": False,
        }
        return self._asked(query, MOST)

    def at_airport(self, airport: str, tails: Collection[str], first: datetime, last: datetime) -> list[SeenFlight]:
        """What aircraft flew from or to an airport, by scheduled departure between two instants, each flight once."""
        if not tails:
            return []
        names = {f":tail{at}": {"S": tail} for at, tail in enumerate(sorted(tails))}
        span = {":first": {"S": _text(first)}, ":last": {"S": _text(last)}}
        found: dict[str, SeenFlight] = {}
        for index, attribute in AIRPORT_INDICES:
            query: QueryInputPaginateTypeDef = {
                "TableName": self._table,
                "IndexName": index,
                "KeyConditionExpression": "#airport = :airport AND scheduled_departure_at BETWEEN :first AND :last",
                "FilterExpression": f"tail IN ({', '.join(names)})",
                "ExpressionAttributeNames": {"#airport": attribute},
                "ExpressionAttributeValues": {":airport": {"S": airport}, **span, **names},
            }
            found |= {one.flight_id: one for one in self._asked(query) or ()}
        return list(found.values())

    def around(self, airport: str, at: datetime) -> list[LiveFlight] | None:
        """What leaves from an airport and what flies there, as known at `at`; None where this stage keeps no
        flights."""
        try:
            return live_flights(items_around(self._dynamodb, self._table, airport, at), at)
        except Transient as error:
            if isinstance(error.__cause__, ClientError) and _is_no_table(error.__cause__):
                return None
            raise

    def _asked(self, query: "QueryInputPaginateTypeDef", most: int | None = None) -> list[SeenFlight] | None:
        try:
            limited: QueryInputPaginateTypeDef = {
                **query, "PaginationConfig": {"MaxItems": most, "PageSize": most} if most else {}
            }  # fmt: skip
            pages = self._dynamodb.get_paginator("query").paginate(**limited)
            return [_flight(item) for page in pages for item in page["Items"]]
        except ClientError as error:
            if _is_no_table(error):
                return None
            raise Transient(f"DynamoDB: {error}") from error
        except BotoCoreError as error:
            raise Transient(f"DynamoDB: {error}") from error


def _text(instant: datetime) -> str:
    """As msgspec writes instants, which sort as text."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_no_table(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "ResourceNotFoundException"


def _flight(item: dict[str, Any]) -> SeenFlight:
    plain = {name: next(iter(value.values())) for name, value in item.items() if "NULL" not in value}
    return msgspec.convert(plain, SeenFlight, strict=False)
