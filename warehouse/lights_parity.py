"""Changes of lights held against what is stored with them: their row, their rule, their evidence, the change before."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
import polars as pl

from rules.basis import Basis, decode_basis
from rules.evidence import weigh
from rules.rule import Rule
from schemas.lights import Evidence, Light, Transition
from schemas.rows import FLAT_COLUMNS, KpiRow, flat, to_ms, unpack_rows
from warehouse.compaction.files import months, read_month
from warehouse.storage import Store

_transition: Final = msgspec.json.Decoder(Transition)
_rule: Final = msgspec.json.Decoder(Rule)
_WEIGHED: Final = ("numerator", "denominator", "n", "value", "lower", "upper", "against", "modelled_facts")
_COLUMNS: Final = ("entity_key", "alert_id", "known_at", "transition", "rule_file", "row", "basis", "at")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a light with all that it stands on."""

    entity_key: str
    alert_id: str
    known_at: datetime
    transition: Transition
    rule: Rule
    row: KpiRow
    basis: Basis | None = None

    @property
    def at(self) -> datetime:
        return self.transition.at

    @property
    def light(self) -> tuple[str, str]:
        """Which light: entity key and rule."""
        return self.entity_key, self.transition.rule

    @property
    def beside(self) -> Sequence[KpiRow]:
        """The neighbours' rows that it was judged beside."""
        return list(self.basis.beside.values()) if self.basis else []

    @property
    def of_silence(self) -> bool:
        """Whether it turned GREY since no row came, long after its row."""
        limit, silent = self.rule.max_age, self.known_at - self.row.ingested_at
        return bool(self.basis is None and limit and silent > limit and self.transition.to_light is Light.GREY)


class StoodOn:
    """The stored rows that changes stand on."""

    _KEY: Final = ("scope", "entity", "window", "at_ms", "revision")

    def __init__(self, changes: Sequence[Change]) -> None:
        self._asked = {_key(row) for change in changes for row in (change.row, *change.beside)}
        self._found: dict[object, tuple[object, ...]] = {}

    def note(self, rows: pl.DataFrame) -> None:
        """Those of `rows` (FLAT_COLUMNS) that are among them."""
        asked = pl.DataFrame(list(self._asked), schema={name: rows.schema[name] for name in self._KEY}, orient="row")
        self._found |= {row[:5]: row for row in rows.join(asked, on=self._KEY, how="semi").iter_rows()}

    def unlike(self, row: KpiRow) -> str:
        """How a row is not the stored one, "" if it is."""
        stored = self._found.get(_key(row))
        if stored is None:
            return "is not in kpi_row"
        different = [name for name, mine, other in zip(FLAT_COLUMNS, flat(row), stored, strict=True) if mine != other]
        return f"differs from kpi_row in {', '.join(different)}" if different else ""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Where history and its recomputation do not agree. `cause` is "" if nothing explains it."""

    entity_key: str
    rule: str
    at: datetime
    what: str
    cause: str = ""


def changes_of(clean: Store, until: datetime) -> list[Change]:
    """All changes with `at` before `until`, oldest first."""
    last = f"{until:%Y-%m}"
    parts = [read_month(clean, "light_change", m, _COLUMNS) for m in months(clean, "light_change") if m <= last]
    if not parts:
        return []
    rows = pl.concat(parts).filter(pl.col("at") < until.replace(tzinfo=None))
    found = [
        Change(
            entity_key=row["entity_key"],
            alert_id=row["alert_id"],
            known_at=row["known_at"].replace(tzinfo=UTC),
            transition=_transition.decode(row["transition"]),
            rule=_rule.decode(row["rule_file"]),
            row=unpack_rows(row["row"].encode())[0],
            basis=decode_basis(row["basis"]) if row["basis"] else None,
        )
        for row in rows.iter_rows(named=True)
    ]
    return sorted(found, key=lambda change: (change.at, change.transition.revision, change.known_at))


def light_differences(changes: Sequence[Change], stood_on: StoodOn, first: datetime) -> Iterator[Difference]:
    """What is wrong with changes with `at` from `first` on, of which `stood_on` has noted all rows of that time."""
    before: dict[tuple[str, str], Change] = {}
    for change in changes:
        earlier = before.get(change.light)
        before[change.light] = change
        if change.at < first:
            continue
        problems = [*_of_row(change, stood_on, first), *_of_evidence(change), *_of_neighbours(change, stood_on, first)]
        yield from (_difference(change, what) for what in problems)
        if broken := _of_chain(change, earlier, changes[0].at):
            yield _difference(change, *broken)


def _key(row: KpiRow) -> tuple[str, str, str, int, int]:
    return row.scope, row.entity, row.window, to_ms(row.at), row.revision


def _of_neighbours(change: Change, stood_on: StoodOn, first: datetime) -> Iterator[str]:
    """What is wrong with the rows of `first` and later that it was judged beside."""
    for row in change.beside:
        if row.at >= first and (wrong := stood_on.unlike(row)):
            yield f"{row.entity} {row.window} of {row.at:%d %H:%M:%S}, which it was judged beside, {wrong}"


def _of_row(change: Change, stood_on: StoodOn, first: datetime) -> Iterator[str]:
    """What is wrong with its own row; one that turned GREY since none came may have an older one."""
    if change.row.at >= first and (wrong := stood_on.unlike(change.row)):
        yield f"its row {wrong}"
        return
    said = change.transition
    of_its_row = (*_at(change.row), change.row.entity, change.row.window)
    if not change.of_silence and (said.at, said.revision, said.entity, said.window) != of_its_row:
        yield "it is not of its row"


def _at(row: KpiRow) -> tuple[datetime, int]:
    return row.at, row.revision


def _of_evidence(change: Change) -> Iterator[str]:
    """What the row says by the rule. Of pooled evidence `n` counts another row, and the risk is `judged_again`'s."""
    if change.rule.version != change.transition.rule_version:
        yield f"its rule is {change.rule.version}, it says {change.transition.rule_version}"
    names = [name for name in _WEIGHED if name != "n" or not change.rule.model]
    again = weigh(change.rule, change.row, {}, change.known_at).evidence
    if different := unlike(again, change.transition.evidence, names):
        yield f"its evidence is not its row's: {different}"


