"""The plots of a backtest, each as SVG text to stand in a page: letters are paths, so nothing is fetched for them.

Colours are Okabe and Ito's, which colour-blind people tell apart; what is red is hatched too, so that a print in grey
shows it as well.
"""

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from rules.held import Held

RED: Final = "#d55e00"
BAD: Final = "#0072b2"
SETS: Final = ("#009e73", "#cc79a7")
"""Of the first rule set and of the one it is compared with."""

_HATCH: Final = "////"
_WIDTH_INCHES: Final = 9.6
_HOURS_OF_DAY: Final = 24
_STYLE: Final[Any] = {
    "svg.hashsalt": "semaforo",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "date.converter": "concise",
    "hatch.linewidth": 0.6,
    "hatch.color": "white",
}


class Bars(NamedTuple):
    """One figure per rule and rule set; None where there is none."""

    title: str
    unit: str
    values: list[list[float | None]]


def bars_per_rule(rules: Sequence[str], sets: Sequence[str], panels: Sequence[Bars]) -> str:
    """A panel per figure, the rule sets side by side in each."""
    with mpl.rc_context(_STYLE):
        figure = _figure(0.9 + len(rules) * (0.2 + 0.12 * len(sets)))
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        height = 0.8 / len(sets)
        for axis, panel in zip(axes, panels, strict=True):
            for number, values in enumerate(panel.values):
                at = np.arange(len(rules)) + (number - (len(sets) - 1) / 2) * height
                widths = [value or 0.0 for value in values]
                drawn = axis.barh(at, widths, height, color=SETS[number], hatch=number * _HATCH, label=sets[number])
                axis.bar_label(drawn, [f"{value:.2f}" if value is not None else "" for value in values], padding=2)
            axis.set(title=panel.title, xlabel=panel.unit)
            axis.margins(x=0.18)
        axes[0].set_yticks(range(len(rules)), rules)
        axes[0].invert_yaxis()
        if len(sets) > 1:
            figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False)
        return _svg(figure)


def right_against_found(points: Sequence[tuple[str, int, float, float]]) -> str:
    """(rule, rule set, share right, share found): top right is best."""
    with mpl.rc_context(_STYLE):
        figure = _figure(4.2)
        axis = figure.subplots()
        for rule, of_set, right, found in points:
            axis.plot(100 * found, 100 * right, "os"[of_set], color=SETS[of_set], markersize=7)
            axis.annotate(
                rule, (100 * found, 100 * right), xytext=(6, (4, -11)[of_set]), textcoords="offset points", fontsize=8
            )
        axis.set(
            title="Right when red, against found: top right is best",
            xlabel="firm episodes found (%)", ylabel="red hours that were bad (%)",
            xlim=(-3, 118), ylim=(-3, 108),
        )  # fmt: skip
        ticks = range(0, 101, 20)
        axis.set_xticks(ticks)
        axis.set_yticks(ticks)
        axis.grid(alpha=0.3)
        return _svg(figure)


def timeline(held: Held, first: datetime, name: str) -> str:
    """Bad hours of all entities by day upwards, red ones downwards: like a shore and its reflection if lights are
    right."""
    with mpl.rc_context(_STYLE):
        figure = _figure(3.4)
        axis = figure.subplots()
        bad, red = by_day(held.bad), by_day(held.red)
        noon = np.datetime64(first.replace(tzinfo=None), "h") + np.timedelta64(_HOURS_OF_DAY // 2, "h")
        days = noon + _HOURS_OF_DAY * np.arange(len(bad)).astype("timedelta64[h]")
        wide = np.timedelta64(20, "h")
        axis.bar(days, bad, wide, color=BAD, label="bad hours (up)")
        axis.bar(days, -red, wide, color=RED, hatch=_HATCH, label="red hours (down)")
        axis.axhline(0, color="black", linewidth=0.8)
        axis.yaxis.set_major_formatter(lambda value, _: f"{abs(value):,.0f}")
        axis.set(title=f"{name}: bad and red hours of the whole network by day (UTC)", ylabel="route-hours a day")
        axis.legend(loc="best", frameon=False)
        return _svg(figure)


def by_day(hours: NDArray[np.bool_]) -> NDArray[np.int64]:
    """True ones of all entities, by day since the first hour; the last day may be cut short."""
    per_hour = hours.sum(axis=0)
    return np.add.reduceat(per_hour, np.arange(0, len(per_hour), _HOURS_OF_DAY)) if len(per_hour) else per_hour


def delays(of_sets: Sequence[tuple[str, Sequence[int]]]) -> str:
    """How many hours after its begin a firm episode was red, of those found."""
    with mpl.rc_context(_STYLE):
        figure = _figure(3.0)
        axis = figure.subplots()
        latest = max((max(hours) for _, hours in of_sets if hours), default=0)
        edges = np.linspace(0, latest + 1, min(latest + 1, 48) + 1)
        for number, (name, hours) in enumerate(of_sets):
            counts, _ = np.histogram(hours, edges)
            axis.stairs(counts, edges, color=SETS[number], label=name, fill=number == 0, linewidth=2)
            if hours:
                axis.axvline(float(np.median(hours)), color=SETS[number], linestyle=("--", ":")[number])
        axis.set(
            title="How late a firm episode turned red (broken line: the median)",
            xlabel="hours after the episode began", ylabel="episodes found",
        )  # fmt: skip
        axis.yaxis.set_major_locator(MaxNLocator(integer=True))
        if len(of_sets) > 1:
            axis.legend(frameon=False)
        return _svg(figure)


def worst(held: Held, most: int = 10) -> str:
    """The entities that were red most often, and those with most hours missed."""
    with mpl.rc_context(_STYLE):
        figure = _figure(3.0)
        left, right = figure.subplots(1, 2)
        _ranking(left, held.entities, times(held.red), most, RED, "Most often red", "times red")
        _ranking(right, held.entities, held.missed.sum(axis=1), most, BAD, "Most hours missed", "bad hours not red")
        return _svg(figure)


def times(red: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How often each entity turned red, or was from the first hour on."""
    begins = np.diff(red.astype(np.int8), axis=1, prepend=0) == 1
    return np.asarray(begins.sum(axis=1), np.int64)


def _ranking(
    axis: Axes, names: list[str], counts: NDArray[np.int64], most: int, color: str, title: str, unit: str
) -> None:
    order = np.argsort(-counts, kind="stable")[:most]
    order = order[counts[order] > 0]
    hatch = _HATCH if color == RED else ""
    drawn = axis.barh([names[one] for one in order], counts[order], color=color, hatch=hatch)
    axis.bar_label(drawn, padding=2)
    axis.invert_yaxis()
    axis.margins(x=0.12)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set(title=title, xlabel=unit)


def _figure(height_inches: float) -> Figure:
    return Figure(figsize=(_WIDTH_INCHES, height_inches), layout="constrained")


def _svg(figure: Figure) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Creator": None, "Date": None, "Format": None, "Type": None})
    svg = text.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    # As wide as the page, whatever matplotlib's points come to.
    return re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1).replace(' height="', ' data-height="', 1)
