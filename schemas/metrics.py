"""Our own metrics: what functions say of themselves in the embedded metric format, and alarms and dashboard read.

The only place where a metric is named: who writes one that is not here fails, who watches one that is not here too.
"""

from typing import Final

import msgspec

NAMESPACE: Final = "Semaforo"

SLOW_MS: Final = 2_000
"""A notification that takes longer than this, from the event's append in Kafka to SNS's answer, spends error budget.
Measured with a whole stack on two cores: p99 753 and 1,819 ms."""

LATENCY_OBJECTIVE: Final = 0.99
"""The share of notifications that must not be slow, over 30 days."""


class CustomMetric(msgspec.Struct, frozen=True):
    """One metric: `unit` is CloudWatch's; beside `stage` it has the dimensions named."""

    name: str
    unit: str
    said_by: str
    purpose: str
    dimensions: tuple[str, ...] = ()


METRICS: Final[dict[str, CustomMetric]] = {
    metric.name: metric
    for metric in (
        CustomMetric("records", "Count", "semaforo", "records of the KPI stream in a batch"),
        CustomMetric("rows", "Count", "semaforo", "KPI rows judged; none for minutes is a semáforo without input"),
        CustomMetric("failed_records", "Count", "semaforo", "records that will be delivered again"),
        CustomMetric("quarantined", "Count", "semaforo", "records that nobody can process"),
        CustomMetric("defects", "Count", "semaforo", "rows that no rule could judge"),
        CustomMetric("to_red", "Count", "semaforo", "lights that turned red"),
        CustomMetric("to_amber", "Count", "semaforo", "lights that turned amber"),
        CustomMetric("to_green", "Count", "semaforo", "lights that turned green"),
        CustomMetric("to_grey", "Count", "semaforo", "lights that lost their evidence"),
        *(
            CustomMetric(f"decided_{what}", "Count", "semaforo", f"transitions about which this was decided: {what}")
            for what in ("send", "group", "inhibit", "silence", "hold", "log")
        ),
        CustomMetric("alerts_sent", "Count", "semaforo", "notifications that SNS took"),
        CustomMetric("alerts_slow", "Count", "semaforo", f"of those, the ones that took longer than {SLOW_MS} ms"),
        CustomMetric("alerts_unsent", "Count", "semaforo", "notifications left to the sweeper"),
        CustomMetric("event_to_alert", "Milliseconds", "semaforo", "from the event's append to SNS's answer"),
        CustomMetric("sweep_found", "Count", "sweeper", "notifications that waited in the outbox"),
        CustomMetric("sweep_sent", "Count", "sweeper", "of those, sent now"),
        CustomMetric("sweep_failed", "Count", "sweeper", "of those, still waiting"),
        CustomMetric("sweep_said", "Count", "sweeper", "reminders, summaries and ends of silences told"),
        CustomMetric("sweep_oldest", "Seconds", "sweeper", "age of the oldest notification that waits"),
        CustomMetric("facts", "Count", "raw-record", "messages of a topic that are no heartbeat", ("topic",)),
        CustomMetric("deploying", "Count", "python -m deploy up", "a deployment is under way: nobody is paged"),
    )
}
