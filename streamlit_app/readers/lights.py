"""The lights as they stand, read anew only where they changed."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from alerts.batch_get import StoredAt, batch_get
from alerts.documents import Document, document_of
from alerts.entity import EntityLights
from alerts.items import READ, entity_place, read_lights
from alerts.settings import AlertSettings
from schemas.errors import Transient
from streamlit_app.readers.alarms import about_to_turn

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_VERSIONS: Final[dict[str, Any]] = {
    "ProjectionExpression": "entity, #version",
    "ExpressionAttributeNames": {"#version": "version"},
}


class LightsChanged(msgspec.Struct, frozen=True):
    """What is new since the versions that were known: whole entities, and the keys of those that are gone. `alarms` are
    documents of lights that were about to turn, read in the same call; they may be a moment older than the lights."""

    entities: tuple[EntityLights, ...]
    gone: frozenset[str]
    alarms: tuple[Document, ...]


class LightsReader:
    """The `lights` table. Raises Transient when DynamoDB is away, busy or refuses.

    A look asks for the versions alone (60 bytes an entity on the wire instead of 3 KB), then for what moved.
    """

    def __init__(self, dynamodb: "DynamoDBClient", settings: AlertSettings) -> None:
        self._dynamodb = dynamodb
        self._lights, self._delivery = settings.lights_table, settings.delivery_table

    def changed(self, known: Mapping[str, EntityLights]) -> LightsChanged:
        """Since these were read."""
        stored = dict(self._versions())
        moved = [key for key, version in stored.items() if key not in known or known[key].version != version]
        places = [StoredAt(self._lights, entity_place(key)) for key in moved]
        about = (key for one in moved if one in known for key in about_to_turn(known[one]))
        places += [StoredAt(self._delivery, key.place) for key in about]
        found = batch_get(self._dynamodb, places, {self._lights: READ})
        return LightsChanged(
            entities=tuple(map(read_lights, found.get(self._lights, ()))),
            gone=frozenset(known.keys() - stored.keys()),
            alarms=tuple(map(document_of, found.get(self._delivery, ()))),
        )

    def _versions(self) -> Iterable[tuple[str, int]]:
        try:
            for page in self._dynamodb.get_paginator("scan").paginate(TableName=self._lights, **_VERSIONS):
                for item in page["Items"]:
                    yield item["entity"]["S"], int(item["version"]["N"])
        except (ClientError, BotoCoreError) as error:
            raise Transient(f"DynamoDB: {error}") from error
