"""An alert on one line: what is modelled says so, number by number."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deploy.demo.listeners import Received
from deploy.demo.show import alert_line
from schemas.lights import Alert, Evidence, Light, Severity, Transition

AT = datetime(2013, 2, 8, 20, 30, tzinfo=UTC)


def received(*, modelled_facts: int, modelled_money: bool) -> Received:
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
        subject="",
        text="",
        text_es="",
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
    line = alert_line(received(modelled_facts=modelled_facts, modelled_money=modelled_money)).plain
    assert line == f"  RED   JFK-LAX {shown}"
