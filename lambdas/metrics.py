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
from schemas.metrics import METRICS, NAMESPACE, SLOW_MS

MOST_VALUES: Final = 100

Value = float | Sequence[float]


def metric_line(
    stage: str, now: datetime, metrics: Mapping[str, Value], dimensions: Mapping[str, str] | None = None
) -> str:
    """One log line of metrics of `schemas/metrics.py` (KeyError for another); empty lists are left out.

    Of more than 100 values the largest are kept: they are what an alarm on p99 looks for.
    """
    shown = {name: _values(value) for name, value in metrics.items() if isinstance(value, int | float) or value}
    named = {"stage": stage, **(dimensions or {})}
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(named)],
        "Metrics": [{"Name": name, "Unit": METRICS[name].unit} for name in shown],
    }
    head = {"_aws": {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [directive]}, **named}
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
        "alerts_slow": sum(latency > SLOW_MS for latency in outcome.latencies_ms),
        "alerts_unsent": outcome.unsent,
        "event_to_alert": outcome.latencies_ms,
    }
    return metric_line(stage, now, metrics)


def sweeper_line(stage: str, now: datetime, swept: Swept) -> str:
    """The figures of one sweep; an alarm watches the age of the oldest alert that waits."""
    metrics: dict[str, Value] = {
        "sweep_found": swept.found,
        "sweep_sent": swept.sent,
        "sweep_failed": swept.failed,
        "sweep_said": swept.said,
        "sweep_oldest": swept.oldest_seconds,
    }
    return metric_line(stage, now, metrics)
