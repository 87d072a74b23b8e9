"""Runway slots of an airport in a storm: none while closed, few until it ends, then the usual rate for the backlog."""

from collections.abc import Sequence
from typing import Final

import msgspec

from producers.sources.simulator.incidents import Incident
from producers.sources.simulator.network import HUB
from producers.sources.simulator.timetable import minute_of

# Movements an hour the simulated carriers get on a normal day: MEX handled 43 to 61 an hour in all (its declared
# capacity), of which these carriers hold about two thirds; smaller fields are far from their limits.
USUAL_RATE_PER_HOUR: Final = {HUB: 40}
SMALL_FIELD_RATE_PER_HOUR: Final = 24
STORM_RATE_SHARE: Final = 0.35
# Flights due this long after the storm no longer queue: the backlog is gone.
BACKLOG_MINUTES: Final = 6 * 60


class Storm(msgspec.Struct, frozen=True):
    """Minutes since 1970: closed in [starts, reopens), slowed in [reopens, ends)."""

    starts: int
    reopens: int
    ends: int


class Runway:
    """The slots of one airport. Outside storms and their backlog it is free, and nothing is recorded."""

    def __init__(self, airport: str, storms: list[Storm]) -> None:
        self._storms = sorted(storms, key=lambda storm: storm.starts)
        self._rate_per_hour = USUAL_RATE_PER_HOUR.get(airport, SMALL_FIELD_RATE_PER_HOUR)
        self._taken: set[int] = set()

    def known_storm(self, known_at: int, wanted: int) -> bool:
        """Whether a storm that has begun by `known_at` makes flights queue at `wanted`."""
        return any(
            storm.starts <= known_at and storm.starts <= wanted < storm.ends + BACKLOG_MINUTES for storm in self._storms
        )

    def in_storm(self, minute: int) -> bool:
        """Whether a storm is over the airport."""
        return any(storm.starts <= minute < storm.ends for storm in self._storms)

    def next_slot(self, wanted: int) -> int:
        """The first free slot at or after `wanted`."""
        storm = next((s for s in reversed(self._storms) if s.starts <= wanted < s.ends + BACKLOG_MINUTES), None)
        if storm is None:
            return wanted
        slot = max(wanted, storm.reopens)
        while slot < storm.ends + BACKLOG_MINUTES:
            slowed = slot < storm.ends
            spacing = 60 / (self._rate_per_hour * (STORM_RATE_SHARE if slowed else 1.0))
            # A grid of slots from the reopening on: minute m holds one when the count of slots rises at m.
            offset = slot - (storm.reopens if slowed else storm.ends)
            on_grid = offset == 0 or int(offset / spacing) != int((offset - 1) / spacing)
            if on_grid and slot not in self._taken:
                return self._clear_of_next(slot)
            slot += 1
        return self._clear_of_next(slot)

    def take(self, slot: int) -> None:
        """Nobody else gets this slot."""
        self._taken.add(slot)

    def _clear_of_next(self, slot: int) -> int:
        """A slot in another storm's closed time moves to after it."""
        for storm in self._storms:
            if storm.starts <= slot < storm.reopens:
                return self.next_slot(storm.reopens)
        return slot


def storms_by_airport(incidents: Sequence[Incident]) -> dict[str, list[Storm]]:
    """The injected storms; `magnitude` is the share of the time closed, at the beginning."""
    storms: dict[str, list[Storm]] = {}
    for each in incidents:
        if each.kind == "storm":
            starts, ends = minute_of(each.start_at), minute_of(each.end_at)
            reopens = starts + round((ends - starts) * each.magnitude)
            storms.setdefault(each.target, []).append(Storm(starts, reopens, ends))
    return storms
