"""Lights, log and outbox in DynamoDB.

The order of promises: the state of an entity, the log entries of its transitions and their outbox entries are one
transaction, conditional on the version that was read. So a transition is stored with its alert or not at all, and
two workers on one entity cannot both make it. Nothing is published here (`notify.py`).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from alerts.decide import Action, Decision
from alerts.documents import ConflictError
from alerts.entity import Amendment, Change, EntityLights
from alerts.items import Item, changing_attributes, decision_update, lights_item, log_item, log_sk_of, read_lights
from alerts.outbox import Pending, outbox_put
from alerts.settings import AlertSettings
from schemas.errors import SemaforoError, Transient
from schemas.lights import Member, Transition

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ENTITIES_A_READ: Final = 100
"""BatchGetItem takes no more keys."""
ENTITIES_A_WRITE: Final = 25
"""BatchExecuteStatement takes no more statements."""
MOST_CHANGES: Final = 24
"""Transitions stored at once: TransactWriteItems takes 100 actions; beside the state, each transition needs its log and
its outbox entry, and may be the one to change the alarm that stands on a light and the list of a storm."""

_ROUNDS: Final = 5
_TAKEN: Final = {"ConditionalCheckFailed", "TransactionConflict", "DuplicateItem"}


class AlreadyStoredError(SemaforoError):
    """These alerts are in the outbox from an earlier life of the entity's state: they must not go out again."""

    def __init__(self, alert_ids: set[str]) -> None:
        super().__init__(f"in the outbox already: {', '.join(sorted(alert_ids))}")
        self.alert_ids = alert_ids


class Decided(msgspec.Struct, frozen=True):
    """A change, what is done about it, and the alert if people hear of it (now or later)."""

    change: Change
    decision: Decision
    pending: Pending | None
    amended: tuple[str, ...] = ()


