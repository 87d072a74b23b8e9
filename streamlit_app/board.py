"""The board without a screen: which lights are shown, in what order, and what a tile says."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from alerts.decide import Action
from alerts.entity import ALARMS, EntityLights, RuleLight
from alerts.messages import pooled_line
from alerts.open_lights import OpenLight
from rules.rule import Rule
from schemas.kpis import KPIS
from schemas.lights import WORST_FIRST, Evidence, Light, LightState
from schemas.rows import KpiRow, ends_of, to_ms
from streamlit_app.airports import airport
from streamlit_app.inert import bare
from streamlit_app.readers.snapshot import LightKey, Snapshot
from streamlit_app.term_text import terms_text
from streamlit_app.words import Speech

MOST_CARRIERS: Final = 100
SPEAKS_OTHERWISE: Final = "on_time_arrival"
ON_A_SCREEN: Final = 12
"""Tiles of alarms that a wall of 1920 by 1080 shows at once."""


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What to show; an empty one shows all of its kind."""

    airports: frozenset[str] = frozenset()
    carriers: frozenset[str] = frozenset()
    lights: frozenset[Light] = frozenset()
    rules: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What filters can be set to."""

    airports: tuple[str, ...]
    carriers: tuple[str, ...]
    rules: tuple[str, ...]
    audiences: tuple[str, ...]


class Tile(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One route as the page draws it; texts are plain and in the reader's language. Instants are epoch milliseconds."""

    key: str
    entity: str
    airport: str
    light: Light
    rule: str
    title: str
    value: str
    evidence: str
    reason: str
    usd_per_hour: float
    stake: str
    at_ms: int
    since_ms: int
    note: str
    others: tuple[tuple[Light, str], ...]
    unknown: str = ""
    trend: tuple[float | None, ...] = ()


