"""The flights table beside a stage that was deployed without feeds, with its indices."""

from typing import Any

from deploy.stacks.flights_table import INDICES
from tests.integration.alert_desk import AlertDesk


def create_flights_table(desk: AlertDesk) -> str:
    """Its name."""
    table = f"semaforo-{desk.settings.stage}-flights"
    attributes = ("flight_id", *INDICES.values(), "scheduled_departure_at")
    indices: list[Any] = [
        {
            "IndexName": index,
            "Projection": {"ProjectionType": "ALL"},
            "KeySchema": [
                {"AttributeName": attribute, "KeyType": "HASH"},
                {"AttributeName": "scheduled_departure_at", "KeyType": "RANGE"},
            ],
        }
        for index, attribute in INDICES.items()
    ]
    desk.dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in attributes],
        KeySchema=[{"AttributeName": "flight_id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=indices,
    )
    return table
