"""The end of a demo: its figures, and what about them is not as promised."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Summary(BaseModel):
    """`summary.json`. Events are those on the topics the KPI job reads, route heartbeats included, clock beats not."""

    model_config = ConfigDict(frozen=True)

    source: str
    from_date: str
    to_date: str
    speed: float
    incidents: list[str] = []
    flights_replayed: int
    flights_in_data_set: int | None
    events_published: int
    events_consumed: int
    dead_letters: int
    late_events: int
    duplicates: int
    events_lost: int
    kpi_rows: int
    kpi_mismatches: int
    alerts_logged: int
    alerts_received: int
    latency_ms_p50: float | None
    latency_ms_p99: float | None
    seconds_to_first_alert: float | None
    seconds_total: float
    broken_promises: list[str] = []

    def figures(self) -> dict[str, float | int | None]:
        """The numbers, for people."""
        return {k: v for k, v in self.model_dump().items() if v is None or isinstance(v, int | float)}

    def write(self, path: Path) -> None:
        """As indented JSON."""
        path.write_text(self.model_dump_json(indent=2) + "\n")


def broken_promises(summary: Summary, *, missing_alerts: int, repeated_alerts: int) -> list[str]:
    """What is not so, in words; empty after a good run."""
    accounted = summary.events_consumed + summary.dead_letters + summary.late_events + summary.duplicates
    checks = {
        "no flights were replayed": summary.flights_replayed == 0,
        f"{summary.flights_replayed} flights replayed, the data set has {summary.flights_in_data_set}": (
            summary.flights_in_data_set not in (None, summary.flights_replayed)
        ),
        f"{summary.events_published} events published, {accounted} accounted for": (
            summary.events_published != accounted
        ),
        f"{summary.events_lost} events lost": summary.events_lost != 0,
        f"{summary.dead_letters} dead letters of a source that sends only good events": summary.dead_letters != 0,
        f"{summary.late_events} late events of a source that is in order": summary.late_events != 0,
        "no KPI rows came out": summary.kpi_rows == 0,
        f"{summary.kpi_mismatches} KPI rows differ from the batch computation": summary.kpi_mismatches != 0,
        "no alert was sent": summary.alerts_logged == 0,
        f"{missing_alerts} alerts in the log were not received": missing_alerts != 0,
        f"{repeated_alerts} alerts were received twice": repeated_alerts != 0,
    }
    return [promise for promise, broken in checks.items() if broken]


def percentile(values: Sequence[float], share: float) -> float | None:
    """Nearest-rank percentile, one decimal; None of nothing."""
    if not values:
        return None
    ranked = sorted(values)
    return round(ranked[max(0, math.ceil(share * len(ranked)) - 1)], 1)
