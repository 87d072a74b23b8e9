"""Items by their keys, of one table or several at once, as they were last written."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from schemas.errors import Transient

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEYS_A_CALL: Final = 100
"""BatchGetItem takes no more."""
_ROUNDS: Final = 5


class StoredAt(NamedTuple):
    """The place of an item."""

    table: str
    key: Mapping[str, Any]


def batch_get(
    dynamodb: "DynamoDBClient", places: Iterable[StoredAt], options: Mapping[str, Mapping[str, Any]]
) -> dict[str, list[Any]]:
    """What is stored there, by table; `options` say of a table what of its items is read. Raises Transient."""
    wanted = list(places)
    found: dict[str, list[Any]] = {one.table: [] for one in wanted}
    for start in range(0, len(wanted), KEYS_A_CALL):
        request: Any = {}
        for table, key in wanted[start : start + KEYS_A_CALL]:
            of_table = request.setdefault(table, {"Keys": [], "ConsistentRead": True, **options.get(table, {})})
            of_table["Keys"].append(key)
        for table, items in _all_of(dynamodb, request):
            found[table] += items
    return found


def _all_of(dynamodb: "DynamoDBClient", request: Any) -> Iterable[tuple[str, list[Any]]]:
    for _ in range(_ROUNDS):
        try:
            answer = dynamodb.batch_get_item(RequestItems=request)
        except (ClientError, BotoCoreError) as error:
            raise Transient(f"DynamoDB: {error}") from error
        yield from answer["Responses"].items()
        request = answer.get("UnprocessedKeys")
        if not request:
            return
    raise Transient(f"DynamoDB left keys unread {_ROUNDS} times")
