"""What the page of a route says, by numbers that can be checked in the head."""

from datetime import timedelta

from alerts.items import LogEntry
from rules.rule import Rule
from schemas.lights import Light
from streamlit_app.route_facts import Span, causes_of, kpi_facts, lights_worst_first, timeline_of
from streamlit_app.timeline_chart import timeline_chart
from streamlit_app.words import speech
from tests.alerts.samples import NOW, catalog, folded, minutes, row, rule


def log_of(*rows_: tuple[float, int], by: Rule) -> list[LogEntry]:
    changes = folded(*(row(at, on_time) for at, on_time in rows_), by=catalog(by)).changes
    return [
        LogEntry(
            alert_id=one.transition.alert_id, transition=one.transition, row=one.row, rule=one.rule, decisions=[],
            decided_at=NOW,
        )
        for one in changes
    ]  # fmt: skip


def test_a_kpi_shows_numerator_denominator_and_window() -> None:
    one = folded(
        row(0, 6, window="24h", seat_km=1_000, passenger_km=750, modelled_traffic=2),
        row(0, 60, 100, window="7d"),
    ).after
    facts = {(fact.kpi.name, fact.window): fact for fact in kpi_facts(one)}
    late = facts["on_time_arrival", "7d"]
    assert (late.numerator, late.denominator, late.value, late.modelled) == (60, 100, 60.0, False)
    load = facts["load_factor", "24h"]
    assert (load.numerator, load.denominator, load.value, load.modelled) == (750, 1_000, 75.0, True)
    assert facts["margin", "24h"].value is None, "nothing was earned"
    assert ("chronic_delay", "24h") not in facts, "a KPI is shown in its own windows alone"


def test_causes_are_the_most_first() -> None:
    found = causes_of(row(0, weather_delay_minutes=30, carrier_delay_minutes=45, security_delay_minutes=0))
    assert found == [("carrier_delay_minutes", 45), ("weather_delay_minutes", 30)]


def test_a_timeline_has_values_bounds_lights_and_thresholds() -> None:
    by = rule(confidence=0.9)
    rows = [row(at, on_time) for at, on_time in ((0, 10), (30, 0))]
    shown = timeline_of(by, rows, log_of((0, 10), (30, 0), by=by), minutes(90))
    assert [(one.value, round(one.upper or 0, 1)) for one in shown.points] == [(100.0, 100.0), (0.0, 14.1)]
    assert shown.spans == (
        Span(Light.GREEN, minutes(0), minutes(30)),
        Span(Light.RED, minutes(30), minutes(90)),
    )
    assert (shown.amber, shown.red) == (80, 70)


def test_thresholds_of_something_else_are_not_drawn_over_the_kpi() -> None:
    by = rule(kpi_name="load_factor", against="break_even_load_factor")
    shown = timeline_of(by, [], [], NOW)
    assert (shown.amber, shown.red) == (None, None)


def test_a_light_that_changed_twice_in_an_instant_is_one() -> None:
    by = rule()
    log = log_of((0, 10), (30, 0), by=by)
    assert timeline_of(by, [], [*log, log[-1]], minutes(31)).spans == (
        Span(Light.GREEN, minutes(0), minutes(30)),
        Span(Light.RED, minutes(30), minutes(31)),
    )


def test_lights_are_worst_first() -> None:
    one = folded(row(0, 6), by=catalog(rule(id="a", min_n=99), rule(id="b"), rule(id="c", min_n=99))).after
    assert [rule_id for rule_id, _ in lights_worst_first(one)] == ["b", "a", "c"]


def test_the_chart_asks_nobody_and_speaks_the_readers_language() -> None:
    by = rule(confidence=0.9)
    shown = timeline_of(by, [row(0, 10), row(30, 0)], log_of((0, 10), (30, 0), by=by), minutes(90))
    chart = timeline_chart(shown, "%", speech("es"), dark=False)
    text = repr(chart)
    assert "url" not in text
    assert "ROJO" in text
    assert chart["layer"][0]["data"]["values"][1]["to"] - chart["layer"][0]["data"]["values"][1]["from"] == (
        timedelta(minutes=60) / timedelta(milliseconds=1)
    )


def test_an_entity_without_a_change_has_a_timeline_without_lights() -> None:
    assert timeline_of(rule(), [row(0, 6)], [], NOW).spans == ()
