"""What is known of one entity (a route, an airport, a carrier): the state of its rules and its newest rows."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from alerts.neighbours import Neighbours, keep
from rules.basis import Basis, basis_of
from rules.evaluate import evaluate
from rules.load import Catalog
from rules.pooled_features import Context
from rules.rule import Rule
from schemas.lights import WORST_FIRST, Light, LightState, Transition
from schemas.rows import WINDOW_LENGTH, KpiRow, Scope, Window

ALARMS = (Light.AMBER, Light.RED)
NOBODY = Neighbours()


class Episode(msgspec.Struct, frozen=True):
    """One stretch of AMBER and RED of one light: since when (event time), and what it cost so far in US$.

    The cost adds up the US$ per hour of each row over the event time until the next one; `modelled` if any of it was.
    """

    since_at: datetime
    usd: float = 0.0
    modelled: bool = False


class RuleLight(msgspec.Struct, frozen=True):
    """The state of one rule, and the episode it is in, if any."""

    state: LightState = LightState()
    episode: Episode | None = None


class Change(msgspec.Struct, frozen=True):
    """A transition, the row and the rule behind it, and the episode it began, went on with or ended.

    `amends`: the row corrects one of the same instant that was judged before. `basis`: what it takes to judge it
    again; None where no row made it (`outage.py`).
    """

    transition: Transition
    row: KpiRow
    rule: Rule
    episode: Episode | None
    amends: bool = False
    basis: Basis | None = None


class Amendment(msgspec.Struct, frozen=True):
    """A corrected row of the instant that put a light into alarm, which leaves it there: no second alarm."""

    rule: str
    light: Light
    at: datetime
    revision: int
    reason: str


class EntityLights(msgspec.Struct, frozen=True, kw_only=True):
    """All lights of one entity. `version` counts its writes (0: never stored); `rows` are the newest, by window.

    `history` is what routes need to know of an airport (`neighbours.py`).
    """

    scope: Scope
    name: str
    version: int = 0
    rules: dict[str, RuleLight] = {}
    rows: dict[Window, KpiRow] = {}
    history: tuple[KpiRow, ...] = ()

    @property
    def key(self) -> str:
        """For example "route#JFK-LAX"."""
        return entity_key(self.scope, self.name)

    @property
    def flown_by(self) -> tuple[str, ...]:
        """Who flies the route, by its newest row that says so; nobody if none does, or for another scope."""
        row = self.rows.get("24h")
        return row.flown_by if row is not None else ()

    @property
    def worst(self) -> Light:
        """The worst light of all rules; GREY if there is none."""
        lights = [one.state.light for one in self.rules.values()]
        return min(lights, key=WORST_FIRST.__getitem__, default=Light.GREY)


class Defect(msgspec.Struct, frozen=True):
    """A row that a rule could not judge, by a defect or numbers nobody foresaw. `record` is where it came in."""

    record: int
    reason: str


class ArrivedRow(msgspec.Struct, frozen=True):
    """A row and the position, in the batch, of the record it came in."""

    row: KpiRow
    record: int


class Folded(msgspec.Struct, frozen=True):
    """Rows folded into an entity: how it is after them, what changed, and the rows that are left for another round."""

    after: EntityLights
    changes: list[Change]
    defects: list[Defect]
    left: list[ArrivedRow]
    amendments: list[Amendment] = []


def scope_of(name: str) -> Scope:
    """By its form: "JFK-LAX" is a route, "JFK" an airport, "B6" a carrier."""
    return "route" if "-" in name else "airport" if len(name) == 3 else "carrier"


def entity_key(scope: str, name: str) -> str:
    """The partition key of everything stored about an entity."""
    return f"{scope}#{name}"


def fold(
    before: EntityLights,
    arrived: Sequence[ArrivedRow],
    catalog: Catalog,
    now: datetime,
    *,
    most_changes: int,
    neighbours: Neighbours = NOBODY,
) -> Folded:
    """Judge the rows in order of (at, revision), whatever order they arrived in; older and equal ones change nothing.

    Of one instant the longest window comes first: the others may look at it.

    `after` is the very same object if nothing was new. Stops behind the row that brings `most_changes`, for all
    changes of one fold are stored in one transaction. States of rules that are no longer in the catalogue go.
    """
    rules = {name: light for name, light in before.rules.items() if name in catalog.rules}
    rows = dict(before.rows)
    changes: list[Change] = []
    amendments: list[Amendment] = []
    defects: list[Defect] = []
    seen: list[KpiRow] = []
    ordered = sorted(arrived, key=lambda one: (one.row.at, one.row.revision, -WINDOW_LENGTH[one.row.window]))
    for position, one in enumerate(ordered):
        row = one.row
        newest = rows.get(row.window)
        if newest is not None and (row.at, row.revision) <= (newest.at, newest.revision):
            continue
        rows[row.window] = row
        seen.append(row)
        judges = catalog.rules_for(row)
        context = neighbours.context(row, rows) if any(rule.model for rule in judges) else {}
        for rule in judges:
            try:
                rules[rule.id] = _judge(rules.get(rule.id, RuleLight()), rule, row, context, now, changes, amendments)
            except Exception as error:  # a row no rule was made for must not stop its neighbours
                defects.append(Defect(one.record, f"{rule.id} cannot judge {row.key} of {row.at}: {error!r}"))
        if len(changes) >= most_changes:
            return Folded(_after(before, rules, rows, seen), changes, defects, ordered[position + 1 :], amendments)
    return Folded(_after(before, rules, rows, seen), changes, defects, [], amendments)


def _judge(
    light: RuleLight,
    rule: Rule,
    row: KpiRow,
    context: Context,
    now: datetime,
    changes: list[Change],
    amendments: list[Amendment],
) -> RuleLight:
    state, transition = evaluate(rule, row, context, light.state, now)
    episode = _lived(light, row.at)
    amends = light.state.at == row.at
    if transition is None:
        if amends and state is not light.state and state.light in ALARMS and state.since_at == row.at:
            amendments.append(Amendment(rule.id, state.light, row.at, row.revision, state.reason))
        return RuleLight(state, episode)
    if episode is None and transition.to_light in ALARMS:
        episode = Episode(transition.at)
    basis = basis_of(rule, row, context, light.state)
    changes.append(Change(transition, row, rule, episode, amends, basis))
    return RuleLight(state, episode if transition.to_light in ALARMS else None)


def _lived(light: RuleLight, at: datetime) -> Episode | None:
    """The episode up to `at`, with the cost of the time since the row before; that row speaks for a window at most."""
    episode, state = light.episode, light.state
    if episode is None or state.at is None or state.severity is None or state.evidence is None:
        return episode
    hours = min(at - state.at, WINDOW_LENGTH[state.evidence.window]).total_seconds() / 3600
    usd = episode.usd + state.severity.usd_per_hour * hours
    return Episode(episode.since_at, usd, episode.modelled or state.severity.modelled)


def _after(
    before: EntityLights, rules: dict[str, RuleLight], rows: dict[Window, KpiRow], seen: Sequence[KpiRow]
) -> EntityLights:
    if not seen:
        return before
    history = keep(before.scope, before.history, seen)
    return msgspec.structs.replace(before, version=before.version + 1, rules=rules, rows=rows, history=history)
