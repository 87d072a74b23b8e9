"""What a run published, as JSON for whoever checks it afterwards."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from producers.delivery import Deliveries
from schemas.events import Event, FlightState, FlightStatus

CLOSING: Final = frozenset({FlightState.ARRIVED, FlightState.CANCELLED, FlightState.DIVERTED})


class Tally(msgspec.Struct):
    """What was handed to the channel. `events` counts the source's facts by topic and record; nothing else does."""

    events: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)
    route_heartbeats: int = 0
    clock_beats: int = 0
    flights_closed: int = 0
    first_event_at: datetime | None = None
    last_event_at: datetime | None = None
    clock_at: datetime | None = None

    def count(self, topic: str, event: Event) -> None:
        """One fact of the source."""
        records = self.events.setdefault(topic, {})
        record = type(event).__name__
        records[record] = records.get(record, 0) + 1
        self.first_event_at = self.first_event_at or event.event_at
        self.last_event_at = event.event_at
        if isinstance(event, FlightStatus) and event.state in CLOSING:
            self.flights_closed += 1

    @property
    def events_total(self) -> int:
        """Facts of the source, all topics."""
        return sum(sum(records.values()) for records in self.events.values())


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a run. `acked` = events + heartbeats + clock beats if all went well. `stopped` names the signal that
    ended it early; `error` says what went wrong. `offsets` is [first, last + 1] by topic and partition."""

    command: str
    stage: str
    stopped: str | None
    error: str | None
    seconds: float
    events_total: int
    events: Mapping[str, Mapping[str, int]]
    flights_closed: int
    route_heartbeats: int
    clock_beats: int
    acked: int
    failed: int
    first_event_at: datetime | None
    last_event_at: datetime | None
    clock_at: datetime | None
    offsets: Mapping[str, Mapping[str, list[int]]]

    def write(self, path: Path) -> None:
        """As indented JSON; the folder is made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")


def summarise(
    command: str,
    stage: str,
    seconds: float,
    tally: Tally,
    deliveries: Deliveries,
    *,
    stopped: str | None = None,
    error: str | None = None,
) -> Summary:
    """The summary of a run from what was sent and what was acknowledged."""
    return Summary(
        command=command,
        stage=stage,
        stopped=stopped,
        error=error,
        seconds=round(seconds, 3),
        events_total=tally.events_total,
        events=tally.events,
        flights_closed=tally.flights_closed,
        route_heartbeats=tally.route_heartbeats,
        clock_beats=tally.clock_beats,
        acked=deliveries.acked,
        failed=deliveries.failed,
        first_event_at=tally.first_event_at,
        last_event_at=tally.last_event_at,
        clock_at=tally.clock_at,
        offsets={t: dict(sorted(p.items())) for t, p in sorted(deliveries.offsets.items())},
    )
