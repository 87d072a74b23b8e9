"""Rows of the stream to stored lights and sent alerts: read, judge, store, publish, mark."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import chain
from typing import Final

import msgspec

from alerts.decide import Action
from alerts.desk import Decisions, Desk, standing_amendments
from alerts.documents import ConflictError
from alerts.entity import ArrivedRow, Defect, EntityLights, Folded, entity_key, fold
from alerts.inhibition import Reds, inhibiting
from alerts.neighbours import Neighbours
from alerts.notify import Clock, Notifier
from alerts.outage import RowsNote
from alerts.store import ENTITIES_A_READ, MOST_CHANGES, AlreadyStoredError, Decided, LightStore
from alerts.storms import Storms
from rules.load import Catalog
from schemas.errors import Transient
from schemas.rows import KpiRow, ends_of

ROUNDS: Final = 8
"""How often an entity is read and judged anew when another worker was faster. One worker reads a shard at a time, so
even one conflict is rare (a shard that was just split, a person's command)."""
WORKERS: Final = 8
"""Entities whose transitions are stored and sent at once. Each waits for the network three times; the state, log and
outbox of different entities have nothing to do with each other."""
FAILURES_BORNE: Final = 3
"""A hot key may fail alone. After this many entities that could not be stored, the table is away: the rest of the batch
is given back at once instead of waiting out the time limit of each."""


class Outcome(msgspec.Struct):
    """What became of a batch. `failed` (record to reason) must be delivered again; `defects` can never be judged.

    `unsent` alerts are stored and left to the sweeper. Latencies are from the event's append in Kafka to SNS's answer.
    """

    rows: int = 0
    failed: dict[int, str] = {}
    defects: list[Defect] = []
    transitions: dict[str, int] = {}
    decisions: dict[str, int] = {}
    sent: int = 0
    unsent: int = 0
    latencies_ms: list[float] = []


Waiting = dict[str, list[ArrivedRow]]
"""Rows still to be stored, by entity."""


class _Judged(msgspec.Struct):
    """One entity in one round: how it was read, what the rows made of it, and who is to hear of that."""

    before: EntityLights
    folded: Folded
    decisions: Decisions | None = None


class _Stored(msgspec.Struct):
    """One entity after its round. `problem` holds what kept it from being stored; `conflict` means another round."""

    judged: _Judged
    decided: list[Decided] = []
    sent_at: list[datetime] = []
    conflict: bool = False
    problem: str = ""


class Semaforo:
    """The live path behind the stream. One instance serves many batches, one at a time."""

    def __init__(
        self,
        catalog: Catalog,
        store: LightStore,
        desk: Desk,
        storms: Storms,
        rows: RowsNote,
        notifier: Notifier,
        clock: Clock,
    ) -> None:
        self._catalog = catalog
        self._inhibiting = inhibiting(catalog)
        self._store = store
        self._desk = desk
        self._storms = storms
        self._rows = rows
        self._notifier = notifier
        self._clock = clock
        self._pool = ThreadPoolExecutor(WORKERS)
        self._store_failures = 0
        self._sns_answers = True

    def use(self, catalog: Catalog) -> None:
        """The rules from the next batch on."""
        if catalog is not self._catalog:
            self._catalog, self._inhibiting = catalog, inhibiting(catalog)

    def process(self, records: Sequence[Sequence[KpiRow]]) -> Outcome:
        """Judge the rows of each record; all rows of an entity are folded into one write.

        A row that was seen before, or is older than one that was, changes nothing: any part of a batch may be
        delivered again. Storing fails per entity (`Outcome.failed` names the records its rows came in); an alert that
        is stored and cannot be published is left to the sweeper.
        """
        outcome = Outcome(rows=sum(map(len, records)))
        self._store_failures, self._sns_answers = 0, True
        for waiting in _chunks(_by_entity(records)):
            self._process_chunk(waiting, outcome)
        self._afterwards(outcome)
        return outcome

    def _afterwards(self, outcome: Outcome) -> None:
        """What the sweeper does as well, only later: nothing of the batch depends on it."""
        now = self._clock()
        with contextlib.suppress(Transient):
            if outcome.rows:
                self._rows.note(now)
            if self._desk.storm_is_due(now):
                self._storms.tell_all(now)

    def _process_chunk(self, waiting: Waiting, outcome: Outcome) -> None:
        for _ in range(ROUNDS):
            try:
                judged = self._judge(waiting)
            except Transient as error:
                return _fail(outcome, waiting, str(error))
            again: Waiting = {}
            for stored in self._store_all(judged):
                key = stored.judged.before.key
                if stored.conflict:
                    again[key] = waiting[key]
                elif stored.problem:
                    _fail(outcome, {key: waiting[key]}, stored.problem)
                else:
                    _count(outcome, stored)
                    if stored.judged.folded.left:
                        again[key] = stored.judged.folded.left
            waiting = again
            if not waiting:
                return None
        return _fail(outcome, waiting, f"not stored in {ROUNDS} rounds")

    def _judge(self, waiting: Waiting) -> list[_Judged]:
        firsts = [rows[0].row for rows in waiting.values()]
        wanted = [EntityLights(scope=row.scope, name=row.entity) for row in firsts]
        if self._catalog.pools or "airport" in self._inhibiting:
            routes = [row.entity for row in firsts if row.scope == "route"]
            wanted += [EntityLights(scope="airport", name=airport) for route in routes for airport in ends_of(route)]
        if "carrier" in self._inhibiting:
            flying = {carrier for rows in waiting.values() for one in rows for carrier in one.row.flown_by}
            wanted += [EntityLights(scope="carrier", name=carrier) for carrier in sorted(flying)]
        known = self._store.load(wanted)
        arrived = (one.row for rows in waiting.values() for one in rows)
        stored = (row for lights in known for row in (*lights.history, *lights.rows.values()))
        neighbours = Neighbours(chain(stored, arrived))
        now = self._clock()
        judged = [
            _Judged(
                lights,
                fold(
                    lights,
                    waiting[lights.key],
                    self._catalog,
                    now,
                    most_changes=MOST_CHANGES,
                    neighbours=neighbours,
                ),
            )
            for lights in known
            if lights.key in waiting
        ]
        changed = [one for one in judged if one.folded.changes]
        after = {one.before.key: one.folded.after for one in judged}
        reds = Reds((after.get(lights.key, lights) for lights in known), self._catalog)
        for one, decisions in zip(changed, self._desk.decide([o.folded for o in changed], reds, now), strict=True):
            one.decisions = decisions
        return judged

    def _store_all(self, judged: list[_Judged]) -> Iterator[_Stored]:
        """Entities that changed lights first, for people wait for those; then the rest in few calls."""
        changed = [one for one in judged if one.folded.changes or one.folded.amendments]
        quiet = [one for one in judged if not one.folded.changes and not one.folded.amendments]
        moved = [one for one in quiet if one.folded.after is not one.before]
        still = [one for one in judged if one.folded.after is one.before]
        yield from (_Stored(one) for one in still)
        # One alone does not wait for a thread to wake.
        yield from (self._pool.map if len(changed) > 1 else map)(self._store_changed, changed)
        yield from self._store_moved(moved)

    def _store_moved(self, moved: list[_Judged]) -> Iterator[_Stored]:
        try:
            refused = self._store.save([(one.before, one.folded.after) for one in moved], self._clock())
        except Transient as error:
            yield from (_Stored(one, problem=str(error)) for one in moved)
            return
        lost = {lights.key for lights in refused}
        yield from (_Stored(one, conflict=one.before.key in lost) for one in moved)

    def _store_changed(self, one: _Judged) -> _Stored:
        if self._store_failures >= FAILURES_BORNE:
            return _Stored(one, problem="not tried: DynamoDB failed for others of the batch")
        try:
            decided = self._commit(one, self._clock())
        except ConflictError:
            return _Stored(one, conflict=True)
        except Transient as error:
            self._store_failures += 1
            return _Stored(one, problem=str(error))
        return _Stored(one, decided, self._send(decided))

    def _commit(self, one: _Judged, now: datetime) -> list[Decided]:
        """Store; what an earlier life of the state put into the outbox stays as it is. Returns what is new."""
        decisions = one.decisions or Decisions([], [])
        decided = decisions.decided
        beside = decisions.beside + [
            self._store.amend(one.before.key, amendment, now) for amendment in standing_amendments(one.folded)
        ]
        try:
            self._store.commit(one.before, one.folded.after, decided, now, beside)
        except AlreadyStoredError as known:
            decided = [d for d in decided if d.pending is None or d.pending.message.alert_id not in known.alert_ids]
            self._store.commit(one.before, one.folded.after, decided, now, beside)
        return decided

    def _send(self, decided: Sequence[Decided]) -> list[datetime]:
        sent_at = []
        for one in decided:
            if one.pending is None or one.decision.action is not Action.SEND or not self._sns_answers:
                continue
            try:
                sent_at.append(self._notifier.deliver(one.pending))
            except Transient:
                self._sns_answers = False  # stored: the sweeper sends it and what follows in this batch
        return sent_at


def _by_entity(records: Sequence[Sequence[KpiRow]]) -> Waiting:
    """Routes last: where a batch is too large for one read, they find their airports and carriers stored."""
    waiting: Waiting = {}
    for number, rows in enumerate(records):
        for row in rows:
            waiting.setdefault(entity_key(row.scope, row.entity), []).append(ArrivedRow(row, number))
    return dict(sorted(waiting.items(), key=lambda one: one[0].startswith("route#")))


def _chunks(waiting: Waiting) -> Iterator[Waiting]:
    keys = list(waiting)
    for start in range(0, len(keys), ENTITIES_A_READ):
        yield {key: waiting[key] for key in keys[start : start + ENTITIES_A_READ]}


def _fail(outcome: Outcome, waiting: Mapping[str, Sequence[ArrivedRow]], problem: str) -> None:
    for key, rows in waiting.items():
        for one in rows:
            outcome.failed.setdefault(one.record, f"{key}: {problem}")


def _count(outcome: Outcome, stored: _Stored) -> None:
    outcome.defects += stored.judged.folded.defects
    to_send = 0
    for one in stored.decided:
        light = one.change.transition.to_light.value
        outcome.transitions[light] = outcome.transitions.get(light, 0) + 1
        action = one.decision.action.value
        outcome.decisions[action] = outcome.decisions.get(action, 0) + 1
        to_send += one.decision.action is Action.SEND
    outcome.sent += len(stored.sent_at)
    outcome.unsent += to_send - len(stored.sent_at)
    sent = (one for one in stored.decided if one.decision.action is Action.SEND)
    for one, sent_at in zip(sent, stored.sent_at, strict=False):
        outcome.latencies_ms.append((sent_at - one.change.transition.ingested_at).total_seconds() * 1000)
