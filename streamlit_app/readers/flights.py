"""The flights behind a route's figures: the table `flights`, where a stage has the feeds that fill it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from alerts.flight_items import LOOK_AHEAD, LOOK_BACK, items_at
from optimizer.live.stored_flight import StoredFlight, plain
from schemas.errors import Transient

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST: Final = 40
"""The newest by schedule: two days of a busy route."""
INDEX: Final = "by-route"


class SeenFlight(StoredFlight, frozen=True, kw_only=True):
    """One flight, with what only pages show of it."""

    number: str
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
        try:
            answer = self._dynamodb.query(
                TableName=self._table,
                IndexName=INDEX,
                KeyConditionExpression="#route = :route",
                ExpressionAttributeNames={"#route": "route"},
                ExpressionAttributeValues={":route": {"S": route}},
                ScanIndexForward=False,
                Limit=MOST,
            )
        except ClientError as error:
            if _is_no_table(error):
                return None
            raise Transient(f"DynamoDB: {error}") from error
        except BotoCoreError as error:
            raise Transient(f"DynamoDB: {error}") from error
        return [_flight(item) for item in answer["Items"]]

    def around(self, airport: str, at: datetime, also: Sequence[SeenFlight] = ()) -> list[SeenFlight] | None:
        """What leaves from an airport and what flies there, each once: around an instant, and before each of some
        flights that leave it. None where this stage keeps no flights."""
        due = [at, *(one.scheduled_departure_at for one in also)]
        span = min(due) - LOOK_BACK, max(at + LOOK_AHEAD, *due)
        try:
            found = [_flight(one) for one in items_at(self._dynamodb, self._table, airport, *span)]
        except Transient as error:
            if isinstance(error.__cause__, ClientError) and _is_no_table(error.__cause__):
                return None
            raise
        return list({one.flight_id: one for one in found}.values())


def _is_no_table(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "ResourceNotFoundException"


def _flight(item: Mapping[str, Any]) -> SeenFlight:
    return msgspec.convert(plain(item), SeenFlight, strict=False)
