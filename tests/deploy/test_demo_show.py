"""An alert on one line: what is modelled says so, number by number, in either language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from deploy.demo.listeners import Received
from deploy.demo.show import alert_line
from deploy.demo.words import ENGLISH, SPANISH
from schemas.lights import Alert, Evidence, Group, Light, Severity, Transition

AT = datetime(2013, 2, 8, 20, 30, tzinfo=UTC)


def received(*, modelled_facts: int = 0, modelled_money: bool = False, group: Group | None = None) -> Received:
    evidence = Evidence(
        kpi="on_time_arrival",
        scope="route",
        entity="JFK-LAX",
        window="24h",
        at=AT,
        numerator=4,
        denominator=10,
        n=10,
        value=40.0,
        modelled_facts=modelled_facts,
    )
    transition = Transition(
        rule="on_time_arrival",
        rule_version="1-ab",
        scope="route",
        entity="JFK-LAX",
        window="24h",
        at=AT,
        revision=0,
        from_light=Light.GREEN,
        to_light=Light.RED,
        evidence=evidence,
        severity=Severity(usd_per_hour=1234.0, modelled=modelled_money),
        reason="",
        ingested_at=AT,
    )
    alert = Alert(
        alert_id="00",
        stage="demo",
        transition=transition,
        subject="STORM airport JFK: 7 routes, 7 RED, US$ 4,200/h [demo]" if group else "",
        text="",
        text_es="Tormenta en el aeropuerto JFK: 7 rutas: 7 ROJO\nEste resumen: el primero" if group else "",
        group=group,
        decided_at=AT,
        modelled=evidence.modelled,
    )
    return Received(alert, AT, {})


@pytest.mark.parametrize(
    ("modelled_facts", "modelled_money", "shown"),
    [
        (0, False, "On-time arrival (A14) 40.0 % (4 of 10)  US$ 1,234/h  08 Feb 20:30Z"),
        (0, True, "On-time arrival (A14) 40.0 % (4 of 10)  US$ 1,234/h (modelled)  08 Feb 20:30Z"),
        (2, False, "On-time arrival (A14) 40.0 % (modelled) (4 of 10)  US$ 1,234/h  08 Feb 20:30Z"),
    ],
)
def test_each_number_is_marked_for_itself(modelled_facts: int, modelled_money: bool, shown: str) -> None:
    line = alert_line(received(modelled_facts=modelled_facts, modelled_money=modelled_money), ENGLISH).plain
    assert line == f"  RED   JFK-LAX {shown}"


def test_in_spanish_it_is_the_same_line() -> None:
    line = alert_line(received(modelled_facts=2, modelled_money=True), SPANISH).plain
    expected = "Llegadas a tiempo (A14) 40.0 % (modelado) (4 de 10)  US$ 1,234/h (modelado)  08 feb 20:30Z"
    assert line == f" ROJO   JFK-LAX {expected}"


def test_a_summary_is_its_subject_or_the_beginning_of_its_spanish_text() -> None:
    about: dict[str, Any] = {"storm_id": "JFK-1", "number": 1, "cause": "airport JFK", "entities": 7, "worst": ()}
    group = Group(**about, lights={Light.RED: 7}, usd_per_hour=4_200, modelled=False)
    one = received(group=group)
    assert alert_line(one, ENGLISH).plain.endswith("STORM airport JFK: 7 routes, 7 RED, US$ 4,200/h [demo]")
    assert alert_line(one, SPANISH).plain.endswith("Tormenta en el aeropuerto JFK: 7 rutas: 7 ROJO, US$ 4,200/h [demo]")
