"""Rows of the stream to stored lights and sent alerts: read, judge, store, publish, mark."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Final

import msgspec

from alerts.at_once import AtOnce, groups_of
from alerts.batch_get import KEYS_A_CALL
from alerts.decide import Action
from alerts.desk import Desk
from alerts.entity import ArrivedRow, Defect, EntityLights, entity_key, fold
from alerts.inhibition import Reds, inhibiting
from alerts.neighbours import Neighbours
from alerts.notify import Clock, Notifier
from alerts.outage import RowsNote
from alerts.store import LightStore
from alerts.storing import Judged, Stored, Storing
from alerts.storms import Storms
from alerts.writes import MOST_CHANGES
from rules.load import Catalog
from schemas.errors import Transient
from schemas.rows import KpiRow, ends_of

ROUNDS: Final = 8
"""How often an entity is read and judged anew when another worker was faster. One worker reads a shard at a time, so
even one conflict is rare (a shard that was just split, a person's command)."""


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
        self._at_once = AtOnce()

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
        storing = Storing(self._store, self._notifier, self._clock, self._at_once)
        for waiting in _chunks(_by_entity(records)):
            self._process_chunk(waiting, storing, outcome)
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

    def _process_chunk(self, waiting: Waiting, storing: Storing, outcome: Outcome) -> None:
        for _ in range(ROUNDS):
            try:
                judged = self._judge(waiting)
            except Transient as error:
                return _fail(outcome, waiting, str(error))
            again: Waiting = {}
            for stored in storing.store(judged):
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

    def _judge(self, waiting: Waiting) -> list[Judged]:
        firsts = [rows[0].row for rows in waiting.values()]
        wanted = [EntityLights(scope=row.scope, name=row.entity) for row in firsts]
        if self._catalog.pools or "airport" in self._inhibiting:
            routes = [row.entity for row in firsts if row.scope == "route"]
            wanted += [EntityLights(scope="airport", name=airport) for route in routes for airport in ends_of(route)]
        if "carrier" in self._inhibiting:
            flying = {carrier for rows in waiting.values() for one in rows for carrier in one.row.flown_by}
            wanted += [EntityLights(scope="carrier", name=carrier) for carrier in sorted(flying)]
        once = list({lights.key: lights for lights in wanted}.values())
        reads = [partial(self._store.load, some) for some in groups_of(KEYS_A_CALL, once)]
        known = list(chain.from_iterable(self._at_once(reads)))
        arrived = (one.row for rows in waiting.values() for one in rows)
        stored = (row for lights in known for row in (*lights.history, *lights.rows.values()))
        neighbours = Neighbours(chain(stored, arrived))
        now = self._clock()
        fold_into = partial(fold, catalog=self._catalog, now=now, most_changes=MOST_CHANGES, neighbours=neighbours)
        judged = [Judged(one, fold_into(one, waiting[one.key])) for one in known if one.key in waiting]
        changed = [one for one in judged if one.folded.changes]
        after = {one.before.key: one.folded.after for one in judged}
        reds = Reds((after.get(lights.key, lights) for lights in known), self._catalog)
        for one, decisions in zip(changed, self._desk.decide([o.folded for o in changed], reds, now), strict=True):
            one.decisions = decisions
        return judged


def _by_entity(records: Sequence[Sequence[KpiRow]]) -> Waiting:
    """Routes last: where a batch is too large for one read, they find their airports and carriers stored."""
    waiting: Waiting = {}
    for number, rows in enumerate(records):
        for row in rows:
            waiting.setdefault(entity_key(row.scope, row.entity), []).append(ArrivedRow(row, number))
    return dict(sorted(waiting.items(), key=lambda one: one[0].startswith("route#")))


def _chunks(waiting: Waiting) -> Iterator[Waiting]:
    for keys in groups_of(KEYS_A_CALL, list(waiting)):
        yield {key: waiting[key] for key in keys}


def _fail(outcome: Outcome, waiting: Mapping[str, Sequence[ArrivedRow]], problem: str) -> None:
    for key, rows in waiting.items():
        for one in rows:
            outcome.failed.setdefault(one.record, f"{key}: {problem}")


def _count(outcome: Outcome, stored: Stored) -> None:
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
