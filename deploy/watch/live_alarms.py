"""From the KPI stream to people: functions, tables, queues, notifications and how soon they are there."""

from __future__ import annotations

from typing import Final

from deploy.watch.alarm import Alarm, Metric, Ratio, Statistic
from schemas.metrics import LATENCY_OBJECTIVE, NAMESPACE

TIMEOUT_SECONDS: Final = {
    "semaforo": 60,
    "sweeper": 50,
    "raw-record": 60,
    "light-log-feed": 60,
    "partner-file": 300,
    "partner-queue": 60,
    "flights": 60,
    "recommender": 30,
}
"""Every function of ours and its timeout; a test holds them against the templates."""

TABLES: Final = ("lights", "light-log", "outbox", "delivery", "flights")
LIVE: Final = ("semaforo", "sweeper")

ACCOUNT_CONCURRENCY: Final = 1_000
ERROR_BUDGET: Final = 1 - LATENCY_OBJECTIVE


def function(name: str, metric: str, statistic: Statistic) -> Metric:
    """A metric of a function."""
    return Metric("AWS/Lambda", metric, statistic, {"FunctionName": f"semaforo-{{stage}}-{name}"})


def ours(metric: str, statistic: Statistic, **dimensions: str) -> Metric:
    """A metric of `schemas/metrics.py`."""
    return Metric(NAMESPACE, metric, statistic, {"stage": "{stage}", **dimensions})


def _errors(name: str) -> Alarm:
    return Alarm(
        name=f"{name}-errors",
        section="function-errors",
        page="live-path",
        signal=function(name, "Errors", "Sum"),
        comparison=">=",
        threshold=3,
        unit="invocations",
        breaching=1,
        reason="A batch that fails is tried again; three failures in a minute are no busy table any more",
    )


def _throttles(name: str) -> Alarm:
    return Alarm(
        name=f"{name}-throttles",
        section="function-throttles",
        page="live-path",
        signal=function(name, "Throttles", "Sum"),
        comparison=">=",
        threshold=1,
        unit="invocations",
        breaching=2,
        periods=2,
        reason="The account's concurrency is used up by somebody: what waits grows older",
    )


def _slow(name: str) -> Alarm:
    return Alarm(
        name=f"{name}-slow",
        section="function-slow",
        page="live-path",
        signal=function(name, "Duration", "Maximum"),
        comparison=">",
        threshold=800 * TIMEOUT_SECONDS[name],
        unit="ms",
        reason="Four fifths of its timeout: the next one is cut off, and begins again with the same batch",
    )


ERRORS: Final = {name: _errors(name) for name in TIMEOUT_SECONDS}
THROTTLES: Final = {name: _throttles(name) for name in TIMEOUT_SECONDS}
SLOW: Final = {name: _slow(name) for name in TIMEOUT_SECONDS}

CONCURRENCY: Final = Alarm(
    name="functions-concurrency",
    page="live-path",
    signal=Metric("AWS/Lambda", "ConcurrentExecutions", "Maximum", {}),
    comparison=">",
    threshold=0.8 * ACCOUNT_CONCURRENCY,
    unit="executions",
    breaching=3,
    periods=3,
    reason="At the account's limit of 1,000 every function of it is throttled, the semáforo too",
)
ITERATOR_AGE: Final = Alarm(
    name="kpi-stream-age",
    page="live-path",
    signal=function("semaforo", "IteratorAge", "Maximum"),
    comparison=">",
    threshold=30_000,
    unit="ms",
    reason="Rows wait for the semáforo: half a minute is thirty times what they take, and alerts are that late",
)
STREAM_THROTTLED: Final = Alarm(
    name="kpi-stream-throttled",
    page="live-path",
    signal=Metric(
        "AWS/Kinesis", "WriteProvisionedThroughputExceeded", "Sum", {"StreamName": "semaforo-{stage}-route-kpis"}
    ),
    comparison=">",
    threshold=0,
    unit="records",
    breaching=3,
    periods=3,
    reason="On demand a stream doubles within minutes; refused for three of them, the job is held back",
)
TABLE_THROTTLED: Final = tuple(
    Alarm(
        name=f"{table}-table-throttled",
        section="table-throttled",
        page="live-path",
        signal=Metric("AWS/DynamoDB", "WriteThrottleEvents", "Sum", {"TableName": f"semaforo-{{stage}}-{table}"}),
        comparison=">",
        threshold=10,
        unit="writes",
        breaching=2,
        periods=2,
        reason="On demand tables refuse what is more than twice their earlier peak, and for a minute or two only",
    )
    for table in TABLES
)
CONFLICTS: Final = Alarm(
    name="lights-conflicts",
    page="live-path",
    signal=Ratio(
        Metric("AWS/DynamoDB", "ConditionalCheckFailedRequests", "Sum", {"TableName": "semaforo-{stage}-lights"}),
        ours("rows", "Sum"),
        100,
    ),
    comparison=">",
    threshold=5,
    unit="% of rows",
    period_seconds=300,
    breaching=2,
    periods=2,
    reason="Two workers write one entity: a batch comes twice now and then, and never for minutes",
)


