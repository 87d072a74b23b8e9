"""What is kept: does raw arrive, is a day finished, are the databases well, does each source still say something?"""

from __future__ import annotations

from typing import Final

from deploy.watch.alarm import Alarm, Metric, Page, Statistic
from deploy.watch.live_alarms import ours
from schemas.raw import KPI_STREAM, LIGHT_LOG

MACHINE: Final = {"StateMachineArn": "arn:{partition}:states:{region}:{account}:stateMachine:semaforo-{stage}-history"}
DATABASE: Final = {"DBInstanceIdentifier": "semaforo-{stage}-bookings"}
WORKGROUP: Final = {"Workgroup": "semaforo-{stage}-history"}
LOAD_BALANCER: Final = {"LoadBalancer": "{app_load_balancer}"}

OVERDUE_HOURS: Final = 26
"""A day and two hours: the longest chain ever to be waited for."""

QUIET_HOURS: Final = {"flight-status": 3, "flight-finance": 26, "flight-operations": 12, "passenger-feedback": 12}
"""After so long without a fact a source counts as away; a night without flights is no more than that."""


def _firehose(topic: str) -> Alarm:
    return Alarm(
        name=f"raw-{topic}-stale",
        section="raw-stale",
        page="history",
        signal=Metric(
            "AWS/Firehose",
            "DeliveryToS3.DataFreshness",
            "Maximum",
            {"DeliveryStreamName": f"semaforo-{{stage}}-raw-{topic}"},
        ),
        comparison=">",
        threshold=1_800,
        unit="seconds",
        period_seconds=300,
        breaching=2,
        periods=2,
        reason="Firehose stores every 5 minutes, and keeps what it cannot store for 24 hours",
    )


def _fresh(topic: str, hours: int) -> Alarm:
    return Alarm(
        name=f"source-{topic}-silent",
        section="source-silent",
        page="history",
        signal=ours("facts", "Sum", topic=topic),
        comparison="<",
        threshold=1,
        unit="facts",
        period_seconds=3_600,
        breaching=hours,
        periods=hours,
        missing="breaching",
        reason="A source that says nothing any more looks like good news: its KPIs stand still",
    )


def _run(name: str, metric: str, said: str) -> Alarm:
    return Alarm(
        name=name,
        section="history-failed",
        page="history",
        signal=Metric("AWS/States", metric, "Sum", MACHINE),
        comparison=">=",
        threshold=1,
        unit="executions",
        period_seconds=300,
        reason=said,
    )


def _health(name: str, metric: Metric, comparison: str, threshold: float, unit: str, reason: str, page: Page) -> Alarm:
    return Alarm(
        name=name,
        page=page,
        signal=metric,
        comparison=comparison,  # type: ignore[arg-type]
        threshold=threshold,
        unit=unit,
        period_seconds=300,
        breaching=3,
        periods=3,
        reason=reason,
    )


def _rds(metric: str, statistic: Statistic) -> Metric:
    return Metric("AWS/RDS", metric, statistic, DATABASE)


RAW_STALE: Final = tuple(_firehose(topic) for topic in (KPI_STREAM, LIGHT_LOG))
SILENT: Final = tuple(_fresh(topic, hours) for topic, hours in QUIET_HOURS.items())
FAILED: Final = _run("history-failed", "ExecutionsFailed", "A Glue job failed after its retries, and the day with it")
TIMED_OUT: Final = _run("history-timed-out", "ExecutionsTimedOut", "A day of history took more than eight hours")
OVERDUE: Final = Alarm(
    name="history-overdue",
    page="history",
    signal=Metric("AWS/States", "ExecutionsSucceeded", "Sum", MACHINE),
    comparison="<",
    threshold=1,
    unit="executions",
    period_seconds=3_600,
    breaching=OVERDUE_HOURS,
    periods=OVERDUE_HOURS,
    missing="breaching",
    reason=f"No day of history was finished for {OVERDUE_HOURS} hours: also when nothing started it",
)
BOOKINGS: Final = (
    _health("bookings-cpu", _rds("CPUUtilization", "Average"), ">", 80, "%", "Sales wait for it", "history"),
    _health(
        "bookings-disk",
        _rds("FreeStorageSpace", "Minimum"),
        "<",
        10e9,
        "bytes",
        "At 1 TB it grows no more",
        "history",
    ),
    _health("bookings-memory", _rds("FreeableMemory", "Minimum"), "<", 500e6, "bytes", "Of 8 GB: it swaps", "history"),
)
STAR: Final = (
    _health(
        "star-queue",
        Metric("AWS/Redshift-Serverless", "QueriesQueued", "Maximum", WORKGROUP),
        ">",
        10,
        "queries",
        "Questions wait behind others: one of them reads too much",
        "history",
    ),
)
APP: Final = (
    _health(
        "app-unhealthy",
        Metric(
            "AWS/ApplicationELB",
            "UnHealthyHostCount",
            "Maximum",
            {**LOAD_BALANCER, "TargetGroup": "{app_target_group}"},
        ),
        ">",
        0,
        "tasks",
        "A task does not answer for a quarter of an hour: a new one was started and is no better",
        "stage",
    ),
    _health(
        "app-errors",
        Metric("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "Sum", LOAD_BALANCER),
        ">",
        10,
        "answers",
        "People see an error instead of the board",
        "stage",
    ),
)

HISTORY_ALARMS: Final = (*RAW_STALE, *SILENT, FAILED, TIMED_OUT, OVERDUE, *BOOKINGS, *STAR, *APP)
