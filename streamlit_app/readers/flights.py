"""The flights behind a route's figures: the table `flights`, where a stage has the feeds that fill it."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from schemas.errors import Transient

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST: Final = 40
"""The newest by schedule: two days of a busy route."""
INDEX: Final = "by-route"


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
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise Transient(f"DynamoDB: {error}") from error
        except BotoCoreError as error:
            raise Transient(f"DynamoDB: {error}") from error
        return [_flight(item) for item in answer["Items"]]


def _flight(item: dict[str, Any]) -> SeenFlight:
    plain = {name: next(iter(value.values())) for name, value in item.items()}
    return msgspec.convert(plain, SeenFlight, strict=False)
