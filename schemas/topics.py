"""The topics: what each is for, its key, its records, who writes and who reads, and the broker settings.

A stage (demo, dev, prod) is a namespace: topic `flight-status` of stage `demo` is `demo.flight-status` on the brokers.
"""

from datetime import timedelta
from typing import Final

import msgspec

# Three partitions: one leader per broker and zone. The KPI job's rate is bounded by its core, not by partitions.
PARTITIONS: Final = 3
REPLICATION_FACTOR: Final = 3
MIN_INSYNC_REPLICAS: Final = 2


class Topic(msgspec.Struct, frozen=True):
    """One topic. `records` are record names of `schemas/avro`; `key` names what the key is."""

    name: str
    purpose: str
    key: str
    records: tuple[str, ...]
    written_by: tuple[str, ...]
    read_by: tuple[str, ...]
    retention: timedelta = timedelta(days=7)
    partitions: int = PARTITIONS

    def config(self) -> dict[str, str]:
        """Broker settings. Append time is the brokers' clock, so that latency is measured from one clock."""
        return {
            "min.insync.replicas": str(MIN_INSYNC_REPLICAS),
            "message.timestamp.type": "LogAppendTime",
            "retention.ms": str(self.retention // timedelta(milliseconds=1)),
            "unclean.leader.election.enable": "false",
            "cleanup.policy": "delete",
        }

    @property
    def feeds_kpis(self) -> bool:
        """Whether the KPI job reads it; publishers then keep its partitions' clocks going (`producers/publish.py`)."""
        return "kpi-job" in self.read_by


_SOURCES = ("producers",)

TOPICS: Final[dict[str, Topic]] = {
    topic.name: topic
    for topic in (
        Topic(
            "flight-status",
            "Flights scheduled, departed, arrived, cancelled, diverted, corrected",
            "route",
            ("FlightStatus", "RouteHeartbeat"),
            _SOURCES,
            ("kpi-job", "warehouse"),
        ),
        Topic(
            "flight-finance",
            "Revenue, cost and fuel of a flight",
            "route",
            ("FlightFinance", "RouteHeartbeat"),
            _SOURCES,
            ("kpi-job", "warehouse"),
        ),
        Topic(
            "flight-operations",
            "Delay minutes by cause, turnarounds, connections",
            "route",
            ("FlightOperation", "RouteHeartbeat"),
            _SOURCES,
            ("kpi-job", "warehouse"),
        ),
        Topic(
            "passenger-feedback",
            "Satisfaction and complaints, no personal data",
            "route",
            ("PassengerFeedback", "RouteHeartbeat"),
            _SOURCES,
            ("kpi-job", "warehouse"),
        ),
        Topic(
            "route-heartbeat",
            "One per scheduled route every interval: trailing values move when nothing happens",
            "route",
            ("RouteHeartbeat",),
            _SOURCES,
            ("kpi-job",),
            retention=timedelta(days=1),
        ),
        Topic(
            "aircraft-status",
            "Utilisation of a tail, in and out of service",
            "tail",
            ("AircraftStatus",),
            _SOURCES,
            ("warehouse", "app"),
        ),
        Topic(
            "airport-weather",
            "Observed weather at an airport",
            "airport",
            ("AirportWeather",),
            _SOURCES,
            ("warehouse", "app"),
        ),
        Topic(
            "dead-letters",
            "Messages that could not be processed, whole, with topic, partition, offset and reason",
            "source topic",
            ("DeadLetter",),
            ("kpi-job",),
            ("warehouse", "app"),
            retention=timedelta(days=28),
        ),
        Topic(
            "late-events",
            "Events behind the watermark: not in the live windows, reconciled by the warehouse",
            "source topic",
            ("LateEvent",),
            ("kpi-job",),
            ("warehouse",),
            retention=timedelta(days=28),
        ),
    )
}

KPI_TOPICS: Final[tuple[str, ...]] = tuple(name for name, topic in TOPICS.items() if topic.feeds_kpis)


def topic_name(stage: str, topic: str) -> str:
    """The name on the brokers; KeyError for a topic that is not registered."""
    return f"{stage}.{TOPICS[topic].name}"
