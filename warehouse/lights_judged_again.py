"""Every row of a stretch judged again by `rules.evaluate`, and its changes of lights held against the log."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import polars as pl

from rules.earlier import Earlier
from rules.evaluate import retrace
from rules.load import Catalog
from rules.pooled_features import ContextKey
from rules.replay import OF_ONE_INSTANT, asked_by, kpi_rows
from rules.rule import Rule
from schemas.lights import LightState, Transition
from schemas.rows import FLAT_COLUMNS, KpiRow
from warehouse.compaction.files import months, read_month
from warehouse.facts_of_clean import events_of
from warehouse.judged_beside import FAR, Known, KnownDay, named, quietly_beside
from warehouse.lights_parity import Change, Difference, differs
from warehouse.storage import Store

CHUNK: Final = timedelta(days=1)
"""Read at a time: a row a minute of 224 routes is some 300,000 a day."""

WARM_UP: Final = timedelta(days=35)
"""Rows before the stretch that are judged too: the longest window and a week's dwell. Older ones only where rules pool
may matter: what is known of a route's hours is a day old at most."""

_Light = tuple[str, str]
_Judged = tuple[LightState, Transition | None]
_Key = tuple[str, str, datetime, str]


class _Seen(NamedTuple):
    """Rows as they were known: `known_at` is when one was on the stream."""

    row: KpiRow
    known_at: datetime
    known: Known
    """All rows of this day and of those FAR before and after."""


def judged_again(
    clean: Store, changes: Sequence[Change], catalog: Catalog, first: datetime, until: datetime
) -> Iterator[Difference]:
    """Differences between the log and what the rules make of the rows with `at` in [first, until).

    The rules are those of `catalog`, or where the log has others of their names, its newest. A difference has a cause
    if a pooled light was judged beside rows of its neighbours that were not the newest of its instant (logged with a
    change; for a change that the log lacks, known before its next one), another version of its rule was in force, a row
    came behind a newer one, none came at all, or its state hangs on rows from before the oldest one here.
    """
    rules = in_force(catalog, changes)
    begin, is_oldest = _begin(clean, first)
    if begin is None:
        return
    told = {_key(change.entity_key, change.transition): change for change in changes if change.at >= first}
    judging = _Judging(rules, changes, begin, first)
    again = {
        _key(f"{one.scope}#{one.entity}", one): one
        for one in judging.transitions(clean, begin, until)
        if one.at >= first
    }
    yield from (one for one in judging.beside if one.at >= first)
    explained: dict[_Light, str] = {}
    versions = {rule.id: {rule.version, *(o.rule.version for o in rule.overrides)} for rule in rules.rules.values()}
    for key in sorted({*told, *again}, key=lambda key: (key[2], key)):
        change, made = told.get(key), again.get(key)
        what = differs(change, made)
        if not what:
            continue
        light = key[0], key[1]
        rule = rules.rules.get(key[1])
        version = change.transition.rule_version if change else ""
        cause = explained.get(light, "")
        if rule is None or (version and version not in versions[key[1]]):
            cause = "another version of the rule was in force"
        elif change and change.of_silence:
            cause = "no row came: it turned GREY without one"
        elif (key[0], key[2]) in judging.behind:
            cause = "a row came behind a newer one"
        elif not is_oldest and not cause and not any(c.light == light and begin <= c.at < key[2] for c in changes):
            cause = f"its state is from before {begin:%Y-%m-%d}"
        if cause:
            explained[light] = cause if cause.startswith("follows") else f"follows from a difference before ({cause})"
        yield Difference(entity_key=key[0], rule=key[1], at=key[2], what=what, cause=cause)


def in_force(catalog: Catalog, changes: Iterable[Change]) -> Catalog:
    """The catalogue with the rules as the log has them, where they were judged without an override."""
    rules = dict(catalog.rules)
    for change in changes:
        rule = change.rule
        # The log has a rule as it was for one row; of the same version the catalogue's has its overrides too.
        if not rule.where and (rule.id not in rules or rules[rule.id].version != rule.version):
            rules[rule.id] = rule
    return Catalog(rules.values())


def _key(entity_key: str, change: Transition) -> _Key:
    return entity_key, change.rule, change.at, change.to_light.value


def _begin(clean: Store, first: datetime) -> tuple[datetime | None, bool]:
    """From where rows are judged, and whether there are none before."""
    known = months(clean, "kpi_row")
    if not known:
        return None, True
    oldest = read_month(clean, "kpi_row", known[0], ["at"])["at"].min()
    if not isinstance(oldest, datetime):
        return None, True
    begin = max(oldest.replace(tzinfo=UTC), first - WARM_UP)
    return begin, begin == oldest.replace(tzinfo=UTC)


