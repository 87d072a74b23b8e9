"""What of an answer is drawn, and how: bars by place or hour, a line over months, a margin bridge as a waterfall.

Vega-Lite, which Streamlit brings along, so a chart asks nobody.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from streamlit_app.inert import bare
from streamlit_app.words import Speech

MOST_BARS: Final = 30
"""As many as can be told apart; the table below has all."""
BAR_HEIGHT: Final = 22
UP, DOWN, WHOLE = "#0072b2", "#d55e00", "#8a8f98"
"""Okabe and Ito's blue and vermilion, which colour-blind people tell apart; each bar also bears its sign."""


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """`across`: the columns whose texts name a bar or a point; `measures`: what can be drawn, the first one unless
    asked otherwise. A waterfall draws the steps of its one measure."""

    kind: Literal["bars", "columns", "line", "waterfall"]
    across: tuple[str, ...]
    measures: tuple[str, ...]


_DELAYS = ("mean_departure_delay_minutes", "mean_arrival_delay_minutes")
PLOTS: Final[Mapping[str, Plot]] = {
    "airline_performance": Plot(
        kind="bars",
        across=("carrier", "name"),
        measures=(
            "on_time_arrival_pct", "on_time_departure_pct", "completion_pct", "mean_arrival_delay_minutes",
            "load_factor_pct", "margin_pct", "flights",
        ),
    ),
    "alert_quality": Plot(
        kind="bars", across=("rule",),
        measures=("reds", "confirmed_pct", "told_pct", "mean_hours", "mean_event_to_alert_ms", "mean_usd_per_hour"),
    ),
    "delay_by_cause": Plot(
        kind="bars", across=("cause",),
        measures=("share_pct", "delay_minutes", "flights_delayed_pct", "minutes_per_delayed_flight"),
    ),
    "delay_by_hour": Plot(
        kind="columns", across=("scheduled_hour_local",),
        measures=(*_DELAYS, "on_time_departure_pct", "on_time_arrival_pct", "flights"),
    ),
    "margin_bridge": Plot(kind="waterfall", across=("term",), measures=("effect_usd_cents",)),
    "on_time_by_airport": Plot(
        kind="bars", across=("airport", "name"),
        measures=("on_time_departure_pct", "on_time_arrival_pct", "flights_out"),
    ),
    "route_ranking": Plot(
        kind="bars", across=("route",),
        measures=(
            "on_time_arrival_pct", "completion_pct", "mean_arrival_delay_minutes", "load_factor_pct", "margin_pct",
        ),
    ),
    "season_effect": Plot(
        kind="bars", across=("season",),
        measures=(
            "on_time_arrival_effect_points", "completion_effect_points", "load_factor_effect_points",
            "flights_per_day", "on_time_arrival_pct",
        ),
    ),
    "trends": Plot(
        kind="line", across=("month_starts_on",),
        measures=(
            "on_time_arrival_pct", "completion_pct", "mean_arrival_delay_minutes", "load_factor_pct", "margin_pct",
            "flights",
        ),
    ),
    "turnaround_against_passengers": Plot(
        kind="columns", across=("passengers_from",), measures=("mean_turnaround_minutes", "mean_overrun_minutes"),
    ),
    "unusual_routes": Plot(
        kind="bars", across=("flight_date", "route", "figure"), measures=("deviations_away", "value_of_day"),
    ),
    "worst_flights": Plot(
        kind="bars", across=("carrier", "number", "route", "month_starts_on"),
        measures=("late_or_cancelled_pct", "minutes_per_late_flight", "flights"),
    ),
}  # fmt: skip
"""By question; the tests hold it to what the questions answer."""


