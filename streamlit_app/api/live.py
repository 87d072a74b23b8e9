"""Routes, lights and KPIs as they stand."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from alerts.entity import ALARMS, EntityLights
from rules.rule import Rule
from schemas.kpis import KPIS
from schemas.lights import Light, LightState
from schemas.rows import Scope, Window, ends_of
from streamlit_app.api.asked import By
from streamlit_app.api.paging import Page, Paged, page
from streamlit_app.api.records import KpiRecord, KpiValueRecord, KpiValues, LightRecord, RouteRecord
from streamlit_app.route_facts import kpi_facts

router = APIRouter()

RoutePath = Annotated[str, Path(pattern=r"^[A-Z0-9]{3}-[A-Z0-9]{3}$", description="two airports (JFK-LAX)")]
Nothing = SkipJsonSchema[None]
"""A filter that is left out; an address has no null."""
Place = Annotated[str, Field(max_length=10)]


class RoutesAsked(Paged):
    """Which routes."""

    light: Annotated[Light | Nothing, Field(description="the worst light of the route")] = None
    airport: Annotated[Place | Nothing, Field(description="where it starts or ends (JFK)")] = None


class LightsAsked(Paged):
    """Which lights."""

    scope: Scope | Nothing = None
    entity: Annotated[Place | Nothing, Field(description="JFK-LAX, JFK, B6")] = None
    light: Light | Nothing = None
    rule: Annotated[str | Nothing, Field(max_length=100)] = None


@router.get("/routes", tags=["routes"])
def routes(by: By, asked: Annotated[RoutesAsked, Query()]) -> Page[RouteRecord]:
    """All routes that rows have come of, by name."""
    found = (_route(one) for one in by.seen().entities.values() if one.scope == "route")
    chosen = (
        one
        for one in found
        if asked.light in (None, one.light) and asked.airport in (None, one.origin, one.destination)
    )
    return page(chosen, lambda one: one.route, asked)


@router.get("/routes/{route}", tags=["routes"])
def route(by: By, route: RoutePath) -> RouteRecord:
    """One of them."""
    return _route(by.route(route)[0])


@router.get("/routes/{route}/kpis", tags=["KPIs"])
def kpis_of_route(by: By, route: RoutePath, window: Annotated[Window | Nothing, Query()] = None) -> KpiValues:
    """Every KPI of a route with numerator and denominator, in each window or in one."""
    facts = [one for one in kpi_facts(by.route(route)[0]) if window in (None, one.window)]
    values = [
        KpiValueRecord(
            kpi=one.kpi.name,
            unit=one.kpi.unit,
            window=one.window,
            at=one.at,
            numerator=one.numerator,
            denominator=one.denominator,
            value=one.value,
            is_modelled=one.modelled,
        )
        for one in facts
    ]
    return KpiValues(route=route, values=values)


@router.get("/kpis", tags=["KPIs"])
def kpis(by: By, asked: Annotated[Paged, Query()]) -> Page[KpiRecord]:
    """The catalogue, by name."""
    by.seen()
    found = [
        KpiRecord(
            kpi=one.name,
            title=one.title,
            title_es=one.title_es,
            formula=one.formula,
            unit=one.unit,
            direction=one.direction,
            windows=list(one.windows),
            source=one.source,
        )
        for one in KPIS.values()
    ]
    return page(found, lambda one: one.kpi, asked)


@router.get("/lights", tags=["lights"])
def lights(by: By, asked: Annotated[LightsAsked, Query()]) -> Page[LightRecord]:
    """Every light of every route, airport and carrier, by entity and rule."""
    rules = by.stage.rules(by.actor)
    found = (
        _light(one, name, light.state, rules.get(name))
        for one in by.seen().entities.values()
        for name, light in one.rules.items()
        if asked.scope in (None, one.scope) and asked.entity in (None, one.name) and asked.rule in (None, name)
    )
    chosen = (one for one in found if asked.light in (None, one.light))
    return page(chosen, lambda one: f"{one.scope}#{one.entity}#{one.rule}", asked)


def _route(one: EntityLights) -> RouteRecord:
    origin, destination = ends_of(one.name)
    stakes = [
        light.state.severity
        for light in one.rules.values()
        if light.state.severity is not None and light.state.light in ALARMS
    ]
    largest = max(stakes, key=lambda stake: stake.usd_per_hour, default=None)
    return RouteRecord(
        route=one.name,
        origin=origin,
        destination=destination,
        light=one.worst,
        lights={name: light.state.light for name, light in sorted(one.rules.items())},
        flown_by=list(one.flown_by),
        newest_row_at=max((row.at for row in one.rows.values()), default=None),
        usd_per_hour=largest.usd_per_hour if largest else 0.0,
        usd_is_modelled=largest.modelled if largest else False,
    )


def _light(one: EntityLights, name: str, state: LightState, rule: Rule | None) -> LightRecord:
    evidence, severity = state.evidence, state.severity
    kpi = evidence.kpi if evidence else rule.kpi_name if rule else None
    return LightRecord(
        scope=one.scope,
        entity=one.name,
        rule=name,
        rule_version=state.rule_version,
        light=state.light,
        since_at=state.since_at,
        judged_at=state.at,
        reason=state.reason,
        kpi=kpi,
        window=evidence.window if evidence else None,
        unit=KPIS[kpi].unit if kpi in KPIS else None,
        numerator=evidence.numerator if evidence else None,
        denominator=evidence.denominator if evidence else None,
        value=evidence.value if evidence else None,
        lower=evidence.lower if evidence else None,
        upper=evidence.upper if evidence else None,
        value_is_modelled=evidence.modelled if evidence else False,
        late_risk_percent=evidence.pooled.risk if evidence and evidence.pooled else None,
        usd_per_hour=severity.usd_per_hour if severity else 0.0,
        usd_is_modelled=severity.modelled if severity else False,
        changes_in_24_hours=state.flaps,
    )