class LightStore:
    """The three tables. Every method raises Transient when DynamoDB is away, busy or refuses."""

    def __init__(self, dynamodb: "DynamoDBClient", settings: AlertSettings) -> None:
        self._dynamodb = dynamodb
        self._settings = settings
        self._update = (
            f'UPDATE "{settings.lights_table}" '
            + " ".join(f'SET "{name}"=?' for name in _CHANGING)
            + ' WHERE "entity"=? AND "version"=?'
        )

    def load(self, entities: Iterable[EntityLights]) -> list[EntityLights]:
        """The stored lights of these entities, in their order; what is not stored comes back as it was given."""
        wanted = {lights.key: lights for lights in entities}
        keys = list(wanted)
        for start in range(0, len(keys), ENTITIES_A_READ):
            for item in self._read(keys[start : start + ENTITIES_A_READ]):
                lights = read_lights(item)
                wanted[lights.key] = lights
        return list(wanted.values())

    def commit(
        self,
        before: EntityLights,
        after: EntityLights,
        decided: Sequence[Decided],
        now: datetime,
        beside: Sequence[Any] = (),
    ) -> None:
        """State, log entries and outbox entries in one transaction. Raises ConflictError or AlreadyStoredError.

        `beside`: what else must be stored with them or not at all, as actions of the transaction.

        The SDK gives each call a client request token and keeps it over its own retries, so an answer that was lost
        does not turn into a conflict with ourselves.
        """
        state: Any = {
            "Put": {
                "TableName": self._settings.lights_table,
                "Item": lights_item(after, now),
                **_unchanged_since(before),
            }
        }
        entries = [action for one in decided for action in self._entries(one, now)]
        try:
            self._dynamodb.transact_write_items(TransactItems=[state, *beside, *(action for action, _ in entries)])
        except ClientError as error:
            known = [None] * (1 + len(beside))
            raise _refused(error, [*known, *(alert_id for _, alert_id in entries)], len(known)) from error
        except BotoCoreError as error:
            raise Transient(f"DynamoDB: {error}") from error

    def save(self, pairs: Sequence[tuple[EntityLights, EntityLights]], now: datetime) -> list[EntityLights]:
        """(before, after) of entities without transitions; returns the `before` of those somebody else wrote since.

        Conditional like `commit`, and 25 a call: 0.3 ms an entity on the local cloud where a put takes 1.3 ms.
        """
        refused = []
        for before, after in pairs:
            if before.version == 0 and not self._create(before, after, now):
                refused.append(before)
        known = [pair for pair in pairs if pair[0].version > 0]
        for start in range(0, len(known), ENTITIES_A_WRITE):
            refused += self._save_batch(known[start : start + ENTITIES_A_WRITE], now)
        return refused

    def amend(self, entity: str, amendment: Amendment, now: datetime) -> Any:
        """The note in the log entry of a standing alarm, as part of a transaction."""
        sk = log_sk_of(amendment.at, amendment.rule, amendment.light)
        key: Item = {"entity": {"S": entity}, "sk": {"S": sk}}
        return decision_update(key, now, "amended", amendment.reason, self._settings)

    def transition(self, member: Member) -> Transition:
        """The change that a storm's list names, out of the log."""
        key: Item = {
            "entity": {"S": f"{member.scope}#{member.entity}"},
            "sk": {"S": log_sk_of(member.at, member.rule, member.light)},
        }
        try:
            answer = self._dynamodb.get_item(TableName=self._settings.light_log_table, Key=key, ConsistentRead=True)
        except (ClientError, BotoCoreError) as error:
            raise Transient(f"DynamoDB: {error}") from error
        if "Item" not in answer:
            raise Transient(f"the log does not have {key}")
        return msgspec.json.decode(answer["Item"]["transition"]["S"], type=Transition)

    def _read(self, keys: list[str]) -> list[Any]:
        table = self._settings.lights_table
        request: Any = {table: {"Keys": [{"entity": {"S": key}} for key in keys], "ConsistentRead": True}}
        items: list[Any] = []
        for _ in range(_ROUNDS):
            try:
                answer = self._dynamodb.batch_get_item(RequestItems=request)
            except (ClientError, BotoCoreError) as error:
                raise Transient(f"DynamoDB: {error}") from error
            items += answer["Responses"].get(table, [])
            request = answer.get("UnprocessedKeys")
            if not request:
                return items
        raise Transient(f"DynamoDB left keys unread {_ROUNDS} times")

    def _entries(self, one: Decided, now: datetime) -> list[tuple[Any, str | None]]:
        """The log entry and the outbox entry of a transition, each with the alert id a refusal would be about."""
        log = {
            "TableName": self._settings.light_log_table,
            "Item": log_item(one.change, one.decision, now, one.amended),
        }
        if one.pending is None or one.decision.action is Action.LOG:
            return [({"Put": log}, None)]
        outbox = outbox_put(one.pending, one.decision, self._settings)
        return [({"Put": log}, None), (outbox, one.pending.message.alert_id)]

    def _create(self, before: EntityLights, after: EntityLights, now: datetime) -> bool:
        try:
            self.commit(before, after, [], now)
        except ConflictError:
            return False
        return True

    def _save_batch(self, pairs: Sequence[tuple[EntityLights, EntityLights]], now: datetime) -> list[EntityLights]:
        statements: Any = [self._statement(before, after, now) for before, after in pairs]
        try:
            answers = self._dynamodb.batch_execute_statement(Statements=statements)["Responses"]
        except (ClientError, BotoCoreError) as error:
            raise Transient(f"DynamoDB: {error}") from error
        refused = []
        for (before, _), answer in zip(pairs, answers, strict=True):
            code = answer.get("Error", {}).get("Code")
            if code in _TAKEN:
                refused.append(before)
            elif code is not None:
                raise Transient(f"DynamoDB: {before.key}: {code}: {answer['Error'].get('Message')}")
        return refused

    def _statement(self, before: EntityLights, after: EntityLights, now: datetime) -> Any:
        values = changing_attributes(after, now)
        parameters = [*(values[name] for name in _CHANGING), {"S": before.key}, {"N": str(before.version)}]
        return {"Statement": self._update, "Parameters": parameters}


_CHANGING: Final = (
    "version", "worst", "lights", "usd_per_hour", "modelled", "at", "updated_at", "states", "kpi_rows", "kpi_history",
)  # fmt: skip


def _unchanged_since(before: EntityLights) -> dict[str, Any]:
    if before.version == 0:
        return {"ConditionExpression": "attribute_not_exists(entity)"}
    values: Item = {":seen": {"N": str(before.version)}}
    return {
        "ConditionExpression": "#version = :seen",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": values,
    }


def _refused(error: ClientError, alert_ids: Sequence[str | None], versioned: int) -> SemaforoError:
    """What a refused transaction means; `alert_ids` stand in the order of its actions, `versioned` ones come first."""
    answer: Any = error.response
    reasons = [reason.get("Code") for reason in answer.get("CancellationReasons", [])]
    if not any(code in _TAKEN for code in reasons):
        return Transient(f"DynamoDB: {error}")
    if any(code in _TAKEN for code in reasons[:versioned]) or "TransactionConflict" in reasons:
        return ConflictError("written by another worker")
    return AlreadyStoredError(
        {alert_id for alert_id, code in zip(alert_ids, reasons, strict=True) if alert_id and code in _TAKEN}
    )