def _letters(queue: str) -> Alarm:
    return Alarm(
        name=f"{queue}-not-empty",
        section="letters",
        page="live-path",
        signal=Metric(
            "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", {"QueueName": f"semaforo-{{stage}}-{queue}"}
        ),
        comparison=">",
        threshold=0,
        unit="messages",
        reason="What is here was given up: somebody has to look, and it is deleted after 14 days",
    )


QUARANTINE, UNDELIVERED = _letters("quarantine"), _letters("undelivered")
PARTNER_UNDELIVERED, HISTORY_MISSED = _letters("partner-undelivered"), _letters("history-missed")

NOTIFICATIONS_FAILED: Final = Alarm(
    name="notifications-failed",
    page="live-path",
    signal=Metric("AWS/SNS", "NumberOfNotificationsFailed", "Sum", {"TopicName": "semaforo-{stage}-alerts"}),
    comparison=">",
    threshold=0,
    unit="notifications",
    breaching=2,
    periods=2,
    reason="SNS has given up on a subscriber: somebody does not hear what we say was told",
)
OUTBOX_AGE: Final = Alarm(
    name="outbox-age",
    page="live-path",
    signal=ours("sweep_oldest", "Maximum"),
    comparison=">",
    threshold=180,
    unit="seconds",
    reason="The sweeper sends what waits for 90 s; twice that old, it tried and could not",
)
SWEEPER_GONE: Final = Alarm(
    name="sweeper-gone",
    section="dead-man",
    page="live-path",
    signal=function("sweeper", "Invocations", "Sum"),
    comparison="<",
    threshold=1,
    unit="invocations",
    breaching=5,
    periods=5,
    missing="breaching",
    reason="It runs every minute: without it nothing that waits is sent, and silence is noticed by nobody",
)
SEMAFORO_GONE: Final = Alarm(
    name="semaforo-gone",
    section="dead-man",
    page="live-path",
    signal=ours("rows", "Sum"),
    comparison="<",
    threshold=1,
    unit="rows",
    breaching=10,
    periods=10,
    missing="breaching",
    reason="The dead man's handle: heartbeats make rows at least every few minutes, whatever flies or does not",
)


def _burn(name: str, rate: float, minutes: int, spent: str) -> Alarm:
    return Alarm(
        name=name,
        section="latency-burn",
        page="live-path",
        signal=Ratio(ours("alerts_slow", "Sum"), ours("alerts_sent", "Sum"), 1 / ERROR_BUDGET),
        comparison=">",
        threshold=rate,
        unit="× the budget",
        period_seconds=60 * minutes,
        reason=f"99 % of notifications within 2 s over 30 days: at this rate {spent}",
    )


BURN_FAST_LONG: Final = _burn("latency-burn-1h", 14.4, 60, "an hour spends 2 % of the month's budget")
BURN_FAST_SHORT: Final = _burn("latency-burn-5m", 14.4, 5, "it still goes on")
BURN_SLOW_LONG: Final = _burn("latency-burn-6h", 6, 360, "six hours spend 5 % of the month's budget")
BURN_SLOW_SHORT: Final = _burn("latency-burn-30m", 6, 30, "it still goes on")
BURNS: Final = (BURN_FAST_LONG, BURN_FAST_SHORT, BURN_SLOW_LONG, BURN_SLOW_SHORT)

LIVE_ALARMS: Final = (
    *ERRORS.values(),
    *THROTTLES.values(),
    *SLOW.values(),
    CONCURRENCY,
    ITERATOR_AGE,
    STREAM_THROTTLED,
    *TABLE_THROTTLED,
    CONFLICTS,
    QUARANTINE,
    UNDELIVERED,
    PARTNER_UNDELIVERED,
    HISTORY_MISSED,
    NOTIFICATIONS_FAILED,
    OUTBOX_AGE,
    SWEEPER_GONE,
    SEMAFORO_GONE,
    *BURNS,
)
