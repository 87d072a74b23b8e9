"""Two rule sets' figures side by side."""

from streamlit_app.score_plots import chart_of, compared
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
    spec = chart_of(compared([[NOW], [CHANGED]]), speech("es"))
    assert len(spec["data"]["values"]) == 8
    assert {one["set"] for one in spec["data"]["values"]} == {"vigente", "modificada"}
