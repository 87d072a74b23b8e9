"""The figures of a backtest of two rule sets: beside each other, as bars."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from streamlit_app.words import Speech

FIGURES: Final = (
    "changes", "reds", "told", "right", "found", "delay_hours", "missed_hours", "false_hours", "usd",
)  # fmt: skip
OVERVIEW: Final = ("reds", "told", "right", "found", "missed_hours", "false_hours", "usd")
"""Of every rule, a line each."""
SHARES: Final = ("right", "found")
"""Of 1; they are shown in %."""
COLOURS: Final = ("#009e73", "#cc79a7")
"""Of the first set and of the second, as in the page of plots (`rules/plots.py`)."""


class Compared(msgspec.Struct, frozen=True):
    """One figure of one rule, of the set in force and of the changed one; None where there is none."""

    rule: str
    figure: str
    now: float | None
    changed: float | None


def compared(sets: Sequence[Sequence[Mapping[str, Any]]]) -> list[Compared]:
    """Every figure that at least one set has, by rule in the first set's order."""
    now, changed = ({score["rule"]: score for score in one} for one in sets)
    found = [
        Compared(rule, figure, _value(now.get(rule), figure), _value(changed.get(rule), figure))
        for rule in {**now, **changed}
        for figure in FIGURES
    ]
    return [one for one in found if one.now is not None or one.changed is not None]


def by_rule(figures: Sequence[Compared]) -> dict[str, list[Compared]]:
    """The figures of each rule: first those that both sets have and show otherwise, then those of one alone."""
    found: dict[str, list[Compared]] = {}
    for one in figures:
        found.setdefault(one.rule, []).append(one)
    return dict(sorted(found.items(), key=lambda item: (not _moved(item[1]), not differs(item[1]))))


def _moved(figures: Sequence[Compared]) -> bool:
    return any(None not in (one.now, one.changed) and one.now != one.changed for one in figures)


def differs(figures: Sequence[Compared]) -> bool:
    """Whether the two sets show anything else."""
    return any(one.now != one.changed for one in figures)


def change_text(one: Compared) -> str:
    """ "1.20 → 0.80"; "1.20" where both sets have the same."""
    now, changed = (_text(value) for value in (one.now, one.changed))
    return now if now == changed else f"{now} → {changed}"


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:,.2f}"


def _value(score: Mapping[str, Any] | None, figure: str) -> float | None:
    value = score.get(figure) if score and score.get("measured", True) else None
    return None if value is None else float(value) * (100 if figure in SHARES else 1)


def chart_of(figures: Sequence[Compared], sets: tuple[str, str], say: Speech) -> dict[str, Any]:
    """A small panel per figure, both `sets` in each: they differ in unit, so each has its own scale."""
    values = [
        {"figure": say[f"score_{one.figure}"], "at": at, "set": name, "value": value}
        for at, one in enumerate(figures)
        for name, value in zip(sets, (one.now, one.changed), strict=True)
        if value is not None
    ]
    return {
        "data": {"values": values},
        "columns": 2,
        "facet": {"field": "figure", "type": "ordinal", "sort": {"field": "at"}, "title": None},
        "spec": {
            "height": 60,
            "width": 300,
            "mark": {"type": "bar", "tooltip": True},
            "encoding": {
                "y": {"field": "set", "type": "ordinal", "sort": list(sets), "title": None},
                "x": {"field": "value", "type": "quantitative", "title": None, "axis": {"tickCount": 5}},
                "color": {
                    "field": "set",
                    "type": "nominal",
                    "scale": {"domain": list(sets), "range": list(COLOURS)},
                    "legend": None,
                },
            },
        },
        "resolve": {"scale": {"x": "independent"}},
    }
