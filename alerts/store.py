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

from alerts.batch_get import StoredAt, batch_get
from alerts.documents import ConflictError
from alerts.entity import Amendment, EntityLights
from alerts.items import READ, Item, changed_attributes, decision_update, entity_place, log_sk_of, read_lights
from alerts.settings import AlertSettings
from alerts.writes import Write, actions, together
from schemas.errors import SemaforoError, Transient
from schemas.lights import Member, Transition

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ENTITIES_A_WRITE: Final = 25
"""BatchExecuteStatement takes no more statements."""

_TAKEN: Final = {"ConditionalCheckFailed", "TransactionConflict", "DuplicateItem"}


class AlreadyStoredError(SemaforoError):
    """These alerts are in the outbox from an earlier life of the entity's state: they must not go out again."""

    def __init__(self, alert_ids: set[str]) -> None:
        super().__init__(f"in the outbox already: {', '.join(sorted(alert_ids))}")
        self.alert_ids = alert_ids


class LightStore:
    """The three tables. Every method raises Transient when DynamoDB is away, busy or refuses."""

    def __init__(self, dynamodb: "DynamoDBClient", settings: AlertSettings) -> None:
        self._dynamodb = dynamodb
        self._settings = settings

    def load(self, entities: Iterable[EntityLights]) -> list[EntityLights]:
        """The stored lights of these entities, in their order; what is not stored comes back as it was given."""
        wanted = {lights.key: lights for lights in entities}
        table = self._settings.lights_table
        places = (StoredAt(table, entity_place(key)) for key in wanted)
        for item in batch_get(self._dynamodb, places, {table: READ}).get(table, ()):
            lights = read_lights(item)
            wanted[lights.key] = lights
        return list(wanted.values())

    def commit(self, writes: Sequence[Write], now: datetime) -> None:
        """State, log entries and outbox entries of these entities in one transaction.

        Raises ConflictError, AlreadyStoredError, Transient: nothing is stored then, of none of them.

        The SDK gives each call a client request token and keeps it over its own retries, so an answer that was lost
        does not turn into a conflict with ourselves.
        """
        wanted = [action for write in writes for action in actions(write, now, self._settings)]
        try:
            self._dynamodb.transact_write_items(TransactItems=[one.action for one in wanted])
        except ClientError as error:
            raise _refused(error, [one.alert_id for one in wanted]) from error
        except BotoCoreError as error:
            raise Transient(f"DynamoDB: {error}") from error

    def save(self, pairs: Sequence[tuple[EntityLights, EntityLights]], now: datetime) -> list[EntityLights]:
        """(before, after) of entities without transitions; returns the `before` of those somebody else wrote since.

        Conditional like `commit`, and 25 a call: 0.3 ms an entity on the local cloud where a put takes 1.3 ms.
        """
        refused = []
        for group in together(Write(before, after) for before, after in pairs if before.version == 0):
            refused += self._create(group, now)
        known = [pair for pair in pairs if pair[0].version > 0]
        for start in range(0, len(known), ENTITIES_A_WRITE):
            refused += self._save_batch(known[start : start + ENTITIES_A_WRITE])
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

    def _create(self, group: Sequence[Write], now: datetime) -> list[EntityLights]:
        try:
            self.commit(group, now)
        except ConflictError:
            if len(group) == 1:
                return [group[0].before]
            return [before for write in group for before in self._create([write], now)]
        return []

    def _save_batch(self, pairs: Sequence[tuple[EntityLights, EntityLights]]) -> list[EntityLights]:
        statements: Any = [self._statement(before, after) for before, after in pairs]
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

    def _statement(self, before: EntityLights, after: EntityLights) -> Any:
        values = changed_attributes(before, after)
        sets = " ".join(f'SET "{name}"=?' for name in values)
        return {
            "Statement": f'UPDATE "{self._settings.lights_table}" {sets} WHERE "entity"=? AND "version"=?',
            "Parameters": [*values.values(), {"S": before.key}, {"N": str(before.version)}],
        }


def _refused(error: ClientError, alert_ids: Sequence[str]) -> SemaforoError:
    """What a refused transaction means; the alert of each of its actions, "" where a version is its condition."""
    answer: Any = error.response
    reasons = [reason.get("Code") for reason in answer.get("CancellationReasons", [])]
    if not any(code in _TAKEN for code in reasons):
        return Transient(f"DynamoDB: {error}")
    taken = {alert_id for alert_id, code in zip(alert_ids, reasons, strict=True) if code in _TAKEN}
    if "" in taken or "TransactionConflict" in reasons:
        return ConflictError("written by another worker")
    return AlreadyStoredError(taken)
