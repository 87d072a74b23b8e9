"""Rows and rules for the tests of the alerts: small numbers that can be checked in the head."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.advice import Advice, AdvisedAction
from alerts.entity import ArrivedRow, EntityLights, fold
from rules.load import Catalog
from rules.rule import Rule, Thresholds, Words
from schemas.lights import Light
from schemas.measures import MEASURE_NAMES, POSITION
from schemas.rows import KpiRow, Scope, Window

START = datetime(2013, 2, 8, 12, 0, tzinfo=UTC)
NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def minutes(count: float) -> datetime:
    """Event time, minutes after the start."""
    return START + timedelta(minutes=count)


def row(
    at_minutes: float,
    on_time: int = 0,
    flights: int = 10,
    *,
    entity: str = "JFK-LAX",
    scope: Scope = "route",
    window: Window = "24h",
    revision: int = 0,
    ingested_at: datetime = NOW,
    flown_by: tuple[str, ...] = (),
    **measures: int,
) -> KpiRow:
    """A row with `on_time` of `flights` on time."""
    values = [0] * len(MEASURE_NAMES)
    for name, value in {"flights": flights, "arrivals_on_time": on_time, **measures}.items():
        values[POSITION[name]] = value
    return KpiRow(scope, entity, window, minutes(at_minutes), revision, ingested_at, flights, tuple(values), flown_by)


def rule(**changes: Any) -> Rule:
    """A rule on on-time arrival that decides at once and by the value alone: below 80 amber, below 70 red."""
    given: dict[str, Any] = {
        "id": "late",
        "version_number": 1,
        "kpi_name": "on_time_arrival",
        "scope": "route",
        "window": "24h",
        "thresholds": Thresholds(amber=80, red=70, recover_amber=85, recover_red=75),
        "confidence": None,
        "min_n": 5,
        "n_of": "flights",
        "hold": timedelta(),
        "dwell": timedelta(),
        "max_age": None,
        "usd_per_block_minute": 100.0,
        "audience": ("operations",),
        "runbook": "rules/runbooks/late.md",
        "title": Words(en="Late arrivals", es="Llegadas tarde"),
        "advice": Words(en="Look for the cause.", es="Busque la causa."),
    }
    return Rule(**(given | changes))


def catalog(*rules: Rule) -> Catalog:
    """A catalogue of these rules, or of the one above."""
    return Catalog(rules or [rule()])


def arrived(rows: Iterable[KpiRow]) -> list[ArrivedRow]:
    """Rows as if each came in a record of its own."""
    return [ArrivedRow(one, number) for number, one in enumerate(rows)]


def folded(*rows: KpiRow, by: Catalog | None = None, before: EntityLights | None = None, most_changes: int = 40) -> Any:
    """Rows of one entity folded into a new one, or into `before`."""
    start = before or EntityLights(scope=rows[0].scope, name=rows[0].entity)
    return fold(start, arrived(rows), by or catalog(), NOW, most_changes=most_changes)


def advice(route: str = "MEX-CUN", **changes: Any) -> Advice:
    """To cancel AM-1, which saves US$ 1,234 of fuel."""
    action = AdvisedAction("cancel", ("AM-1",), "cancel AM-1", "cancelar AM-1", 1234.0, {"fuel": 1234.0}, 200, 200)
    given: dict[str, Any] = {
        "alert_id": "a1",
        "route": route,
        "light": Light.RED,
        "rule": "margin",
        "at": START,
        "given_at": NOW,
        "audience": ("ops",),
        "actions": (action,),
        "modelled": True,
    }
    return Advice(**(given | changes))