def chart_of(
    plot: Plot, measure: str, rows: Sequence[Mapping[str, Any]], say: Speech, *, dark: bool
) -> dict[str, Any] | None:
    """The specification; None where nothing is known of that measure."""
    if plot.kind == "waterfall":
        return _waterfall(rows, say, dark=dark)
    points = [
        {"name": name_of(plot, row), "value": float(row[measure]), "at": at}
        for at, row in enumerate(rows)
        if row[measure] is not None
    ]
    if not points:
        return None
    value = {"field": "value", "type": "quantitative", "title": say.column(measure), "axis": {"tickCount": 8}}
    names = {"field": "name", "type": "ordinal", "sort": {"field": "at"}, "title": say.column(plot.across[0])}
    if plot.kind == "bars":
        shown = points[:MOST_BARS]
        axis = {"labelLimit": 260, "labelOverlap": False}
        return _bars(shown, {"x": value, "y": {**names, "axis": axis}}, BAR_HEIGHT * len(shown) + 60)
    if plot.kind == "columns":
        return _bars(points, {"x": {**names, "axis": {"labelAngle": 0}}, "y": value}, 300)
    mark = {"type": "line", "color": UP, "strokeWidth": 2.5, "point": {"size": 60, "color": UP}, "tooltip": True}
    scaled = {**value, "scale": {"zero": False}}
    return {
        "data": {"values": points},
        "height": 300,
        "mark": mark,
        "encoding": {"x": {**names, "axis": {"labelAngle": 0}}, "y": scaled},
    }


def _bars(points: list[dict[str, Any]], encoding: dict[str, Any], height: int) -> dict[str, Any]:
    colour = {"condition": {"test": "datum.value < 0", "value": DOWN}, "value": UP}
    mark = {"type": "bar", "tooltip": True, "cornerRadiusEnd": 2}
    return {
        "data": {"values": points},
        "height": height,
        "mark": mark,
        "encoding": {**encoding, "color": colour},
        "config": {"view": {"stroke": None}},
    }


def name_of(plot: Plot, row: Mapping[str, Any]) -> str:
    """ "UA United Airlines"; text from data, so without what turns its direction."""
    return bare(" ".join(str(row[name]) for name in plot.across if row[name] is not None))


def bridge(rows: Sequence[Mapping[str, Any]], say: Speech) -> list[dict[str, Any]]:
    """The bars of a margin bridge in US$, in order: the result before, each driver's effect from where the one before
    left it, the result now. They meet: each begins where the last one ended."""
    bars: list[dict[str, Any]] = []
    at = 0.0
    for row in rows:
        if row["result_usd_cents"] is None:
            return []
        ends = row["result_usd_cents"] / 100
        first = not bars
        bars.append(_step(bridge_text(row["term"], say), 0.0 if first else at, ends, whole=first))
        at = ends
    return [*bars, _step(say["bridge_result_now"], 0.0, at, whole=True)] if bars else []


def bridge_text(term: str, say: Speech) -> str:
    """A term of the margin bridge."""
    return say[f"bridge_{term.replace(' ', '_')}"]


def _step(name: str, begins: float, ends: float, *, whole: bool) -> dict[str, Any]:
    effect = ends - begins
    return {
        "name": name,
        "begins": begins,
        "ends": ends,
        "kind": "whole" if whole else "up" if effect >= 0 else "down",
        "label": f"{effect:,.0f}" if whole else f"{effect:+,.0f}",
        "top": max(begins, ends),
    }


def _waterfall(rows: Sequence[Mapping[str, Any]], say: Speech, *, dark: bool) -> dict[str, Any] | None:
    bars = [{**bar, "at": at} for at, bar in enumerate(bridge(rows, say))]
    if not bars:
        return None
    x = {"field": "name", "type": "ordinal", "sort": {"field": "at"}, "title": None, "axis": {"labelAngle": -30}}
    scale = {"domain": ["whole", "up", "down"], "range": [WHOLE, UP, DOWN]}
    ink = "#eceef2" if dark else "#1d2026"
    return {
        "data": {"values": bars},
        "height": 360,
        "layer": [
            {
                "mark": {"type": "bar", "tooltip": True},
                "encoding": {
                    "x": x,
                    "y": {"field": "begins", "type": "quantitative", "title": "US$"},
                    "y2": {"field": "ends"},
                    "color": {"field": "kind", "type": "nominal", "scale": scale, "legend": None},
                },
            },
            {
                "mark": {"type": "text", "dy": -7, "color": ink, "fontWeight": 600},
                "encoding": {"x": x, "y": {"field": "top", "type": "quantitative"}, "text": {"field": "label"}},
            },
        ],
        "config": {"view": {"stroke": None}},
    }
