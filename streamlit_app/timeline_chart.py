"""The timeline of a rule as a Vega-Lite chart: lights behind, bounds as a band, the KPI as a line, thresholds across.

Streamlit brings Vega with it, so the chart asks nobody.
"""

from datetime import datetime
from typing import Any, Final

from schemas.lights import Light
from schemas.rows import to_ms
from streamlit_app.light_symbols import SYMBOLS
from streamlit_app.route_facts import Timeline
from streamlit_app.words import Speech

HEIGHT: Final = 280


def timeline_chart(timeline: Timeline, unit: str, say: Speech, *, dark: bool) -> dict[str, Any]:
    """Its specification; instants are UTC. A layer without points is left out: its mark has a role and no name."""
    axis = {"format": "%m-%d %H:%M", "labelOverlap": True}
    x = {"type": "temporal", "scale": {"type": "utc"}, "title": f"{say['event_time']}, UTC", "axis": axis}
    y = {"type": "quantitative", "title": unit, "scale": {"zero": False}}
    layers: list[dict[str, Any]] = [_lights(timeline, say, x, dark=dark)]
    points = [
        {"at": to_ms(one.at), "value": one.value, "lower": one.lower, "upper": one.upper}
        for one in timeline.points
        if one.value is not None
    ]
    if any(one["lower"] is not None for one in points):
        layers.append(
            {
                "data": {"values": points},
                "mark": {"type": "area", "opacity": 0.25, "color": _ink(dark)},
                "encoding": {"x": {"field": "at", **x}, "y": {"field": "lower", **y}, "y2": {"field": "upper"}},
            }
        )
    if points:
        layers.append(
            {
                "data": {"values": points},
                "mark": {
                    "type": "line",
                    "color": _ink(dark),
                    "point": {"size": 12, "color": _ink(dark)},
                    "tooltip": True,
                },
                "encoding": {"x": {"field": "at", **x}, "y": {"field": "value", **y}},
            }
        )
    layers += [
        _threshold(level, say[name], light, y, dark=dark, above=above)
        for level, name, light, above in (
            (timeline.amber, "threshold_amber", Light.AMBER, _amber_is_above(timeline)),
            (timeline.red, "threshold_red", Light.RED, not _amber_is_above(timeline)),
        )
        if level is not None
    ]
    return {"height": HEIGHT, "layer": layers, "config": {"view": {"stroke": None}}}


def _lights(timeline: Timeline, say: Speech, x: dict[str, Any], *, dark: bool) -> dict[str, Any]:
    since = min((one.at for one in timeline.points), default=None)
    spans = [
        {"from": to_ms(_later(one.from_at, since)), "to": to_ms(one.to_at), "light": say.light(one.light)}
        for one in timeline.spans
        if since is None or one.to_at > since
    ]
    colours = [_fill(light, dark) for light in Light]
    scale = {"domain": [say.light(light) for light in Light], "range": colours}
    return {
        "data": {"values": spans},
        "mark": {"type": "rect", "opacity": 0.3, "tooltip": True},
        "encoding": {
            "x": {"field": "from", **x},
            "x2": {"field": "to"},
            "color": {"field": "light", "type": "nominal", "scale": scale, "title": say["light"]},
        },
    }


def _later(at: datetime, since: datetime | None) -> datetime:
    return at if since is None else max(at, since)


def _amber_is_above(timeline: Timeline) -> bool:
    return (timeline.amber or 0) >= (timeline.red or 0)


def _threshold(level: float, name: str, light: Light, y: dict[str, Any], *, dark: bool, above: bool) -> dict[str, Any]:
    value = {"values": [{"level": level, "name": name}]}
    rule = {"mark": {"type": "rule", "strokeDash": [6, 4], "strokeWidth": 2, "color": _fill(light, dark)}}
    text = {
        "mark": {
            "type": "text",
            "align": "left",
            "dx": 4,
            "dy": -7 if above else 9,
            "x": 0,
            "fontWeight": 600,
            "color": _ink(dark),
        },
        "encoding": {"text": {"field": "name"}},
    }
    return {"data": value, "encoding": {"y": {"field": "level", **y}}, "layer": [rule, text]}


def _fill(light: Light, dark: bool) -> str:
    return SYMBOLS[light].fill_dark if dark else SYMBOLS[light].fill


def _ink(dark: bool) -> str:
    return "#eceef2" if dark else "#1d2026"