def unlike(one: Evidence, other: Evidence, names: Sequence[str] = _WEIGHED) -> str:
    """What differs, "" if nothing does."""
    pairs = ((name, getattr(one, name), getattr(other, name)) for name in names)
    return ", ".join(f"{name} {mine} for {yours}" for name, mine, yours in pairs if mine != yours)


def differs(change: Change | None, made: Transition | None) -> str:
    """How a change that the log tells of, or None, is not the one that its rows make, or None; "" if it is."""
    if change is None and made is None:
        return ""
    if change is None:
        return f"the log lacks a change to {made.to_light}" if made else ""
    said = change.transition
    if made is None:
        return f"its rows make no change to {said.to_light}"
    if made.to_light != said.to_light:
        return f"its rows make a change to {made.to_light}"
    if (made.from_light, made.revision) != (said.from_light, said.revision):
        return f"its rows make it from {made.from_light} at revision {made.revision}"
    return unlike(made.evidence, said.evidence) or ("the risk is another" if made.evidence != said.evidence else "")


def _of_chain(change: Change, earlier: Change | None, log_begins_at: datetime) -> tuple[str, str] | None:
    came_from = change.transition.from_light
    stood = earlier.transition.to_light if earlier else Light.GREY
    if came_from == stood:
        return None
    what = f"it left {came_from}, the change before had left it {stood}"
    if came_from == Light.GREY and earlier and earlier.rule.version != change.rule.version:
        return what, "the rule was out of force in between"
    since_at = change.transition.previous_since_at
    if earlier is None and since_at is not None and since_at < log_begins_at:
        return what, "the change before is older than the log"
    return what, ""


def _difference(change: Change, what: str, cause: str = "") -> Difference:
    return Difference(entity_key=change.entity_key, rule=change.transition.rule, at=change.at, what=what, cause=cause)
