"""Lights made of KPI rows as the semáforo makes them, step by step, and where they say GREEN although they must not."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple, cast

import msgspec

from alerts.entity import ArrivedRow, EntityLights, fold
from rules.load import Catalog, load_catalog
from rules.rule import Thresholds
from schemas.lights import Light
from schemas.rows import KpiRow, Scope, Window, from_ms, to_ms
from tests.flink_jobs.reference import Expected, Key

# The quartiles of each KPI's values in the made-up events: a light stands on each side about as often.
QUARTILES = {
    "completion": (90, 60),
    "load_factor": (48, 40),
    "margin": (25, 12),
    "mean_arrival_delay": (55, 75),
    "on_time_arrival": (30, 10),
}


class LightOf(NamedTuple):
    """Which light."""

    scope: str
    entity: str
    rule: str


Shown = dict[LightOf, dict[int, Light]]
"""What each light showed from a row's `at` (ms) on, till the next."""


class FalselyGreen(NamedTuple):
    """A light that showed GREEN at an instant (ms), and what it should have shown."""

    light: LightOf
    at_ms: int
    wanted: Light


def twitchy_catalog(max_age: timedelta | None = timedelta(minutes=15)) -> Catalog:
    """Rules on the KPIs that the stream fills, at their most nervous, so that a row that is wrong, missing or out of
    place shows in a light.

    One flight is enough, no confidence is asked for, nothing has to last, turning and recovery have one threshold. (As
    they are shipped they find the made-up stream's few flights too little evidence: GREY throughout.)
    """

    def twitchy(amber: float, red: float) -> Thresholds:
        return Thresholds(amber=amber, red=red, recover_amber=amber, recover_red=red)

    return Catalog(
        msgspec.structs.replace(
            rule,
            thresholds=twitchy(*QUARTILES[rule.id]),
            confidence=None,
            spread=None,
            against=None,
            model=None,
            overrides=(),
            min_n=1,
            hold=timedelta(0),
            dwell=timedelta(0),
            max_age=max_age,
        )
        for rule in load_catalog().rules.values()
        if rule.id in QUARTILES
    )


def lights_of(rows: Iterable[KpiRow], catalog: Catalog, age: timedelta = timedelta(0)) -> Shown:
    """The lights after each row, in the order the rows came, each judged when it is as old as `age`."""
    entities: dict[tuple[str, str], EntityLights] = {}
    shown: Shown = {}
    for row in rows:
        before = entities.get((row.scope, row.entity)) or EntityLights(scope=row.scope, name=row.entity)
        folded = fold(before, [ArrivedRow(row, 0)], catalog, row.ingested_at + age, most_changes=len(catalog.rules))
        assert not folded.defects
        entities[row.scope, row.entity] = folded.after
        if folded.after is before:  # older than one that was judged, or the same again
            continue
        for rule in catalog.rules_for(row):
            light = folded.after.rules[rule.id].state.light
            shown.setdefault(LightOf(row.scope, row.entity, rule.id), {})[to_ms(row.at)] = light
    return shown


def expected_lights(expected: Mapping[Key, Expected], catalog: Catalog) -> Shown:
    """The lights that the reference's rows make, in the order of event time."""
    in_order = sorted(expected.items(), key=lambda item: item[0].at_ms)
    return lights_of((row_of(key, row) for key, row in in_order), catalog)


def row_of(key: Key, row: Expected) -> KpiRow:
    """A row of the reference as the stream would carry it."""
    scope, window = cast(Scope, key.scope), cast(Window, key.window)
    at, ingested_at = from_ms(key.at_ms), from_ms(row.ingested_at_ms)
    return KpiRow(scope, key.entity, window, at, 0, ingested_at, row.events, row.measures, row.flown_by)


def falsely_green(arrived: Iterable[KpiRow], expected: Mapping[Key, Expected]) -> list[FalselyGreen]:
    """Every instant at which a light of the rows that arrived shows GREEN, and that of the expected rows does not.

    A light keeps its colour till its next row: one whose row is missing shows what it showed before.
    """
    catalog = twitchy_catalog()
    shown, wanted = lights_of(arrived, catalog), expected_lights(expected, catalog)
    found = []
    for light in sorted(shown.keys() | wanted.keys()):
        ours, theirs = shown.get(light, {}), wanted.get(light, {})
        now = right = Light.GREY
        for at_ms in sorted(ours.keys() | theirs.keys()):
            now, right = ours.get(at_ms, now), theirs.get(at_ms, right)
            if now is Light.GREEN and right is not Light.GREEN:
                found.append(FalselyGreen(light, at_ms, right))
    return found


def colours(shown: Shown) -> Counter[Light]:
    """How often each colour shows: a comparison of lights that are all GREY would say nothing."""
    return Counter(light for steps in shown.values() for light in steps.values())
