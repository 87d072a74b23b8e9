"""What is known of one entity, without a screen: its KPIs with their terms, its lights over time, causes of delay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from alerts.entity import EntityLights
from alerts.items import LogEntry
from rules.evidence import weigh
from rules.rule import Rule
from schemas.kpis import CAUSE_MINUTES, KPIS, Kpi
from schemas.lights import WORST_FIRST, Light, LightState
from schemas.rows import WINDOW_LENGTH, KpiRow, Window

ECONOMICS: Final = ("rask", "cask", "unit_spread", "load_factor", "break_even_load_factor", "yield", "margin")


class KpiFact(msgspec.Struct, frozen=True, kw_only=True):
    """One KPI in one window: value = scale x numerator / denominator, None where nothing is to be divided by."""

    kpi: Kpi
    window: Window
    at: datetime
    numerator: int
    denominator: int
    value: float | None
    modelled: bool


class Point(msgspec.Struct, frozen=True):
    """The KPI at an instant of event time, with the bounds of what chance could make of it."""

    at: datetime
    value: float | None
    lower: float | None
    upper: float | None


class Span(msgspec.Struct, frozen=True):
    """A light from one instant to another."""

    light: Light
    from_at: datetime
    to_at: datetime


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of one entity over time. `risks` are what pooled evidence said at each change; `amber` and `red` are
    thresholds of the KPI, None where they are for a risk or for what the KPI is beyond another."""

    points: tuple[Point, ...]
    spans: tuple[Span, ...]
    risks: tuple[tuple[datetime, float], ...]
    amber: float | None
    red: float | None


def lights_worst_first(one: EntityLights) -> list[tuple[str, LightState]]:
    """Every rule's light."""
    found = [(rule_id, light.state) for rule_id, light in one.rules.items()]
    return sorted(found, key=lambda item: (WORST_FIRST[item[1].light], -_usd(item[1]), item[0]))


def _usd(state: LightState) -> float:
    return state.severity.usd_per_hour if state.severity else 0.0


def kpi_facts(one: EntityLights, names: Sequence[str] = tuple(KPIS)) -> list[KpiFact]:
    """Each KPI in each of its windows that a row is there for, in the catalogue's order."""
    return [
        _fact(KPIS[name], window, one.rows[window])
        for name in names
        for window in WINDOW_LENGTH
        if window in KPIS[name].windows and window in one.rows
    ]


def _fact(kpi: Kpi, window: Window, row: KpiRow) -> KpiFact:
    numerator, denominator = kpi.terms(row)
    return KpiFact(
        kpi=kpi,
        window=window,
        at=row.at,
        numerator=numerator,
        denominator=denominator,
        value=kpi.value(row),
        modelled=kpi.modelled_facts(row) > 0,
    )


def timeline_of(rule: Rule, rows: Sequence[KpiRow], log: Sequence[LogEntry], until: datetime) -> Timeline:
    """`rows`: of the rule's window, oldest first; `log`: all changes of the entity; the last light lasts `until`."""
    changes = [entry.transition for entry in log if entry.transition.rule == rule.id]
    ends = [*(change.at for change in changes[1:]), until]
    direct = rule.model is None and rule.against is None
    return Timeline(
        points=tuple(_point(rule, row) for row in rows),
        spans=tuple(Span(one.to_light, one.at, end) for one, end in zip(changes, ends, strict=False) if end > one.at),
        risks=tuple((one.at, one.evidence.pooled.risk) for one in changes if one.evidence.pooled is not None),
        amber=rule.thresholds.amber if direct else None,
        red=rule.thresholds.red if direct else None,
    )


def _point(rule: Rule, row: KpiRow) -> Point:
    evidence = weigh(rule, row, {}, row.ingested_at).evidence
    return Point(row.at, evidence.value, evidence.lower, evidence.upper)


def causes_of(row: KpiRow) -> list[tuple[str, int]]:
    """Minutes of delay by cause, the most first; a cause without any is left out."""
    minutes = [(name, row[name]) for name in CAUSE_MINUTES if row[name] > 0]
    return sorted(minutes, key=lambda item: -item[1])
