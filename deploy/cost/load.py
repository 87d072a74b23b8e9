"""What a day of events means to each part: the measured and assumed figures between events and bills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schemas.rows import WINDOWS_OF_SCOPE, Scope

DAYS_A_MONTH: Final = 365.25 / 12
HOURS_A_MONTH: Final = 24 * DAYS_A_MONTH
GB: Final = 1e9

MESSAGE_BYTES: Final = 150
"""On the brokers: some 80 bytes of Avro, key, position and time."""

RAW_LINE_BYTES: Final = 257
"""Measured: 3,649,486 messages of 2013 in 893 MiB of lines."""

RAW_COMPRESSED: Final = 0.41
"""Measured: gzip of such lines."""

ROW_BYTES: Final = 190
"""Measured where no measure is 0; rows of 2013, most of whose measures are, take 98."""

ENTITIES: Final[dict[Scope, int]] = {"route": 1, "airport": 2, "carrier": 1}
ROWS_PER_EVENT: Final = sum(len(WINDOWS_OF_SCOPE[scope]) * count for scope, count in ENTITIES.items())
"""Each window of the route, both airports and the carrier, if no two events share a pane."""

ROUTE_WINDOWS: Final = len(WINDOWS_OF_SCOPE["route"])
ENTITY_KB: Final = 4
"""An item of the lights table with the states of all its rules, assumed; a write costs by the kilobyte."""

FUNCTION_SECONDS_PER_ENTITY: Final = 0.00126
"""Measured: 126 ms of CPU for a batch of 100 entities; waiting for tables comes on top, as much again."""

WAITS: Final = 2
FUNCTION_GB: Final = 1.0
BATCHES_A_SECOND: Final = 4
"""The job puts at most so many times a second and shard."""

ALERTS_PER_ROUTE_MONTH: Final = 8
LOG_BYTES_PER_BATCH: Final = 1_000


@dataclass(frozen=True)
class Load:
    """A month of a stage."""

    events_per_day: float
    routes: int
    production: bool

    @property
    def events(self) -> float:
        """In the month."""
        return self.events_per_day * DAYS_A_MONTH

    @property
    def beats(self) -> float:
        """Route heartbeats in the month, one an hour and route, whatever flies."""
        return self.routes * HOURS_A_MONTH

    @property
    def rows(self) -> float:
        """KPI rows."""
        return self.events * ROWS_PER_EVENT + self.beats * ROUTE_WINDOWS

    @property
    def entities(self) -> float:
        """Entities judged, each written once for all its rows of a moment."""
        return self.events * sum(ENTITIES.values()) + self.beats

    @property
    def batches(self) -> float:
        """Invocations of the semáforo: each event its own until they come closer than batches do."""
        return min(self.events + self.beats, BATCHES_A_SECOND * 3_600 * HOURS_A_MONTH)
