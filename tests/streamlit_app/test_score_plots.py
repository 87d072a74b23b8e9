"""Two rule sets' figures side by side."""

from streamlit_app.score_plots import by_rule, change_text, chart_of, compared
from streamlit_app.words import speech

NOW = {"rule": "late", "changes": 3.0, "reds": 1.5, "told": 0.0, "right": 0.5, "measured": True}
CHANGED = {"rule": "late", "changes": 1.0, "reds": 0.5, "told": 0.0, "right": None, "usd": 12.0}


def test_every_figure_that_one_has_shares_in_percent() -> None:
    found = {one.figure: (one.now, one.changed) for one in compared([[NOW], [CHANGED]])}
    assert found == {
        "changes": (3, 1), "reds": (1.5, 0.5), "told": (0, 0), "right": (50, None), "usd": (None, 12),
    }  # fmt: skip


def test_what_rows_do_not_count_is_not_drawn() -> None:
    assert compared([[{**NOW, "measured": False}], []]) == []


def test_a_panel_per_figure_with_both_sets() -> None:
    spec = chart_of(compared([[NOW], [CHANGED]]), ("vigente", "modificada"), speech("es"))
    assert len(spec["data"]["values"]) == 8
    assert {one["set"] for one in spec["data"]["values"]} == {"vigente", "modificada"}


def test_rules_that_differ_come_first_and_say_from_what_to_what() -> None:
    same = {"rule": "early", "changes": 2.0, "usd": None}
    rules = by_rule(compared([[same, NOW], [same, CHANGED]]))
    assert list(rules) == ["late", "early"]
    gone = {"rule": "a", "changes": 1.0}
    assert list(by_rule(compared([[gone, same, NOW], [same, CHANGED]]))) == ["late", "a", "early"]
    assert [change_text(one) for one in rules["late"]] == [
        "3.00 → 1.00",
        "1.50 → 0.50",
        "0.00",
        "50.00 → –",
        "– → 12.00",
    ]
    assert [change_text(one) for one in rules["early"]] == ["2.00"]
    only_in_one = by_rule(compared([[NOW], [same]]))
    assert change_text(only_in_one["early"][0]) == "– → 2.00"
