"""Who hears of a transition: each answer and its reason."""

from datetime import timedelta

import pytest

from alerts.decide import Action, Circumstances, Decision, decide
from alerts.open_lights import NOTHING, OpenLight
from alerts.selectors import Selector
from alerts.silences import Silence
from schemas.lights import Evidence, Light, Severity, Transition
from tests.alerts.samples import NOW, START

GREEN, AMBER, RED, GREY = Light.GREEN, Light.AMBER, Light.RED, Light.GREY


def transition(before: Light, after: Light, *, age: timedelta = timedelta(), modelled_facts: int = 0) -> Transition:
    at = NOW - age
    evidence = Evidence(
        kpi="on_time_arrival", scope="route", entity="JFK-LAX", window="24h", at=at,
        numerator=5, denominator=10, n=10, value=50.0, modelled_facts=modelled_facts,
    )  # fmt: skip
    return Transition(
        rule="late", rule_version="1-x", scope="route", entity="JFK-LAX", window="24h", at=at, revision=0,
        from_light=before, to_light=after, evidence=evidence, severity=Severity(usd_per_hour=1), reason="",
        ingested_at=NOW,
    )  # fmt: skip


def decided(one: Transition, *, age_limit: timedelta | None = None, modelled_alerts: bool = False) -> Decision:
    return decide(one, NOTHING, Circumstances(age_limit=age_limit, modelled_alerts=modelled_alerts), NOW)


@pytest.mark.parametrize(
    ("before", "after", "action"),
    [
        (GREEN, RED, Action.SEND),
        (GREY, AMBER, Action.SEND),
        (RED, AMBER, Action.SEND),
        (RED, GREEN, Action.SEND),
        (AMBER, GREY, Action.SEND),
        (GREY, GREEN, Action.LOG),
        (GREEN, GREY, Action.LOG),
    ],
)
def test_alarms_and_their_ends_are_news(before: Light, after: Light, action: Action) -> None:
    decision = decided(transition(before, after))
    assert decision.action is action
    assert decision.reason


def test_beyond_the_age_limit_a_transition_is_held_and_says_why() -> None:
    limit = timedelta(hours=1)
    in_time = transition(GREEN, RED, age=limit)
    late = transition(GREEN, RED, age=limit + timedelta(minutes=5))
    assert decided(in_time, age_limit=limit, modelled_alerts=False).action is Action.SEND
    held = decided(late, age_limit=limit, modelled_alerts=False)
    assert held.action is Action.HOLD
    assert held.reason == "alarm: RED, but 1h5m old: the stage sends nothing older than 1h"


def test_a_stage_made_for_replays_sends_2013() -> None:
    old = transition(GREEN, RED, age=NOW - START)
    assert decided(old, age_limit=None, modelled_alerts=False).action is Action.SEND


def test_modelled_evidence_is_sent_only_where_the_stage_allows_it() -> None:
    modelled = transition(GREEN, RED, modelled_facts=3)
    held = decided(modelled, age_limit=None, modelled_alerts=False)
    assert held.action is Action.HOLD
    assert "modelled" in held.reason
    assert decided(modelled, age_limit=None, modelled_alerts=True).action is Action.SEND


def test_what_is_no_news_is_not_held_for_its_age() -> None:
    old = transition(GREY, GREEN, age=timedelta(days=9), modelled_facts=3)
    assert decided(old, age_limit=timedelta(hours=1), modelled_alerts=False).action is Action.LOG


TOLD = OpenLight(light=RED, action=Action.SEND, first_told_at=NOW)
SNOOZED = OpenLight(light=RED, action=Action.SILENCE, by="s0", first_told_at=NOW)
LISTED = OpenLight(light=RED, action=Action.GROUP, by="JFK-1", storm="JFK-1")
WORKS = Silence(
    silence_id="s1",
    match=Selector(route=("JFK-*",)),
    author="ana",
    comment="works",
    starts_at=NOW - timedelta(hours=1),
    ends_at=NOW + timedelta(hours=1),
)


def around(**given: object) -> Circumstances:
    return Circumstances(**({"age_limit": None, "modelled_alerts": False} | given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "known", "circumstances", "action", "by"),
    [
        (GREEN, RED, NOTHING, around(silences=[WORKS]), Action.SILENCE, "s1"),
        (GREEN, RED, NOTHING, around(red={"JFK": "airport_late"}), Action.INHIBIT, "JFK"),
        (GREEN, RED, NOTHING, around(silences=[WORKS], red={"JFK": "airport_late"}), Action.SILENCE, "s1"),
        # Who was told of the alarm hears how it goes on, whatever the airport does.
        (RED, AMBER, TOLD, around(red={"JFK": "airport_late"}), Action.SEND, ""),
        (RED, GREEN, TOLD, around(red={"JFK": "airport_late"}), Action.SEND, ""),
        (RED, GREEN, TOLD, around(silences=[WORKS]), Action.SILENCE, "s1"),
        # Whom nobody told of the alarm needs no all-clear.
        (RED, GREEN, OpenLight(light=RED, action=Action.INHIBIT, by="JFK"), around(), Action.INHIBIT, "JFK"),
        (RED, GREY, OpenLight(light=RED, action=Action.SILENCE, by="s0"), around(), Action.SILENCE, "s0"),
        (RED, GREEN, OpenLight(light=RED, action=Action.HOLD, by="age"), around(), Action.HOLD, "age"),
        # A snooze came after people were told: they hear of the end.
        (
            RED,
            GREEN,
            OpenLight(light=RED, action=Action.SILENCE, by="s0", first_told_at=NOW),
            around(),
            Action.SEND,
            "",
        ),
        (
            RED,
            GREEN,
            OpenLight(light=RED, action=Action.GROUP, by="JFK-1", storm="JFK-1"),
            around(),
            Action.GROUP,
            "JFK-1",
        ),
        (
            RED,
            AMBER,
            OpenLight(light=RED, action=Action.GROUP, by="JFK-1", storm="JFK-1"),
            around(),
            Action.GROUP,
            "JFK-1",
        ),
        # What held AMBER back may not hold RED: it is looked at anew.
        (AMBER, RED, OpenLight(light=AMBER, action=Action.SILENCE, by="s0"), around(), Action.SEND, ""),
        (AMBER, RED, OpenLight(light=AMBER, action=Action.GROUP, by="JFK-1"), around(), Action.SEND, ""),
        (GREEN, GREY, NOTHING, around(silences=[WORKS]), Action.LOG, ""),
    ],
)
def test_what_holds_a_transition_back_and_by_what(
    before: Light, after: Light, known: OpenLight, circumstances: Circumstances, action: Action, by: str
) -> None:
    decision = decide(transition(before, after), known, circumstances, NOW)
    assert (decision.action, decision.by) == (action, by)
    assert decision.reason
