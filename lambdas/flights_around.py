"""The flights that matter for a route now: what leaves from its first airport, and what flies there."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from optimizer.live.flight import LiveFlight
from schemas.errors import Transient

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LOOK_BACK: Final = timedelta(hours=18)
LOOK_AHEAD: Final = timedelta(hours=12)
NOT_FLYING: Final = ("CANCELLED", "DIVERTED")


def around(dynamodb: "DynamoDBClient", table: str, route: str, at: datetime) -> list[LiveFlight]:
    """Each once, from LOOK_BACK before to LOOK_AHEAD after. Raises Transient when DynamoDB is away, busy or refuses."""
    airport = route.partition("-")[0]
    found: dict[str, LiveFlight] = {}
    for index, attribute in (("by-origin", "origin"), ("by-destination", "destination")):
        for item in _query(dynamodb, table, index, attribute, airport, at):
            flight = live_flight(item, at)
            found[flight.flight_id] = flight
    return sorted(found.values(), key=lambda one: one.flight_id)


def live_flight(item: Mapping[str, Any], at: datetime) -> LiveFlight:
    """A flight of the table as of an instant: what was reported later is not known yet, in a replay that ran ahead."""
    departed, arrived = (_known(item, name, at) for name in ("actual_departure_at", "actual_arrival_at"))
    return LiveFlight(
        flight_id=item["flight_id"]["S"],
        carrier=item["carrier"]["S"],
        origin=item["origin"]["S"],
        destination=item["destination"]["S"],
        departs_minute=_minute(item["scheduled_departure_at"]["S"]),
        arrives_minute=_minute(item["scheduled_arrival_at"]["S"]),
        departed_minute=departed,
        arrived_minute=arrived,
        flies=item["state"]["S"] not in NOT_FLYING,
        tail=item.get("tail", {}).get("S"),
        designator=item.get("aircraft_type", {}).get("S"),
        seats=int(item["seats"]["N"]),
        passengers=int(item["passengers"]["N"]),
        distance_km=int(item["distance_km"]["N"]),
    )


def _query(
    dynamodb: "DynamoDBClient", table: str, index: str, attribute: str, airport: str, at: datetime
) -> Iterator[Mapping[str, Any]]:
    values = {
        ":airport": {"S": airport},
        ":first": {"S": _text(at - LOOK_BACK)},
        ":last": {"S": _text(at + LOOK_AHEAD)},
    }
    try:
        pages = dynamodb.get_paginator("query").paginate(
            TableName=table,
            IndexName=index,
            KeyConditionExpression="#airport = :airport AND scheduled_departure_at BETWEEN :first AND :last",
            ExpressionAttributeNames={"#airport": attribute},
            ExpressionAttributeValues=values,
        )
        for page in pages:
            yield from page["Items"]
    except (ClientError, BotoCoreError) as error:
        raise Transient(f"DynamoDB: {error}") from error


def _text(instant: datetime) -> str:
    """As msgspec writes instants, which sort as text."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _minute(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) // 60


def _known(item: Mapping[str, Any], name: str, at: datetime) -> int | None:
    text = item.get(name, {}).get("S")
    if text is None or datetime.fromisoformat(text) > at:
        return None
    return _minute(text)
