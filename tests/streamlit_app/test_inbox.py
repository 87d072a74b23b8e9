"""The inbox: what stands, worst first, and what can be silenced from there."""

from datetime import timedelta

import msgspec

from alerts.decide import Action
from alerts.history import StoredAlert
from alerts.messages import render
from alerts.open_lights import Acknowledged, OpenLight
from alerts.selectors import subject_of
from schemas.lights import Alert, Light, Transition
from streamlit_app.inbox import silence_choices, standing_items, stored_items, storm_of
from streamlit_app.readers.snapshot import Snapshot
from streamlit_app.words import speech
from tests.alerts.samples import NOW, catalog, folded, row, rule

SAY = speech("en")
BY = rule(severity=("delay",))


def alert(entity: str, on_time: int, late_minutes: int = 0) -> Alert:
    given = row(0, on_time, entity=entity, arrival_delay_minutes=late_minutes)
    change = folded(row(-10, 9, entity=entity), given, by=catalog(BY)).changes[-1]
    text = render(change, stage="demo", alert_id=change.transition.alert_id)
    return Alert(
        alert_id=change.transition.alert_id, stage="demo", transition=change.transition, subject=text.subject,
        text=text.text, text_es=text.text_es, decided_at=NOW, modelled=False,
    )  # fmt: skip


def standing(*alarms: OpenLight) -> Snapshot:
    keyed = {(f"route#{one.alert.transition.entity}", "late"): one for one in alarms if one.alert}
    return Snapshot(alarms=keyed, rules={"late": BY}, read_at=NOW)


def test_what_stands_is_worst_and_dearest_first() -> None:
    """48 late minutes a day at US$ 100 are US$ 200 an hour."""
    items = standing_items(
        standing(
            OpenLight(alert=alert("JFK-LAX", 6), light=Light.RED, action=Action.SEND),
            OpenLight(alert=alert("LGA-ORD", 7, 480), light=Light.AMBER, action=Action.SEND),
            OpenLight(alert=alert("EWR-MIA", 6, 48), light=Light.RED, action=Action.SEND),
        ),
        SAY,
    )
    assert [one.name for one in items] == ["EWR-MIA", "JFK-LAX", "LGA-ORD"]
    assert items[0].detail == "60.0 % · US$ 200/h · since 2013-02-08 12:00 UTC"
    assert items[0].title == "Late arrivals"


def test_what_stands_is_as_it_is_by_now() -> None:
    """It was told of 6 in 10 and US$ 200 an hour; ten minutes later it is 3 in 10 and twice the minutes."""
    told = standing(OpenLight(alert=alert("JFK-LAX", 6, 48), light=Light.RED, action=Action.SEND))
    rows = [row(-10, 9), row(0, 6, arrival_delay_minutes=48), row(10, 3, arrival_delay_minutes=96)]
    now = folded(*rows, by=catalog(BY)).after
    (item,) = standing_items(msgspec.structs.replace(told, entities={now.key: now}), SAY)
    assert item.detail == "30.0 % · US$ 400/h · since 2013-02-08 12:00 UTC"


def test_how_it_stands_is_said() -> None:
    taken = OpenLight(
        alert=alert("JFK-LAX", 6), light=Light.RED, action=Action.SEND, acknowledged=Acknowledged("ana", NOW)
    )
    held = OpenLight(alert=alert("LGA-ORD", 6), light=Light.RED, action=Action.INHIBIT, reason="airport LGA is red")
    by_name = {one.name: one.detail for one in standing_items(standing(taken, held), SAY)}
    assert by_name["JFK-LAX"].endswith("taken on by ana")
    assert by_name["LGA-ORD"].endswith("Held back: airport LGA is red")


def test_an_alarm_that_is_over_does_not_stand() -> None:
    assert standing_items(standing(OpenLight(alert=alert("JFK-LAX", 6), light=Light.GREEN)), SAY) == []


def test_of_the_outbox_what_was_told_and_what_was_held_back() -> None:
    sent = StoredAlert(alert("JFK-LAX", 6), "sent", "alarm: RED", NOW + timedelta(seconds=1))
    held = StoredAlert(alert("LGA-ORD", 6), "held", "older than an hour", None)
    told = stored_items([sent, held], ("sent", "pending"), {"late": BY}, SAY)
    assert [(one.name, one.detail) for one in told] == [("JFK-LAX", "2013-02-08 12:00 UTC · sent 2026-03-01 09:00 UTC")]
    assert [one.detail for one in stored_items([sent, held], ("held",), {}, SAY)] == [
        "2013-02-08 12:00 UTC · older than an hour"
    ]


def test_what_can_be_silenced_matches_what_it_says() -> None:
    mine: Transition = alert("JFK-LAX", 6).transition
    other: Transition = alert("JFK-SFO", 6).transition
    choices = silence_choices(mine, SAY)
    assert list(choices) == [
        "this rule on JFK-LAX", "all of JFK-LAX", "airport JFK and its routes", "airport LAX and its routes",
        "this rule everywhere",
    ]  # fmt: skip
    assert all(match.matches(subject_of(mine)) for match in choices.values())
    assert [words for words, match in choices.items() if match.matches(subject_of(other))] == [
        "airport JFK and its routes", "this rule everywhere",
    ]  # fmt: skip


def test_a_summary_names_its_storm() -> None:
    assert storm_of("airport-JFK-0f3a.2") == "airport-JFK-0f3a"
    assert storm_of("airport-JFK-0f3a") == "airport-JFK-0f3a"
    assert storm_of("8461e526dcb792776570e7b0") == ""
