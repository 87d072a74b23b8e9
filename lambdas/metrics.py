"""Figures of an invocation as one line of CloudWatch's embedded metric format: no call, no agent, no dependency.

Format: AWS, "Specification: Embedded metric format"; a metric may hold up to 100 values.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from alerts.decide import Action
from alerts.notify import Swept
from alerts.process import Outcome
from schemas.lights import Light

NAMESPACE: Final = "Semaforo"
MOST_VALUES: Final = 100

Value = float | Sequence[float]


def metric_line(stage: str, now: datetime, metrics: Mapping[str, Value], units: Mapping[str, str]) -> str:
    """One log line; metrics without a unit are counts, empty lists are left out.

    Of more than 100 values the largest are kept: they are what an alarm on p99 looks for.
    """
    shown = {name: _values(value) for name, value in metrics.items() if isinstance(value, int | float) or value}
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["stage"]],
        "Metrics": [{"Name": name, "Unit": units.get(name, "Count")} for name in shown],
    }
    head = {"_aws": {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [directive]}, "stage": stage}
    return json.dumps({**head, **shown}, separators=(",", ":"))


def _values(value: Value) -> float | list[float]:
    if isinstance(value, int | float):
        return value
    return sorted(value, reverse=True)[:MOST_VALUES]


def semaforo_line(stage: str, now: datetime, outcome: Outcome, *, records: int, quarantined: int) -> str:
    """The figures of one batch of the semáforo."""
    metrics: dict[str, Value] = {
        "records": records,
        "rows": outcome.rows,
        "failed_records": len(outcome.failed),
        "quarantined": quarantined,
        "defects": len(outcome.defects),
        **{f"to_{light.value.lower()}": outcome.transitions.get(light.value, 0) for light in Light},
        **{f"decided_{action.value}": outcome.decisions.get(action.value, 0) for action in Action},
        "alerts_sent": outcome.sent,
        "alerts_unsent": outcome.unsent,
        "event_to_alert": outcome.latencies_ms,
    }
    return metric_line(stage, now, metrics, {"event_to_alert": "Milliseconds"})


def sweeper_line(stage: str, now: datetime, swept: Swept) -> str:
    """The figures of one sweep; an alarm watches the age of the oldest alert that waits."""
    metrics: dict[str, Value] = {
        "sweep_found": swept.found,
        "sweep_sent": swept.sent,
        "sweep_failed": swept.failed,
        "sweep_said": swept.said,
        "sweep_oldest": swept.oldest_seconds,
    }
    return metric_line(stage, now, metrics, {"sweep_oldest": "Seconds"})
