"""Brokers: do they lead, copy, have room, and are they read in time?"""

from __future__ import annotations

from typing import Final

from deploy.watch.alarm import Alarm, Metric, Statistic
from schemas.topics import TOPICS

CLUSTER: Final = {"Cluster Name": "semaforo-{stage}-brokers"}
BROKERS: Final = (1, 2, 3)
LAG_SECONDS: Final = 300
"""Flink commits its offsets with each checkpoint, once a minute, so a healthy lag reads up to 60 s."""


def kafka(name: str, statistic: Statistic, **dimensions: object) -> Metric:
    """A metric of MSK; of the whole cluster unless dimensions say more."""
    named = {key.replace("_", " "): str(value) for key, value in dimensions.items()}
    return Metric("AWS/Kafka", name, statistic, {**CLUSTER, **named})


def messages(topic: str) -> Metric:
    """What all brokers took of a topic of the stage."""
    dimensions = {**CLUSTER, "Topic": f"{{stage}}.{topic}"}
    return Metric("AWS/Kafka", "MessagesInPerSec", "Average", dimensions, across=True)


def _lag(name: str, group: str, topic: str) -> Alarm:
    dimensions = {**CLUSTER, "Consumer Group": f"{{stage}}.{group}", "Topic": f"{{stage}}.{topic}"}
    return Alarm(
        name=name,
        section="kpi-lag",
        page="brokers",
        signal=Metric("AWS/Kafka", "EstimatedMaxTimeLag", "Maximum", dimensions),
        comparison=">",
        threshold=LAG_SECONDS,
        unit="seconds",
        breaching=3,
        periods=3,
        reason="A reader that is this far behind shows lights of the past; checkpoints alone explain one minute",
    )


OFFLINE: Final = Alarm(
    name="brokers-offline-partitions",
    page="brokers",
    signal=kafka("OfflinePartitionsCount", "Maximum"),
    comparison=">",
    threshold=0,
    unit="partitions",
    reason="A partition without a leader takes no event: its routes stand still",
)
UNDER_REPLICATED: Final = tuple(
    Alarm(
        name=f"brokers-under-replicated-{broker}",
        section="brokers-under-replicated",
        page="brokers",
        signal=kafka("UnderReplicatedPartitions", "Maximum", Broker_ID=broker),
        comparison=">",
        threshold=0,
        unit="partitions",
        reason="One of three copies is behind or gone: with the next one nothing can be written any more",
    )
    for broker in BROKERS
)
NO_CONTROLLER: Final = Alarm(
    name="brokers-no-controller",
    section="brokers-controller",
    page="brokers",
    signal=kafka("ActiveControllerCount", "Maximum"),
    comparison="<",
    threshold=1,
    unit="controllers",
    breaching=3,
    periods=3,
    missing="breaching",
    reason="Nobody elects leaders; no figure at all for three minutes is a cluster that cannot be asked",
)
TWO_CONTROLLERS: Final = Alarm(
    name="brokers-two-controllers",
    section="brokers-controller",
    page="brokers",
    signal=kafka("ActiveControllerCount", "Sum"),
    comparison=">",
    threshold=1,
    unit="controllers",
    breaching=3,
    periods=3,
    reason="Two that elect are two truths; for a minute both may be seen while one hands over",
)
DISK: Final = tuple(
    Alarm(
        name=f"brokers-disk-{broker}",
        section="brokers-disk",
        page="brokers",
        signal=kafka("KafkaDataLogsDiskUsed", "Maximum", Broker_ID=broker),
        comparison=">=",
        threshold=75,
        unit="%",
        period_seconds=300,
        reason="A full disk stops its broker; its storage grows by itself from 60 % on, and did not",
    )
    for broker in BROKERS
)
CPU: Final = tuple(
    Alarm(
        name=f"brokers-cpu-{broker}",
        section="brokers-cpu",
        page="brokers",
        signal=kafka("CpuUser", "Average", Broker_ID=broker),
        comparison=">",
        threshold=60,
        unit="%",
        period_seconds=300,
        breaching=3,
        periods=3,
        reason="MSK asks for 40 % to spare: of a lost broker the others take half its load each",
    )
    for broker in BROKERS
)
KPI_LAG: Final = tuple(_lag(f"kpi-lag-{name}", "kpi-job", name) for name, topic in TOPICS.items() if topic.feeds_kpis)
FLIGHTS_LAG: Final = _lag("flights-lag", "flights-table", "flight-status")

BROKER_ALARMS: Final = (
    OFFLINE,
    *UNDER_REPLICATED,
    NO_CONTROLLER,
    TWO_CONTROLLERS,
    *DISK,
    *CPU,
    *KPI_LAG,
    FLIGHTS_LAG,
)
