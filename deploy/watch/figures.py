"""Measurements by metric, and the figure of a period, as CloudWatch's statistics make it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from deploy.watch.alarm import Increase, Metric, Ratio, Signal, Statistic
from deploy.watch.evaluate import Point

Dimensions = frozenset[tuple[str, str]]
Key = tuple[str, str, Dimensions]


class Figures:
    """Values by metric and second; what is older than `keep_seconds` before the newest is forgotten."""

    def __init__(self, keep_seconds: float = 30 * 3_600) -> None:
        self._values: defaultdict[Key, list[tuple[float, float]]] = defaultdict(list)
        self._keep_seconds: Final = keep_seconds

    def put(self, namespace: str, name: str, dimensions: Mapping[str, str], at: float, value: float) -> None:
        """One measurement, at seconds since the epoch."""
        series = self._values[namespace, name, frozenset(dimensions.items())]
        series.append((at, value))
        while series and series[0][0] < at - self._keep_seconds:
            series.pop(0)

    def points(self, signal: Signal, period_seconds: int, now: float, count: int) -> list[Point]:
        """The figures of the last `count` periods that are over, oldest first. Periods begin at full ones."""
        end = int(now // period_seconds)
        return [self._point(signal, period_seconds, number) for number in range(end - count, end)]

    def _point(self, signal: Signal, period_seconds: int, number: int) -> Point:
        match signal:
            case Metric():
                start = number * period_seconds
                found = [v for at, v in self._series(signal) if start <= at < start + period_seconds]
                return statistic_of(signal.statistic, found)
            case Ratio(top, bottom, scale):
                above, below = (self._point(metric, period_seconds, number) for metric in (top, bottom))
                return None if above is None or not below else scale * above / below
            case Increase(counter):
                before, after = (self._point(counter, period_seconds, n) for n in (number - 1, number))
                return None if before is None or after is None else after - before

    def _series(self, metric: Metric) -> Sequence[tuple[float, float]]:
        wanted = frozenset(metric.dimensions.items())
        if not metric.across:
            return self._values.get((metric.namespace, metric.name, wanted), [])
        keys = [
            (namespace, name, dimensions)
            for namespace, name, dimensions in self._values
            if (namespace, name) == (metric.namespace, metric.name) and wanted <= dimensions
        ]
        return [pair for key in keys for pair in self._values[key]]


def statistic_of(statistic: Statistic, values: Sequence[float]) -> Point:
    """None of no value."""
    if not values:
        return None
    match statistic:
        case "Sum":
            return sum(values)
        case "Average":
            return sum(values) / len(values)
        case "Maximum":
            return max(values)
        case "Minimum":
            return min(values)
        case "SampleCount":
            return float(len(values))