class Group(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The routes from one airport, in the order they are shown, and the airport's own light."""

    airport: str
    city: str
    light: Light | None
    own: str
    keys: tuple[str, ...]
    counts: dict[Light, int]
    usd_per_hour: float


def choices_of(snapshot: Snapshot) -> Choices:
    """All there is to filter by."""
    routes = [one.name for one in snapshot.entities.values() if one.scope == "route"]
    flying = {carrier for one in snapshot.entities.values() for carrier in flown_by(one)}
    return Choices(
        airports=tuple(sorted({end for route in routes for end in ends_of(route)})),
        carriers=tuple(sorted(flying))[:MOST_CARRIERS],
        rules=tuple(rule.id for rule in snapshot.rules.values() if rule.scope == "route"),
        audiences=tuple(sorted({audience for rule in snapshot.rules.values() for audience in rule.audience})),
    )


def flown_by(one: EntityLights) -> tuple[str, ...]:
    """Who flies a route, as its 24 h row says."""
    row = one.rows.get("24h")
    return row.flown_by if row else ()


def shown(entities: Iterable[EntityLights], filters: Filters, rules: Mapping[str, Rule]) -> list[EntityLights]:
    """The routes that the filters let through."""
    return [one for one in entities if one.scope == "route" and _passes(one, filters, rules)]


def _passes(one: EntityLights, filters: Filters, rules: Mapping[str, Rule]) -> bool:
    if filters.airports and not filters.airports & set(ends_of(one.name)):
        return False
    if filters.carriers and not filters.carriers & set(flown_by(one)):
        return False
    found = headline(one, filters, rules)
    if found is None:
        return not (filters.rules or filters.audiences) and (not filters.lights or Light.GREY in filters.lights)
    return not filters.lights or found[1].state.light in filters.lights


def headline(one: EntityLights, filters: Filters, rules: Mapping[str, Rule]) -> tuple[str, RuleLight] | None:
    """The light that speaks for an entity, of the rules that the filters name: the worst alarm, of equals the dearest.

    Where none is, late arrivals speak for a route: of fifteen rules some always lack evidence, and a board that is grey
    for that says nothing. How many lack it stands on the tile.
    """
    lights = [(rule_id, light) for rule_id, light in one.rules.items() if _asked_for(rule_id, filters, rules)]
    alarms = [item for item in lights if item[1].state.light in ALARMS]
    spoken = [item for item in lights if item[0] == SPEAKS_OTHERWISE]
    return min(alarms or spoken or lights, key=_worst_first, default=None)


def _asked_for(rule_id: str, filters: Filters, rules: Mapping[str, Rule]) -> bool:
    if filters.rules and rule_id not in filters.rules:
        return False
    rule = rules.get(rule_id)
    return not filters.audiences or (rule is not None and bool(filters.audiences & set(rule.audience)))


def _worst_first(one: tuple[str, RuleLight]) -> tuple[int, float, str]:
    rule_id, light = one
    return WORST_FIRST[light.state.light], -_usd(light.state), rule_id


def _usd(state: LightState) -> float:
    return state.severity.usd_per_hour if state.severity and state.light in ALARMS else 0.0


def tile_of(
    one: EntityLights,
    filters: Filters,
    snapshot: Snapshot,
    say: Speech,
    trend: Sequence[KpiRow] = (),
) -> Tile:
    """What is said of a route."""
    found = headline(one, filters, snapshot.rules)
    rule_id, state = (found[0], found[1].state) if found else ("", LightState())
    rule = snapshot.rules.get(rule_id)
    evidence = state.evidence
    unknown = sum(light.state.light is Light.GREY for light in one.rules.values())
    others = sorted((item for item in one.rules.items() if item[0] != rule_id), key=_worst_first)
    return Tile(
        key=one.key,
        entity=bare(one.name),
        airport=ends_of(one.name)[0],
        light=state.light,
        rule=rule_id,
        title=bare(say.rule(rule, rule_id)),
        value=value_text(evidence),
        evidence=evidence_text(evidence, rule, say),
        reason=bare(say.reason(state.reason)) if state.light is Light.GREY else "",
        usd_per_hour=round(_usd(state)),
        stake=say.usd_per_hour(_usd(state), bool(state.severity and state.severity.modelled)) if _usd(state) else "",
        at_ms=to_ms(state.at) if state.at else 0,
        since_ms=to_ms(state.since_at) if state.since_at else 0,
        note=note_text(snapshot.alarms, (one.key, rule_id), say),
        others=tuple(
            (light.state.light, bare(say.rule(snapshot.rules.get(other), other)))
            for other, light in others
            if light.state.light in ALARMS
        ),
        unknown=say("unknown_rules", count=unknown, of=len(one.rules)) if unknown else "",
        trend=trend_of(trend, evidence),
    )


def value_text(evidence: Evidence | None) -> str:
    """ "36.4 %"; "–" where there is none."""
    if evidence is None or evidence.value is None:
        return "–"
    return f"{evidence.value:.1f} {KPIS[evidence.kpi].unit}" if evidence.kpi in KPIS else f"{evidence.value:.1f}"


def evidence_text(evidence: Evidence | None, rule: Rule | None, say: Speech) -> str:
    """ "Completion factor: 4 / 11 (n 11), ≤ 55.2 %, last 24 h (modelled)": KPI, its terms, the bound, the window.

    A rule is named after what is wrong ("Cancelled flights"), its KPI often after what is right.
    """
    if evidence is None:
        return ""
    kpi = KPIS.get(evidence.kpi)
    terms = (evidence.numerator, evidence.denominator)
    counted = f"{terms_text(kpi, *terms) if kpi else '{:,} / {:,}'.format(*terms)} (n {evidence.n:,})"
    bound = ""
    if evidence.pooled is not None:
        bound = f", {say['risk']} {evidence.pooled.risk:.0f} %"
    elif rule is not None and evidence.lower is not None and evidence.upper is not None:
        sign, limit = ("≤", evidence.upper) if rule.sign > 0 else ("≥", evidence.lower)
        bound = f", {sign} {limit:.1f} {kpi.unit if kpi else ''}".rstrip()
    mark = f" {say['modelled']}" if evidence.modelled else ""
    named = f"{say.kpi(kpi)}: " if kpi else ""
    return f"{named}{counted}{bound}, {say.window(evidence.window)}{mark}"


def risk_text(evidence: Evidence | None, say: Speech) -> str:
    """What pooled evidence says and how much of it came from where; "" if nothing was pooled."""
    return pooled_line(evidence.pooled, say.language) if evidence and evidence.pooled else ""


def note_text(alarms: Mapping[LightKey, OpenLight], key: LightKey, say: Speech) -> str:
    """Who took the alarm on, or that it is silenced."""
    alarm = alarms.get(key)
    if alarm is None:
        return ""
    if alarm.acknowledged is not None:
        return say("acknowledged_by", by=bare(alarm.acknowledged.by))
    return say["silenced"] if alarm.action is Action.SILENCE else ""


def trend_of(rows: Sequence[KpiRow], evidence: Evidence | None) -> tuple[float | None, ...]:
    """The KPI's values over the rows that are kept, oldest first."""
    if evidence is None or evidence.kpi not in KPIS:
        return ()
    kpi = KPIS[evidence.kpi]
    values = (kpi.value(row) for row in rows[-48:])
    return tuple(None if value is None else round(value, 2) for value in values)


def grouped(tiles: Iterable[Tile], snapshot: Snapshot, say: Speech) -> list[Group]:
    """By the airport that a route starts from; worst and dearest first, among groups as in each."""
    by_airport: dict[str, list[Tile]] = {}
    for tile in tiles:
        by_airport.setdefault(tile.airport, []).append(tile)
    groups = [_group(code, sorted(of, key=_tile_order), snapshot, say) for code, of in by_airport.items()]
    return sorted(
        groups, key=lambda one: (min(WORST_FIRST[light] for light in one.counts), -one.usd_per_hour, one.airport)
    )


def in_screens(tiles: Iterable[Tile]) -> list[Group]:
    """What is in alarm, the worst first, in groups of what a wall shows at once; each is named by its places."""
    alarms = sorted((tile for tile in tiles if tile.light in ALARMS), key=_tile_order)
    return [
        Group(
            airport=f"{first + 1}–{first + len(shown)} / {len(alarms)}",
            city="",
            light=None,
            own="",
            keys=tuple(tile.key for tile in shown),
            counts=_counts(shown),
            usd_per_hour=sum(tile.usd_per_hour for tile in shown),
        )
        for first in range(0, len(alarms), ON_A_SCREEN)
        if (shown := alarms[first : first + ON_A_SCREEN])
    ]


def _counts(tiles: Sequence[Tile]) -> dict[Light, int]:
    return {light: count for light in WORST_FIRST if (count := sum(tile.light is light for tile in tiles))}


def _tile_order(tile: Tile) -> tuple[int, float, str]:
    return WORST_FIRST[tile.light], -tile.usd_per_hour, tile.entity


def _group(code: str, tiles: Sequence[Tile], snapshot: Snapshot, say: Speech) -> Group:
    own = snapshot.entities.get(f"airport#{code}")
    found = headline(own, Filters(), snapshot.rules) if own else None
    place = airport(code)
    return Group(
        airport=bare(code),
        city=place.city if place else "",
        light=found[1].state.light if found else None,
        own=f"{say.rule(snapshot.rules.get(found[0]), found[0])} {value_text(found[1].state.evidence)}"
        if found
        else "",
        keys=tuple(tile.key for tile in tiles),
        counts=_counts(tiles),
        usd_per_hour=sum(tile.usd_per_hour for tile in tiles),
    )
