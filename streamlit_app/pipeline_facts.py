"""How the pipeline does, out of what its parts say of themselves; without a screen."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from alerts.entity import EntityLights
from alerts.history import StoredAlert
from schemas.lights import Alert
from streamlit_app.readers.brokers import Flow

MOST_ALERTS: Final = 1000
"""The newest; enough for a p99."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure by its name in `words.py`; "" where its source does not know it, `why` then says so."""

    name: str
    value: str
    source: str
    why: str = ""


class Latency(msgspec.Struct, frozen=True):
    """Of alerts that were sent, from the brokers' append of the newest fact to SNS's answer, in ms."""

    count: int
    p50_ms: float
    p99_ms: float


def latency_of(alerts: Iterable[StoredAlert]) -> Latency | None:
    """Of the newest that were sent and tell of one change; None if there are none."""
    taken: list[float] = []
    for one in alerts:
        message = one.message
        if isinstance(message, Alert) and message.kind == "alert" and one.sent_at and len(taken) < MOST_ALERTS:
            taken.append((one.sent_at - message.transition.ingested_at).total_seconds() * 1000)
    if not taken:
        return None
    taken.sort()
    return Latency(len(taken), _quantile(taken, 0.5), _quantile(taken, 0.99))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest that at least this share does not exceed."""
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def newest_judged(entities: Iterable[EntityLights]) -> datetime | None:
    """When the newest row that a light stands on reached the brokers (wall clock)."""
    return max((row.ingested_at for one in entities for row in one.rows.values()), default=None)


def per_second(flows: Sequence[Flow], topic: str) -> float | None:
    """Messages a second that came to a topic in the looks there are; None from one look alone."""
    seen = [(flow.at, one.written) for flow in flows for one in flow.topics if one.topic == topic]
    if len(seen) < 2:
        return None
    seconds = (seen[-1][0] - seen[0][0]) / timedelta(seconds=1)
    return (seen[-1][1] - seen[0][1]) / seconds if seconds else None


_ABOVE: Final = {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleX": 0, "titleY": -12}
"""The title of an axis, where it is longer than the axis is high."""


def lag_chart(flows: Sequence[Flow], axis_title: str) -> dict[str, Any] | None:
    """The KPI job's lag by topic over time; None where there is none to draw."""
    values: list[dict[str, Any]] = [
        {"at": round(flow.at.timestamp() * 1000), "topic": one.topic, "lag": one.lag}
        for flow in flows
        for one in flow.topics
        if one.lag is not None
    ]
    if not values:
        return None
    x = {"field": "at", "type": "temporal", "scale": {"type": "utc"}, "title": "UTC", "axis": {"format": "%H:%M:%S"}}
    return {
        "data": {"values": values},
        "height": 200,
        "mark": {"type": "line", "point": {"size": 12}, "tooltip": True},
        "encoding": {
            "x": x,
            "y": {
                "field": "lag",
                "type": "quantitative",
                "title": axis_title,
                "scale": {"domain": [0, max(1, *(one["lag"] for one in values))]},
                "axis": {"format": ",d", "tickMinStep": 1, **_ABOVE},
            },
            "color": {"field": "topic", "type": "nominal", "title": None},
            "strokeDash": {"field": "topic", "type": "nominal", "legend": None},
        },
    }
