"""What an alarm is: a figure, when it is too much, why that matters, and what to do about it.

Names may hold `{stage}`, `{account}`, `{region}` and what else `Names` knows; `filled` puts the values in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

Statistic = Literal["Sum", "Average", "Maximum", "Minimum", "SampleCount"]
Comparison = Literal[">", ">=", "<", "<="]
Missing = Literal["breaching", "notBreaching", "ignore", "missing"]
Page = Literal["brokers", "kpi-job", "live-path", "history", "stage"]
"""A page of `deploy/runbooks`."""

RUNBOOKS: Final = "deploy/runbooks"
LONGEST_WINDOW_SECONDS: Final = 86_400
"""CloudWatch takes no alarm whose periods together are longer, unless a period is an hour or more (then seven days)."""


@dataclass(frozen=True)
class Metric:
    """A metric of CloudWatch. `dimensions` are matched exactly, as CloudWatch does: one more is another metric.

    With `across`, they are a choice instead: all metrics of that name that have at least these are one, as a Metrics
    Insights query makes it.
    """

    namespace: str
    name: str
    statistic: Statistic
    dimensions: Mapping[str, str]
    across: bool = False

    def filled(self, values: Mapping[str, str]) -> Metric:
        """With its names' places filled."""
        return replace(self, dimensions={key: value.format_map(values) for key, value in self.dimensions.items()})


@dataclass(frozen=True)
class Ratio:
    """`scale` × top / bottom; no figure where the bottom is nothing."""

    top: Metric
    bottom: Metric
    scale: float = 1.0

    def filled(self, values: Mapping[str, str]) -> Ratio:
        """With its names' places filled."""
        return replace(self, top=self.top.filled(values), bottom=self.bottom.filled(values))


@dataclass(frozen=True)
class Increase:
    """By how much a counter that only grows has grown since the period before (CloudWatch's DIFF)."""

    counter: Metric

    def filled(self, values: Mapping[str, str]) -> Increase:
        """With its names' places filled."""
        return replace(self, counter=self.counter.filled(values))


Signal = Metric | Ratio | Increase


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """`breaching` of the last `periods` figures beyond the threshold raise it. By itself it tells nobody: pages do."""

    name: str
    signal: Signal
    comparison: Comparison
    threshold: float
    unit: str
    reason: str
    page: Page
    period_seconds: int = 60
    breaching: int = 1
    periods: int = 1
    missing: Missing = "notBreaching"
    section: str = ""
    """Of the runbook; several alarms of one kind share one."""

    @property
    def runbook(self) -> str:
        """Where it says what to do."""
        return f"{RUNBOOKS}/{self.page}.md#{self.section or self.name}"

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What has to be measured for it."""
        match self.signal:
            case Metric():
                return (self.signal,)
            case Ratio(top, bottom):
                return (top, bottom)
            case Increase(counter):
                return (counter,)

    @property
    def condition(self) -> str:
        """For a person: when it is raised."""
        window = f"{self.breaching} of {self.periods} × {self.period_seconds} s"
        return f"{self.comparison} {self.threshold:g} {self.unit}, {window}"


@dataclass(frozen=True, kw_only=True)
class Paging:
    """What tells people: a composite of alarms that have one cause. Silent while a deployment runs.

    `rule` is CloudWatch's: ALARM("name"), AND, OR, NOT, parentheses.
    """

    name: str
    rule: str
    reason: str


def any_of(*alarms: Alarm) -> str:
    """The rule that is true when one of them is raised."""
    return " OR ".join(f'ALARM("{alarm.name}")' for alarm in alarms)
