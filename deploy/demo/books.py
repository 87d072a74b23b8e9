"""The end of a demo: its figures, and what about them is not as promised."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from deploy.demo.words import Words


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


def broken_promises(summary: Summary, words: Words, *, missing_alerts: int, repeated_alerts: int) -> list[str]:
    """What is not so, in words; empty after a good run."""
    accounted = summary.events_consumed + summary.dead_letters + summary.late_events + summary.duplicates
    broken = {
        "flights": summary.flights_replayed == 0,
        "data_set": summary.flights_in_data_set not in (None, summary.flights_replayed),
        "accounted": summary.events_published != accounted,
        "lost": summary.events_lost != 0,
        "dead": summary.dead_letters != 0,
        "late": summary.late_events != 0,
        "rows": summary.kpi_rows == 0,
        "mismatches": summary.kpi_mismatches != 0,
        "alerts": summary.alerts_logged == 0,
        "missing": missing_alerts != 0,
        "repeated": repeated_alerts != 0,
    }
    found = {"accounted": accounted, "missing_alerts": missing_alerts, "repeated_alerts": repeated_alerts}
    numbers = {**summary.model_dump(), **found}
    return [words.promises[name].format(**numbers) for name, is_broken in broken.items() if is_broken]


def percentile(values: Sequence[float], share: float) -> float | None:
    """Nearest-rank percentile, one decimal; None of nothing."""
    if not values:
        return None
    ranked = sorted(values)
    return round(ranked[max(0, math.ceil(share * len(ranked)) - 1)], 1)
