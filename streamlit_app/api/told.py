"""Alerts, what was advised beside them, and who did what."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from alerts.advice import Advice
from alerts.history import StoredAlert
from schemas.lights import Alert
from schemas.rows import Scope
from streamlit_app.api.asked import By
from streamlit_app.api.live import Nothing, RoutePath
from streamlit_app.api.paging import Page, Paged, page
from streamlit_app.api.problems import UnknownError
from streamlit_app.api.records import (
    ActionRecord,
    AdviceRecord,
    AlertRecord,
    BeforeRecord,
    DeedRecord,
    Deeds,
    OutcomeRecord,
)

router = APIRouter()


class AlertsAsked(Paged):
    """Which alerts."""

    status: Annotated[str | Nothing, Field(max_length=20, description="pending, sent, held")] = None
    scope: Scope | Nothing = None
    entity: Annotated[str | Nothing, Field(max_length=10)] = None


@router.get("/alerts", tags=["alerts"])
def alerts(by: By, asked: Annotated[AlertsAsked, Query()]) -> Page[AlertRecord]:
    """Those of the last 28 days, the newest decision first."""
    found = (_alert(one) for one in by.stage.alerts(by.actor))
    chosen = (
        one
        for one in found
        if asked.status in (None, one.status)
        and asked.scope in (None, one.scope)
        and asked.entity in (None, one.entity)
    )
    return page(chosen, lambda one: f"{one.decided_at.isoformat()} {one.alert_id}", asked, falling=True)


@router.get("/alerts/{alert_id}", tags=["alerts"])
def alert(by: By, alert_id: Annotated[str, Path(max_length=200)]) -> AlertRecord:
    """One of them."""
    for one in by.stage.alerts(by.actor):
        if one.message.alert_id == alert_id:
            return _alert(one)
    raise UnknownError(f"no alert {alert_id} in the last 28 days")


@router.get("/routes/{route}/actions", tags=["actions"])
def actions(by: By, route: RoutePath, asked: Annotated[Paged, Query()]) -> Page[AdviceRecord]:
    """What was advised about a route beside its alerts, the newest first, with the answers."""
    by.route(route)
    found = (_advice(one) for one in by.stage.advised.of_route(by.actor, route))
    return page(found, lambda one: f"{one.at.isoformat()} {one.alert_id}", asked, falling=True)


@router.get("/deeds", tags=["audit"])
def deeds(by: By, day: Annotated[date, Query(description="UTC")]) -> Deeds:
    """Who did what in the app on a day, the newest first; for administrators."""
    found = by.stage.deeds(by.actor, day)
    return Deeds(deeds=[DeedRecord.model_validate(one) for one in found])


def _alert(stored: StoredAlert) -> AlertRecord:
    message = stored.message
    transition = message.transition if isinstance(message, Alert) else None
    severity = transition.severity if transition else None
    return AlertRecord(
        alert_id=message.alert_id,
        kind=message.kind,
        status=stored.status,
        status_reason=stored.reason,
        decided_at=message.decided_at,
        sent_at=stored.sent_at,
        subject=message.subject,
        text=message.text,
        text_es=message.text_es,
        scope=transition.scope if transition else None,
        entity=transition.entity if transition else None,
        rule=transition.rule if transition else None,
        light=transition.to_light if transition else None,
        from_light=transition.from_light if transition else None,
        at=transition.at if transition else None,
        usd_per_hour=severity.usd_per_hour if severity else None,
        usd_is_modelled=severity.modelled if severity else False,
        is_modelled=message.modelled if isinstance(message, Alert) else False,
    )


def _advice(one: Advice) -> AdviceRecord:
    return AdviceRecord(
        alert_id=one.alert_id,
        route=one.route,
        light=one.light,
        rule=one.rule,
        at=one.at,
        given_at=one.given_at,
        is_modelled=one.modelled,
        answer=one.answer,
        answered_by=one.answered_by,
        answered_at=one.answered_at,
        comment=one.comment,
        binding=one.binding,
        actions=[
            ActionRecord(
                rank=rank,
                kind=action.kind,
                flight_ids=list(action.flights),
                words=action.words,
                words_es=action.words_es,
                saves_usd=action.saves_usd,
                saves_by_term_usd=action.saves_by_term_usd,
                late_minutes=action.late_minutes,
                late_then_minutes=action.late_then_minutes,
                saves_if_moved_usd=action.moved_usd,
            )
            for rank, action in enumerate(one.actions, 1)
        ],
        track_record=BeforeRecord.model_validate(one.record) if one.record else None,
        outcome=OutcomeRecord.model_validate(one.outcome) if one.outcome else None,
    )
