"""Rows of the stream to stored lights and sent alerts: read, judge, store, publish, mark."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Final, TypeVar

import msgspec

from alerts.decide import Action
from alerts.desk import Decisions, Desk, standing_amendments
from alerts.documents import ConflictError
from alerts.entity import ArrivedRow, Defect, EntityLights, Folded, entity_key, fold
from alerts.inhibition import Reds, inhibiting
from alerts.neighbours import Neighbours
from alerts.notify import Clock, Notifier
from alerts.outage import RowsNote
from alerts.store import ENTITIES_A_READ, ENTITIES_A_WRITE, AlreadyStoredError, LightStore
from alerts.storms import Storms
from alerts.writes import MOST_CHANGES, Decided, Write, together
from rules.load import Catalog
from schemas.errors import Transient
from schemas.rows import KpiRow, ends_of

ROUNDS: Final = 8
"""How often an entity is read and judged anew when another worker was faster. One worker reads a shard at a time, so
even one conflict is rare (a shard that was just split, a person's command)."""
WORKERS: Final = 8
"""Reads, writes and transactions at once: on a crowded machine each waits longer for its answer than it takes."""
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


_T = TypeVar("_T")
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
    decided: Sequence[Decided] = ()
    sent_at: Mapping[str, datetime] = {}
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
        once = list({lights.key: lights for lights in wanted}.values())
        reads = [partial(self._store.load, some) for some in _by(ENTITIES_A_READ, once)]
        known = list(chain.from_iterable(self._at_once(reads)))
        arrived = (one.row for rows in waiting.values() for one in rows)
        stored = (row for lights in known for row in (*lights.history, *lights.rows.values()))
        neighbours = Neighbours(chain(stored, arrived))
        now = self._clock()
        fold_into = partial(fold, catalog=self._catalog, now=now, most_changes=MOST_CHANGES, neighbours=neighbours)
        judged = [_Judged(one, fold_into(one, waiting[one.key])) for one in known if one.key in waiting]
        changed = [one for one in judged if one.folded.changes]
        after = {one.before.key: one.folded.after for one in judged}
        reds = Reds((after.get(lights.key, lights) for lights in known), self._catalog)
        for one, decisions in zip(changed, self._desk.decide([o.folded for o in changed], reds, now), strict=True):
            one.decisions = decisions
        return judged

    def _store_all(self, judged: list[_Judged]) -> Iterator[_Stored]:
        """Entities that changed lights first, for people wait for those; the rest in few calls beside them."""
        changed = [one for one in judged if one.folded.changes or one.folded.amendments]
        quiet = [one for one in judged if not one.folded.changes and not one.folded.amendments]
        moved = [one for one in quiet if one.folded.after is not one.before]
        yield from (_Stored(one) for one in quiet if one.folded.after is one.before)
        in_order = iter(changed)
        groups = [[(next(in_order), write) for write in group] for group in together(map(self._write, changed))]
        tasks = [partial(self._store_changed, group) for group in groups]
        tasks += [partial(self._store_moved, some) for some in _by(ENTITIES_A_WRITE, moved)]
        yield from chain.from_iterable(self._at_once(tasks))

    def _at_once(self, tasks: Sequence[Callable[[], _T]]) -> Iterable[_T]:
        """Their answers in order. One alone does not wait for a thread to wake."""
        return [task() for task in tasks] if len(tasks) < 2 else self._pool.map(lambda task: task(), tasks)

    def _store_moved(self, moved: Sequence[_Judged]) -> list[_Stored]:
        try:
            refused = self._store.save([(one.before, one.folded.after) for one in moved], self._clock())
        except Transient as error:
            return [_Stored(one, problem=str(error)) for one in moved]
        lost = {lights.key for lights in refused}
        return [_Stored(one, conflict=one.before.key in lost) for one in moved]

    def _write(self, one: _Judged) -> Write:
        now = self._clock()
        notes = [self._store.amend(one.before.key, note, now) for note in standing_amendments(one.folded)]
        decisions = one.decisions or Decisions([], [])
        return Write(one.before, one.folded.after, decisions.decided, [*decisions.beside, *notes])

    def _store_changed(self, group: Sequence[tuple[_Judged, Write]]) -> list[_Stored]:
        """In one transaction; if that is refused each by itself, for the others have nothing to do with the cause."""
        stored = self._store_together(group) if len(group) > 1 else None
        stored = stored or [self._store_alone(one, write) for one, write in group]
        sent_at = self._send([decided for one in stored for decided in one.decided])
        for one in stored:
            one.sent_at = sent_at
        return stored

    def _store_together(self, group: Sequence[tuple[_Judged, Write]]) -> list[_Stored] | None:
        if self._store_failures >= FAILURES_BORNE:
            return None
        try:
            self._store.commit([write for _, write in group], self._clock())
        except (ConflictError, AlreadyStoredError, Transient):
            return None
        return [_Stored(one, write.decided) for one, write in group]

    def _store_alone(self, one: _Judged, write: Write) -> _Stored:
        if self._store_failures >= FAILURES_BORNE:
            return _Stored(one, problem="not tried: DynamoDB failed for others of the batch")
        try:
            return _Stored(one, self._commit(write, self._clock()))
        except ConflictError:
            return _Stored(one, conflict=True)
        except Transient as error:
            self._store_failures += 1
            return _Stored(one, problem=str(error))

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


def _by_entity(records: Sequence[Sequence[KpiRow]]) -> Waiting:
    """Routes last: where a batch is too large for one read, they find their airports and carriers stored."""
    waiting: Waiting = {}
    for number, rows in enumerate(records):
        for row in rows:
            waiting.setdefault(entity_key(row.scope, row.entity), []).append(ArrivedRow(row, number))
    return dict(sorted(waiting.items(), key=lambda one: one[0].startswith("route#")))


def _chunks(waiting: Waiting) -> Iterator[Waiting]:
    for keys in _by(ENTITIES_A_READ, list(waiting)):
        yield {key: waiting[key] for key in keys}


def _by(size: int, things: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (things[start : start + size] for start in range(0, len(things), size))


def _fail(outcome: Outcome, waiting: Mapping[str, Sequence[ArrivedRow]], problem: str) -> None:
    for key, rows in waiting.items():
        for one in rows:
            outcome.failed.setdefault(one.record, f"{key}: {problem}")


def _count(outcome: Outcome, stored: _Stored) -> None:
    outcome.defects += stored.judged.folded.defects
    for one in stored.decided:
        transition, action = one.change.transition, one.decision.action
        light = transition.to_light.value
        outcome.transitions[light] = outcome.transitions.get(light, 0) + 1
        outcome.decisions[action.value] = outcome.decisions.get(action.value, 0) + 1
        if action is not Action.SEND:
            continue
        sent_at = stored.sent_at.get(transition.alert_id)
        if sent_at is None:
            outcome.unsent += 1
        else:
            outcome.sent += 1
            outcome.latencies_ms.append((sent_at - transition.ingested_at).total_seconds() * 1000)