class _Judging:
    """The live path's judgements made again, light by light. Where the log tells another one of a pooled light, and
    what it was judged beside makes it, the light goes on from there."""

    def __init__(self, rules: Catalog, changes: Sequence[Change], begin: datetime, first: datetime) -> None:
        """Lights begin as the log left them at `begin`, and up to `first` they follow it."""
        self._rules = rules
        self._first = first
        self._told: dict[tuple[str, str, datetime, int], Change] = {
            (*change.light, change.at, change.transition.revision): change for change in changes
        }
        self._told_of: dict[_Light, list[Change]] = {}
        for change in changes:
            self._told_of.setdefault(change.light, []).append(change)
        self._states = {change.light: _left(change) for change in changes if change.at < begin}
        self.behind: set[tuple[str, datetime]] = set()
        """Entity key and instant of rows that came behind a newer one."""
        self.beside: list[Difference] = []

    def transitions(self, clean: Store, begin: datetime, until: datetime) -> Iterator[Transition]:
        """As the live path does it: older rows change nothing."""
        context: dict[ContextKey, KpiRow] = {}
        earlier = Earlier()
        newest_known: dict[tuple[str, str, str], datetime] = {}
        for seen in _rows(clean, self._rules, begin, until):
            row, known_at, _ = seen
            entity_key = f"{row.scope}#{row.entity}"
            if known_at < newest_known.get(row.key, known_at):
                self.behind.add((entity_key, row.at))
            newest_known[row.key] = max(known_at, newest_known.get(row.key, known_at))
            context[row.key] = row
            earlier.note(row, context)
            for rule in self._rules.rules_for(row):
                light = entity_key, rule.id
                state = self._states.get(light, _GREY)
                after, made = retrace(rule, row, context, state, known_at)
                if row.at < self._first:
                    after = self._as_left(light, row, (after, made))
                elif rule.model:
                    after, made = self._as_told(light, rule, seen, state, (after, made))
                self._states[light] = after
                if made:
                    yield made

    def _as_left(self, light: _Light, row: KpiRow, judged: _Judged) -> LightState:
        """The state that the log's change of a light at a row left it in, if there is one and it is not this one."""
        told = self._told.get((*light, row.at, row.revision))
        return _left(told) if told and differs(told, judged[1]) else judged[0]

    def _as_told(self, light: _Light, rule: Rule, seen: _Seen, state: LightState, judged: _Judged) -> _Judged:
        """The judgement that the log tells of, if it has a cause; else this one."""
        row = seen.row
        told = self._told.get((*light, row.at, row.revision))
        if not (what := differs(told, judged[1])):
            return judged
        if told and told.basis:
            again = retrace(rule, row, told.basis.beside, told.basis.state, told.known_at)
            if differs(told, again[1]):
                return judged
            self._note(light, row, what, named(row, told.basis.beside))
            return again
        by = self._next_known(light, row.at)
        quiet = None if told else quietly_beside(rule, row, state, seen.known, seen.known_at, by)
        if not quiet:
            return judged
        self._note(light, row, what, quiet.beside)
        return quiet.state, None

    def _note(self, light: _Light, row: KpiRow, what: str, beside: str) -> None:
        cause = f"judged beside {beside}, known by then"
        self.beside.append(Difference(entity_key=light[0], rule=light[1], at=row.at, what=what, cause=cause))

    def _next_known(self, light: _Light, at: datetime) -> datetime:
        """When the next change of a light was known: rows of a light are judged in their order, so one of before it was
        judged by then. A day that never ends, if none came."""
        changes = self._told_of.get(light, [])
        later = bisect_right(changes, at, key=lambda change: change.at)
        return changes[later].known_at if later < len(changes) else datetime.max.replace(tzinfo=UTC)


_GREY: Final = LightState()


def _left(change: Change) -> LightState:
    """What a change left its light in."""
    if change.basis:
        state, row = change.basis.state, change.row
        return retrace(change.rule, row, change.basis.beside, state, change.known_at)[0]
    said = change.transition
    return LightState(
        light=said.to_light,
        since_at=said.at,
        last_transition_at=said.at,
        at=said.at,
        revision=said.revision,
        recent_transitions_at=(said.at,),
        rule_version=said.rule_version,
    )


def _rows(clean: Store, rules: Catalog, begin: datetime, until: datetime) -> Iterator[_Seen]:
    """Oldest first, as `rules.replay` takes them."""
    ms = {f"{name}_ms": pl.col(name).dt.epoch("ms") for name in ("at", "ingested_at")}
    tick = timedelta(microseconds=1)
    start, end = begin.replace(tzinfo=None), until.replace(tzinfo=None)
    chunks = [start + CHUNK * day for day in range(-(-(end - start) // CHUNK))]

    def day(number: int) -> KnownDay:
        chunk = events_of(clean, "kpi_row", chunks[number] - tick, min(chunks[number] + CHUNK, end) - tick)
        return KnownDay(chunk.filter(asked_by(rules)).sort("at", *OF_ONE_INSTANT).with_columns(**ms))

    reach = FAR // CHUNK
    days = [day(number) for number in range(min(reach, len(chunks)))]
    for number in range(len(chunks)):
        if number + reach < len(chunks):
            days.append(day(number + reach))
        known = Known(days)
        rows = days[min(number, reach)].frame
        for row, known_at in zip(kpi_rows(rows.select(list(FLAT_COLUMNS))), rows["known_at"].to_list(), strict=True):
            yield _Seen(row, known_at.replace(tzinfo=UTC), known)
        if number >= reach:
            days = days[1:]
