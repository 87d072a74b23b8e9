"""The plots of a day, each as SVG text to stand in the page: letters are paths, so nothing is fetched for them."""

import io
import re
from collections.abc import Sequence
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from warehouse.report.words import Words

# Okabe and Ito's, which colour-blind people tell apart.
BLUE: Final = "#0072b2"
RED: Final = "#d55e00"
_STYLE: Final[Any] = {
    "svg.hashsalt": "semaforo",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def by_cause(causes: Sequence[dict[str, Any]], words: Words) -> str:
    """Minutes of delay by cause, most first."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(4.6, 2.6), layout="constrained")
        axis = figure.subplots()
        names = [words.causes.get(row["cause"], row["cause"]) for row in causes]
        drawn = axis.barh(names, [row["delay_minutes"] for row in causes], color=BLUE)
        axis.bar_label(drawn, [f"{row['share_pct'] or 0:.0f} %" for row in causes], padding=3)
        axis.invert_yaxis()
        axis.margins(x=0.16)
        axis.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axis.set_xlabel(words.minutes_axis)
        return _svg(figure)


def by_hour(hours: Sequence[dict[str, Any]], words: Words) -> str:
    """Mean departure delay by scheduled hour; hours without departures stay empty."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(4.6, 2.6), layout="constrained")
        axis = figure.subplots()
        known = [row for row in hours if row["scheduled_hour_local"] is not None]
        axis.bar(
            [row["scheduled_hour_local"] for row in known],
            [row["mean_departure_delay_minutes"] or 0 for row in known],
            color=RED,
        )
        axis.set(xlim=(-0.6, 23.6), xlabel=words.hours_axis, ylabel=words.delay_axis)
        axis.set_xticks(range(0, 24, 3))
        return _svg(figure)


def _svg(figure: Figure) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Creator": None, "Date": None, "Format": None, "Type": None})
    svg = text.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    # As wide as its place in the page, whatever matplotlib's points come to.
    return re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1).replace(' height="', ' data-height="', 1)
