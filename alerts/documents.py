"""The `delivery` table: what is remembered between deciding and telling, as small JSON documents with a version.

light#route#JFK-LAX / <rule>   the alarm that stands there, and what people know of it    open_lights.py
causes / stage                 the alarms of the last minutes, the storms that go on       causes.py
storm#<id> / <light>           one light of a storm: the full list                         storms.py
summary / <storm id>           what was last said about a storm                            storms.py
silence / <id>                 a silence or a snooze                                       silences.py
advice#route#JFK-LAX / <alert> the actions advised beside an alert, and the answer         advice.py
advice-record / <kind>         what the newest actions of a kind came to                   track_record.py
stage / rows                   when a row last came, and since when none does              outage.py
catalog / rules                the rules that were published, and those before them        live_catalog.py
catalog / kept <place>         one catalogue that was published once                       live_catalog.py

Every write is conditional on the version that was read, so that nobody overwrites what he has not seen. Nothing is
deleted: what is over leaves by its time to live. `open_kind` is there only while a document needs the sweeper.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from alerts.batch_get import StoredAt, batch_get
from alerts.settings import AlertSettings
from schemas.errors import SemaforoError, Transient

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT: Final = timedelta(days=28)
"""How long what is over can still be looked at; the log keeps it for good."""
OPEN_INDEX: Final = "open"
_TAKEN: Final = {"ConditionalCheckFailed", "TransactionConflict"}
_TAKEN_ALONE: Final = {"ConditionalCheckFailedException", "TransactionConflictException"}

T = TypeVar("T")


class ConflictError(SemaforoError):
    """Somebody else wrote this since it was read: read it again and decide anew."""


class Key(NamedTuple):
    """Where a document stands."""

    pk: str
    sk: str

    @property
    def place(self) -> dict[str, Any]:
        """As DynamoDB has it."""
        return {"pk": {"S": self.pk}, "sk": {"S": self.sk}}


class Document(msgspec.Struct, frozen=True):
    """`version` counts its writes; 0: not stored. `open_kind` "" and `expires_at` None where they do not apply."""

    key: Key
    body: bytes = b""
    version: int = 0
    open_kind: str = ""
    expires_at: datetime | None = None

    def read(self, kind: type[T], otherwise: T) -> T:
        """The record in it, or `otherwise` if it is not stored."""
        return msgspec.json.decode(self.body, type=kind) if self.version else otherwise

    def written(self, record: Any, open_kind: str = "", expires_at: datetime | None = None) -> "Document":
        """With another record in it, one version on."""
        return Document(self.key, msgspec.json.encode(record), self.version + 1, open_kind, expires_at)


class Documents:
    """The table. Every method raises Transient when DynamoDB is away, busy or refuses."""

    def __init__(self, dynamodb: "DynamoDBClient", settings: AlertSettings) -> None:
        self._dynamodb = dynamodb
        self._table = settings.delivery_table

    def get(self, key: Key) -> Document:
        """One document, as it was last written."""
        return self.get_all([key])[key]

    def get_all(self, keys: Iterable[Key]) -> dict[Key, Document]:
        """Each of them; those that are not stored with version 0."""
        found = {key: Document(key) for key in keys}
        places = (StoredAt(self._table, key.place) for key in found)
        for item in batch_get(self._dynamodb, places, {}).get(self._table, ()):
            document = document_of(item)
            found[document.key] = document
        return found

    def query(self, pk: str) -> Iterator[Document]:
        """All documents of a partition, as they were last written, by sort key."""
        return self._pages(
            KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": pk}}, ConsistentRead=True
        )

    def open(self, kind: str) -> Iterator[Document]:
        """Those that need the sweeper. From an index, which may be a moment behind: write conditionally."""
        values = {":kind": {"S": kind}}
        return self._pages(
            IndexName=OPEN_INDEX, KeyConditionExpression="open_kind = :kind", ExpressionAttributeValues=values
        )

    def open_versions(self, kind: str) -> Iterator[tuple[Key, int]]:
        """Which those are, as far as the index knows, and at which version."""
        for item in self._items(
            IndexName=OPEN_INDEX,
            KeyConditionExpression="open_kind = :kind",
            ExpressionAttributeValues={":kind": {"S": kind}},
            ProjectionExpression="pk, sk, #version",
            ExpressionAttributeNames={"#version": "version"},
        ):
            yield Key(item["pk"]["S"], item["sk"]["S"]), int(item["version"]["N"])

    def put(self, document: Document) -> None:
        """Raises ConflictError unless it is one version on from what is stored. Half the price of a transaction."""
        try:
            self._dynamodb.put_item(**self.action(document)["Put"])
        except ClientError as error:
            if error.response["Error"]["Code"] in _TAKEN_ALONE:
                raise ConflictError("written by another worker") from error
            raise Transient(f"DynamoDB: {error}") from error
        except BotoCoreError as error:
            raise Transient(f"DynamoDB: {error}") from error

    def action(self, document: Document, *, conditional: bool = True) -> Any:
        """The put as part of a transaction; without its condition where another of the transaction guards it."""
        item: dict[str, Any] = {
            **document.key.place,
            "version": {"N": str(document.version)},
            "body": {"S": document.body.decode()},
        }
        if document.open_kind:
            item["open_kind"] = {"S": document.open_kind}
        if document.expires_at is not None:
            item["expires_at"] = {"N": str(int(document.expires_at.timestamp()))}
        put: dict[str, Any] = {"TableName": self._table, "Item": item}
        if not conditional:
            return {"Put": put}
        if document.version == 1:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        else:
            put["ConditionExpression"] = "#version = :seen"
            put["ExpressionAttributeNames"] = {"#version": "version"}
            put["ExpressionAttributeValues"] = {":seen": {"N": str(document.version - 1)}}
        return {"Put": put}

    def transact(self, actions: list[Any]) -> None:
        """All or nothing. Raises ConflictError if a condition does not hold."""
        try:
            self._dynamodb.transact_write_items(TransactItems=actions)
        except ClientError as error:
            answer: Any = error.response
            codes = {reason.get("Code") for reason in answer.get("CancellationReasons", [])}
            if codes & _TAKEN:
                raise ConflictError("written by another worker") from error
            raise Transient(f"DynamoDB: {error}") from error
        except BotoCoreError as error:
            raise Transient(f"DynamoDB: {error}") from error

    def _pages(self, **request: Any) -> Iterator[Document]:
        return map(document_of, self._items(**request))

    def _items(self, **request: Any) -> Iterator[Any]:
        try:
            for page in self._dynamodb.get_paginator("query").paginate(TableName=self._table, **request):
                yield from page["Items"]
        except (ClientError, BotoCoreError) as error:
            raise Transient(f"DynamoDB: {error}") from error


def document_of(item: Any) -> Document:
    """The document that an item is."""
    expires = item.get("expires_at")
    return Document(
        Key(item["pk"]["S"], item["sk"]["S"]),
        item["body"]["S"].encode(),
        int(item["version"]["N"]),
        item.get("open_kind", {}).get("S", ""),
        datetime.fromtimestamp(int(expires["N"]), tz=UTC) if expires else None,
    )
