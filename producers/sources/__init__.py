"""What a source of events is. One module or package per upstream, all behind this Protocol.

The publisher (`producers/publish.py`) does the rest: topics, keys, encoding, pacing, heartbeats, clock beats, delivery.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from schemas.events import Event


class ScheduledRoute(msgspec.Struct, frozen=True, order=True):
    """A route that is scheduled, for its heartbeats: its airports, and every carrier that flies it, sorted."""

    origin: str
    destination: str
    carriers: tuple[str, ...]


class Source(Protocol):
    """One upstream system, already bounded (dates, seed, files) by its constructor."""

    def events(self) -> Iterator[Event]:
        """All facts of all topics, ordered by `event_at`; the record's type decides the topic.

        No RouteHeartbeat: the publisher makes those. The same source yields the same ids, instants and order every
        time. It may be endless. An event that cannot be made raises, it is never left out in silence.
        """
        ...

    def routes(self) -> Sequence[ScheduledRoute]:
        """Every route that is scheduled anywhere in `events()`, sorted; known before the first event."""
        ...

    def total(self) -> int | None:
        """How many events `events()` yields, for the progress bar; None if unknown or endless."""
        ...

    def wire_version(self, event: Event) -> int | None:
        """The version of its record that this upstream still writes the event in; None for the newest."""
        ...
