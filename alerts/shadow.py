"""Rules that are tried beside those in force: both judge the very rows of the stage, in memory, and nobody is told.

Both begin with the same lights and fold rows by the very `fold` of the live path, so what differs in the end is the
rules'. Silences, storms and inhibition are left out: `told` counts what would be news to people.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain

import msgspec

from alerts.entity import ArrivedRow, EntityLights, entity_key, fold
from alerts.neighbours import Neighbours
from alerts.writes import MOST_CHANGES
from rules.load import Catalog, versions
from rules.notice import is_notifiable
from schemas.lights import Light
from schemas.rows import KpiRow, ends_of


class Differs(msgspec.Struct, frozen=True):
    """A light that is another one by the rules tried; None where that side has no such rule."""

    entity: str
    in_force: Light | None
    tried: Light | None


class Compared(msgspec.Struct, frozen=True):
    """One rule on both sides: lights by how many entities they stand for, what was told, and what differs now.

    `changed`: the rule is new, gone or of another version.
    """

    rule: str
    changed: bool
    in_force: dict[Light, int]
    tried: dict[Light, int]
    told_in_force: int
    told_tried: int
    differs: list[Differs]


class Shadow:
    """Two catalogues over one stream of rows."""

    def __init__(self, in_force: Catalog, tried: Catalog, lights: Iterable[EntityLights] = ()) -> None:
        """`lights`: as they stand, where the rows to come are newer; none where past rows are judged again."""
        begin = list(lights)
        self._in_force, self._tried = _Side(in_force, begin), _Side(tried, begin)
        self.rows = 0
        self.defects: list[str] = []
        """Rows that a rule tried could not judge, and why: such rules must not be published."""

    def judge(self, rows: Sequence[KpiRow], now: datetime) -> None:
        """The rows of a record by both; `now` is when it came, so that old ones are as fresh as they were."""
        self.rows += len(rows)
        self._in_force.judge(rows, now)
        self.defects += self._tried.judge(rows, now)

    def compared(self) -> list[Compared]:
        """Every rule of either side; changed ones first, then by name."""
        sides = (self._in_force, self._tried)
        names = {name for side in sides for name in side.catalog.rules}
        return sorted((self._compare(name) for name in names), key=lambda one: (not one.changed, one.rule))

    def more_told(self) -> int:
        """How many alerts more the rules tried would have told: those of rules that tell less are not set off."""
        return sum(max(0, one.told_tried - one.told_in_force) for one in self.compared())

    def _compare(self, name: str) -> Compared:
        old, new = self._in_force, self._tried
        before, after = old.lights_of(name), new.lights_of(name)
        entities = sorted(before.keys() | after.keys())
        pairs = [Differs(entity, before.get(entity), after.get(entity)) for entity in entities]
        return Compared(
            rule=name,
            changed=old.version_of(name) != new.version_of(name),
            in_force=_counted(before.values()),
            tried=_counted(after.values()),
            told_in_force=old.told.get(name, 0),
            told_tried=new.told.get(name, 0),
            differs=[one for one in pairs if one.in_force is not one.tried],
        )


class _Side:
    def __init__(self, catalog: Catalog, lights: Iterable[EntityLights]) -> None:
        self.catalog = catalog
        self.told: dict[str, int] = {}
        self._lights = {one.key: one for one in lights}

    def judge(self, rows: Sequence[KpiRow], now: datetime) -> list[str]:
        waiting: dict[str, list[ArrivedRow]] = {}
        for row in rows:
            waiting.setdefault(entity_key(row.scope, row.entity), []).append(ArrivedRow(row, 0))
        defects = []
        neighbours = self._neighbours(rows)
        for arrived in waiting.values():
            while arrived:
                first = arrived[0].row
                before = self._of(first.scope, first.entity)
                done = fold(before, arrived, self.catalog, now, most_changes=MOST_CHANGES, neighbours=neighbours)
                self._lights[before.key], arrived = done.after, done.left
                defects += [one.reason for one in done.defects]
                for change in done.changes:
                    if is_notifiable(change.transition):
                        self.told[change.rule.id] = self.told.get(change.rule.id, 0) + 1
        return defects

    def lights_of(self, rule: str) -> dict[str, Light]:
        if rule not in self.catalog.rules:
            return {}
        return {one.name: one.rules[rule].state.light for one in self._lights.values() if rule in one.rules}

    def version_of(self, rule: str) -> str:
        found = self.catalog.rules.get(rule)
        return versions(found) if found else ""

    def _of(self, scope: str, name: str) -> EntityLights:
        return self._lights.get(entity_key(scope, name)) or EntityLights(scope=scope, name=name)  # type: ignore[arg-type]

    def _neighbours(self, rows: Sequence[KpiRow]) -> Neighbours:
        airports = {airport for row in rows if row.scope == "route" for airport in ends_of(row.entity)}
        known = (self._of("airport", airport) for airport in airports)
        return Neighbours(chain((row for one in known for row in (*one.history, *one.rows.values())), rows))


def _counted(lights: Iterable[Light]) -> dict[Light, int]:
    found = list(lights)
    return {light: found.count(light) for light in Light if light in found}
