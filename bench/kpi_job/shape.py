"""How many events on how many routes, and when each of them comes."""

from typing import Final, NamedTuple

from bench.kpi_job.made_up import KINDS, START, VARIANTS
from schemas.rows import to_ms

PANE_MS: Final = 60_000
START_MS: Final = to_ms(START)

EVENTS_PER_ROUTE_MINUTE: Final = 3 * KINDS
"""Of the comparison. Real routes have a few flights a day: at 30 a minute rows are still a tenth of the events."""


class Slot(NamedTuple):
    """One event of a minute: which route sends which kind, and how far into the minute."""

    route: int
    kind: int
    offset_ms: int


class Shape(NamedTuple):
    """One load. Every minute but the last, which may be cut short, has `events_per_minute`."""

    events: int
    routes: int
    events_per_minute: int

    @property
    def stage(self) -> str:
        """The stage whose topics hold it."""
        return f"e{self.events}r{self.routes}m{self.events_per_minute}"

    @property
    def minutes(self) -> int:
        """How many minutes of event time, and so how many panes."""
        return -(-self.events // self.events_per_minute)

    @property
    def last_at_ms(self) -> int:
        """The end of the last pane."""
        return START_MS + self.minutes * PANE_MS

    def events_in(self, minute: int) -> int:
        """How many events a minute has."""
        return min(self.events_per_minute, self.events - minute * self.events_per_minute)

    def variant(self, minute: int) -> int:
        """Which of a route's variants its events are in a minute."""
        return minute % VARIANTS

    def slots(self) -> list[Slot]:
        """A full minute, in order: the first event a millisecond in, the last at its very end, in the same pane."""
        last = self.events_per_minute - 1
        return [
            Slot(place % self.routes, place // self.routes % KINDS, 1 + place * (PANE_MS - 1) // last)
            for place in range(self.events_per_minute)
        ]


def dense(events: int, routes: int) -> Shape:
    """A load with EVENTS_PER_ROUTE_MINUTE."""
    return Shape(events, routes, EVENTS_PER_ROUTE_MINUTE * routes)
