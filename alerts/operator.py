"""What an operator does about alarms: takes one on, puts one off, silences many. Each is written with who did it."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from alerts.decide import Action
from alerts.desk import read_silences
from alerts.documents import KEPT, ConflictError, Document, Documents, Key
from alerts.entity import entity_key
from alerts.history import History
from alerts.items import Item, decision_update
from alerts.open_lights import NOTHING, Acknowledged, OpenLight, light_key, stored
from alerts.selectors import Selector
from alerts.settings import AlertSettings
from alerts.silences import Silence, Weekly
from alerts.storms import Said, list_of
from schemas.errors import SemaforoError
from schemas.lights import Alert, Member

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ATTEMPTS = 5
"""A row or the sweeper may write the same alarm at the same moment: once in a while, not five times in a row."""


class NothingThereError(SemaforoError):
    """No alarm, silence or storm of this name stands."""


class Operator:
    """The commands' side of the delivery table. Raises Transient when DynamoDB is away, NothingThereError."""

    def __init__(self, dynamodb: "DynamoDBClient", settings: AlertSettings, history: History) -> None:
        self._documents = Documents(dynamodb, settings)
        self._settings = settings
        self._history = history

    def targets(self, alert_id: str | None, entity: tuple[str, str] | None, rule: str | None) -> list[Key]:
        """The alarms that stand: of an alert (whatever was said of it again), or of an entity (scope, name)."""
        if entity is not None:
            found = [one.key for one in self._documents.query(f"light#{entity[0]}#{entity[1]}") if _stands(one)]
            keys = [key for key in found if rule in (None, key.sk)]
        else:
            entry = self._history.entry((alert_id or "").partition(".")[0])
            t = entry.transition if entry else None
            key = light_key(t.scope, t.entity, t.rule) if t else None
            keys = [key] if key and _stands(self._documents.get(key)) else []
        if not keys:
            raise NothingThereError(f"no alarm stands there: {alert_id or (entity or ('', ''))[1]}")
        return keys

    def acknowledge(self, key: Key, by: str, comment: str, now: datetime) -> OpenLight:
        """No repeats and no escalation till the alarm worsens or ends."""
        said = f"by {by}" + (f": {comment}" if comment else "")
        return self._change(key, "acknowledged", said, now, acknowledged=Acknowledged(by, now, comment))

    def acknowledge_storm(self, storm_id: str, by: str, comment: str, now: datetime) -> None:
        """No escalation of the storm, and no summary that only says it goes on."""
        document = self._documents.get(Key("summary", storm_id))
        said = document.read(Said, Said())
        if said.told_at is None:
            raise NothingThereError(f"nothing was said of a storm {storm_id}")
        key: Item = {
            "entity": {"S": f"storm#{storm_id}"},
            "sk": {"S": f"{said.told_at.isoformat()}#{said.number:04d}"},
        }
        after = msgspec.structs.replace(said, acknowledged=Acknowledged(by, now, comment))
        note = decision_update(key, now, "acknowledged", f"by {by}: {comment}", self._settings)
        self._documents.transact([self._documents.action(document.written(after)), note])

    def snooze(self, key: Key, length: timedelta, by: str, comment: str, now: datetime) -> Silence:
        """Nothing of this light till then; if the alarm still stands, it is told again."""
        _, scope, name = key.pk.split("#")
        match = msgspec.convert({"rule": [key.sk], scope: [name]}, Selector)
        silence = self.silence(match, by, comment, now, now + length, snooze=True)
        held = {"action": Action.SILENCE, "by": silence.silence_id, "reason": silence.words(now)}
        self._change(key, "snoozed", silence.words(now), now, **held)
        return silence

    def silence(
        self,
        match: Selector,
        by: str,
        comment: str,
        starts_at: datetime,
        ends_at: datetime,
        weekly: Weekly | None = None,
        *,
        snooze: bool = False,
    ) -> Silence:
        """A new one; it takes hold within ten seconds."""
        silence = Silence(
            silence_id=f"{'snooze' if snooze else 'silence'}-{secrets.token_hex(3)}",
            match=match,
            author=by,
            comment=comment,
            starts_at=starts_at,
            ends_at=ends_at,
            weekly=weekly,
            snooze=snooze,
        )
        document = Document(Key("silence", silence.silence_id))
        self._documents.put(document.written(silence, expires_at=ends_at + KEPT))
        return silence

    def unsilence(self, silence_id: str, by: str, now: datetime) -> Silence:
        """Ends it now; what still stands is told within a minute."""
        document = self._documents.get(Key("silence", silence_id))
        if not document.version:
            raise NothingThereError(f"no silence {silence_id}")
        silence = msgspec.json.decode(document.body, type=Silence)
        if silence.ends_at <= now:
            raise NothingThereError(f"{silence_id} is over since {silence.ends_at:%Y-%m-%d %H:%M} UTC")
        ended = msgspec.structs.replace(silence, ends_at=now, ended_by=by)
        self._documents.put(document.written(ended, expires_at=now + KEPT))
        return ended

    def silences(self, now: datetime) -> list[Silence]:
        """Those that are not over, the first to end first."""
        return sorted(read_silences(self._documents, now), key=lambda one: one.ends_at)

    def storm(self, storm_id: str) -> list[Member]:
        """The full list of a storm, as its lights are now."""
        members = list_of(self._documents, self._with_absorbed(storm_id))
        if not members:
            raise NothingThereError(f"no storm {storm_id}")
        return members

    def _with_absorbed(self, storm_id: str) -> Sequence[str]:
        said = self._documents.get(Key("summary", storm_id)).read(Said, Said())
        return (*said.absorbed, storm_id)

    def _change(self, key: Key, noted: str, why: str, now: datetime, **changes: object) -> OpenLight:
        for _ in range(ATTEMPTS):
            document = self._documents.get(key)
            before = document.read(OpenLight, NOTHING)
            if not before.alarm or before.alert is None:
                break
            after = msgspec.structs.replace(before, **changes)
            actions = [
                self._documents.action(stored(document, after, now)),
                decision_update(_log_key(before, before.alert), now, noted, why, self._settings),
            ]
            try:
                self._documents.transact(actions)
            except ConflictError:
                continue
            return after
        raise NothingThereError(f"no alarm stands there: {key.pk} {key.sk}")


def _stands(document: Document) -> bool:
    return document.read(OpenLight, NOTHING).alarm


def _log_key(light: OpenLight, alert: Alert) -> Item:
    transition = alert.transition
    return {"entity": {"S": entity_key(transition.scope, transition.entity)}, "sk": {"S": light.log_sk}}
