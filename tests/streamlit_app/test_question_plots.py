"""What is drawn of an answer; the bridge worked out by hand."""

import pytest

from streamlit_app.question_plots import MOST_BARS, PLOTS, bridge, chart_of
from streamlit_app.texts.questions import COLUMNS, QUESTIONS
from streamlit_app.views.history import modelled_flights
from streamlit_app.words import speech
from warehouse.questions import questions

SAY = speech("en")


def test_every_question_is_drawn_and_called_something() -> None:
    assert set(PLOTS) == set(QUESTIONS) == set(questions())


@pytest.mark.parametrize("name", PLOTS)
def test_what_is_drawn_is_called_something(name: str) -> None:
    assert set(PLOTS[name].measures) | set(PLOTS[name].across) <= COLUMNS.keys()


def step(term: str, result_usd_cents: int | None) -> dict[str, object]:
    return {"term": term, "result_usd_cents": result_usd_cents}


def test_the_bars_of_a_bridge_meet() -> None:
    """US$ 1,000 before, 500 more by volume, 700 less by load: 800 now."""
    bars = bridge([step("result before", 100_000), step("volume", 150_000), step("load", 80_000)], SAY)
    assert [(bar["name"], bar["begins"], bar["ends"], bar["kind"], bar["label"]) for bar in bars] == [
        ("result before", 0, 1000, "whole", "1,000"),
        ("volume", 1000, 1500, "up", "+500"),
        ("load", 1500, 800, "down", "-700"),
        ("result now", 0, 800, "whole", "800"),
    ]


def test_a_bridge_without_a_period_before_is_none() -> None:
    assert bridge([], SAY) == []
    assert chart_of(PLOTS["margin_bridge"], "effect_usd_cents", [step("result before", None)], SAY, dark=False) is None


def test_a_chart_draws_what_is_known_and_no_more_than_can_be_told_apart() -> None:
    rows = [{"route": f"R{n}-X", "margin_pct": None if n == 0 else n} for n in range(MOST_BARS + 5)]
    spec = chart_of(PLOTS["route_ranking"], "margin_pct", rows, SAY, dark=False)
    assert spec is not None
    values = spec["data"]["values"]
    assert len(values) == MOST_BARS
    assert values[0] == {"name": "R1-X", "value": 1.0, "at": 1}
    assert chart_of(PLOTS["route_ranking"], "margin_pct", rows[:1], SAY, dark=False) is None


def test_a_name_from_data_turns_no_direction() -> None:
    spec = chart_of(PLOTS["route_ranking"], "margin_pct", [{"route": "A\u202eB", "margin_pct": 1}], SAY, dark=True)
    assert spec is not None
    assert spec["data"]["values"][0]["name"] == "AB"


def test_modelled_flights_are_counted_once() -> None:
    """A bridge says in each of its steps how many are behind all of it."""
    steps = [{"money_modelled_flights": 749}, {"money_modelled_flights": 749}]
    assert modelled_flights(steps, of_all=True) == 749
    assert modelled_flights([*steps, {"money_modelled_flights": None}], of_all=False) == 1498
    assert modelled_flights([{"traffic_modelled_flights": 3, "flights": 9}], of_all=False) == 3
    assert modelled_flights([{"flights": 9}], of_all=False) == 0
