"""A round's entities to the table, those that changed lights with what people are to hear of them, and that to SNS."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Final

import msgspec

from alerts.at_once import AtOnce, groups_of
from alerts.decide import Action
from alerts.desk import Decisions, standing_amendments
from alerts.documents import ConflictError
from alerts.entity import EntityLights, Folded
from alerts.notify import Clock, Notifier
from alerts.store import ENTITIES_A_WRITE, AlreadyStoredError, LightStore
from alerts.writes import Decided, Write, together
from schemas.errors import Transient

FAILURES_BORNE: Final = 3
"""A hot key may fail alone. After this many entities that could not be stored, the table is away: the rest of the batch
is given back at once instead of waiting out the time limit of each."""


class Judged(msgspec.Struct):
    """One entity in one round: how it was read, what the rows made of it, and who is to hear of that."""

    before: EntityLights
    folded: Folded
    decisions: Decisions | None = None


class Stored(msgspec.Struct):
    """One entity after its round. `problem` holds what kept it from being stored; `conflict` means another round."""

    judged: Judged
    decided: Sequence[Decided] = ()
    sent_at: Mapping[str, datetime] = {}
    conflict: bool = False
    problem: str = ""


class Storing:
    """The storing of one batch, round after round: what was away for one entity may be spared the next."""

    def __init__(self, store: LightStore, notifier: Notifier, clock: Clock, at_once: AtOnce) -> None:
        self._store = store
        self._notifier = notifier
        self._clock = clock
        self._at_once = at_once
        self._failures = 0
        self._sns_answers = True

    def store(self, judged: list[Judged]) -> Iterator[Stored]:
        """Entities that changed lights first, for people wait for those; the rest in few calls beside them."""
        changed = [one for one in judged if one.folded.changes or one.folded.amendments]
        quiet = [one for one in judged if not one.folded.changes and not one.folded.amendments]
        moved = [one for one in quiet if one.folded.after is not one.before]
        yield from (Stored(one) for one in quiet if one.folded.after is one.before)
        in_order = iter(changed)
        groups = [[(next(in_order), write) for write in group] for group in together(map(self._write, changed))]
        tasks = [partial(self._store_changed, group) for group in groups]
        tasks += [partial(self._store_moved, some) for some in groups_of(ENTITIES_A_WRITE, moved)]
        yield from chain.from_iterable(self._at_once(tasks))

    def _store_moved(self, moved: Sequence[Judged]) -> list[Stored]:
        try:
            refused = self._store.save([(one.before, one.folded.after) for one in moved], self._clock())
        except Transient as error:
            return [Stored(one, problem=str(error)) for one in moved]
        lost = {lights.key for lights in refused}
        return [Stored(one, conflict=one.before.key in lost) for one in moved]

    def _write(self, one: Judged) -> Write:
        now = self._clock()
        notes = [self._store.amend(one.before.key, note, now) for note in standing_amendments(one.folded)]
        decisions = one.decisions or Decisions([], [])
        return Write(one.before, one.folded.after, decisions.decided, [*decisions.beside, *notes])

    def _store_changed(self, group: Sequence[tuple[Judged, Write]]) -> list[Stored]:
        """In one transaction; if that is refused each by itself, for the others have nothing to do with the cause."""
        stored = self._store_together(group) if len(group) > 1 else None
        stored = stored or [self._store_alone(one, write) for one, write in group]
        sent_at = self._send([decided for one in stored for decided in one.decided])
        for one in stored:
            one.sent_at = sent_at
        return stored

    def _store_together(self, group: Sequence[tuple[Judged, Write]]) -> list[Stored] | None:
        if self._failures >= FAILURES_BORNE:
            return None
        try:
            self._store.commit([write for _, write in group], self._clock())
        except (ConflictError, AlreadyStoredError, Transient):
            return None
        return [Stored(one, write.decided) for one, write in group]

    def _store_alone(self, one: Judged, write: Write) -> Stored:
        if self._failures >= FAILURES_BORNE:
            return Stored(one, problem="not tried: DynamoDB failed for others of the batch")
        try:
            return Stored(one, self._commit(write, self._clock()))
        except ConflictError:
            return Stored(one, conflict=True)
        except Transient as error:
            self._failures += 1
            return Stored(one, problem=str(error))

    def _commit(self, write: Write, now: datetime) -> Sequence[Decided]:
        """Store; what an earlier life of the state put into the outbox stays as it is. Returns what is new."""
        try:
            self._store.commit([write], now)
        except AlreadyStoredError as known:
            new = [d for d in write.decided if d.pending is None or d.pending.message.alert_id not in known.alert_ids]
            write = msgspec.structs.replace(write, decided=new)
            self._store.commit([write], now)
        return write.decided

    def _send(self, decided: Sequence[Decided]) -> Mapping[str, datetime]:
        """When SNS took each alert that is to be sent now; the others wait for the sweeper."""
        waiting = [d.pending for d in decided if d.pending is not None and d.decision.action is Action.SEND]
        if not waiting or not self._sns_answers:
            return {}
        sent_at = self._notifier.deliver_all(waiting)
        if len(sent_at) < len(waiting):
            self._sns_answers = False  # for the rest of this batch
        return sent_at
