"""The KPI job: does it run, keep its state, and pass on what it reads?"""

from __future__ import annotations

from typing import Final

from deploy.watch.alarm import Alarm, Increase, Metric, Statistic
from deploy.watch.broker_alarms import messages

APPLICATION: Final = {"Application": "semaforo-{stage}-kpi-job"}


def flink(name: str, statistic: Statistic) -> Metric:
    """A metric of the application, whatever tasks it comes from (the job reports by task)."""
    return Metric("AWS/KinesisAnalytics", name, statistic, APPLICATION, across=True)


DOWN: Final = Alarm(
    name="job-down",
    page="kpi-job",
    signal=flink("downtime", "Maximum"),
    comparison=">",
    threshold=30_000,
    unit="ms",
    reason="A restart takes seconds; after half a minute down it does not come back by itself",
)
RESTARTS: Final = Alarm(
    name="job-restarts",
    page="kpi-job",
    signal=Increase(flink("fullRestarts", "Maximum")),
    comparison=">=",
    threshold=3,
    unit="restarts",
    period_seconds=900,
    reason="Once is a broker or a machine; three times in a quarter of an hour is an event or a defect",
)
CHECKPOINTS_FAILED: Final = Alarm(
    name="job-checkpoints-failed",
    page="kpi-job",
    signal=Increase(flink("numberOfFailedCheckpoints", "Maximum")),
    comparison=">=",
    threshold=1,
    unit="checkpoints",
    period_seconds=300,
    breaching=2,
    periods=2,
    reason="After a failure the job reads again from the last one that worked; one alone may be a busy moment",
)
CHECKPOINT_SLOW: Final = Alarm(
    name="job-checkpoint-age",
    page="kpi-job",
    signal=flink("lastCheckpointDuration", "Maximum"),
    comparison=">",
    threshold=180_000,
    unit="ms",
    reason="Three times the interval of 60 s without a new one: the restart point is that old and grows older",
)
BACKPRESSURE: Final = Alarm(
    name="job-backpressure",
    page="kpi-job",
    signal=flink("backPressuredTimeMsPerSecond", "Maximum"),
    comparison=">",
    threshold=500,
    unit="ms per second",
    breaching=5,
    periods=5,
    reason="A task that waits half its time for the next one: the stream or a core is at its limit",
)
NOTHING_IN: Final = Alarm(
    name="job-nothing-in",
    page="kpi-job",
    signal=flink("numRecordsInPerSecond", "Maximum"),
    comparison="<=",
    threshold=0,
    unit="records per second",
    breaching=5,
    periods=5,
    missing="breaching",
    reason="Clock beats come every second, whatever else does: nothing means that no publisher or no job is there",
)
NOTHING_OUT: Final = Alarm(
    name="job-nothing-out",
    page="kpi-job",
    signal=flink("numRecordsOutPerSecond", "Maximum"),
    comparison="<=",
    threshold=0,
    unit="records per second",
    breaching=10,
    periods=10,
    missing="breaching",
    reason="Route heartbeats bring out rows at least every few minutes: windows that do not close wait for a partition",
)
LATE: Final = Alarm(
    name="job-late-records",
    page="kpi-job",
    signal=messages("late-events"),
    comparison=">",
    threshold=0.2,
    unit="messages per second and broker",
    period_seconds=300,
    breaching=3,
    periods=3,
    reason="Late events are set right in history and missing in lights; a few are a publisher that was away",
)
DEAD_LETTERS: Final = Alarm(
    name="dead-letters-rate",
    page="kpi-job",
    signal=messages("dead-letters"),
    comparison=">",
    threshold=0.1,
    unit="messages per second and broker",
    period_seconds=300,
    breaching=2,
    periods=2,
    reason="A publisher sends what nobody can read: its flights are missing from every KPI",
)

JOB_ALARMS: Final = (
    DOWN,
    RESTARTS,
    CHECKPOINTS_FAILED,
    CHECKPOINT_SLOW,
    BACKPRESSURE,
    NOTHING_IN,
    NOTHING_OUT,
    LATE,
    DEAD_LETTERS,
)
