"""How stream time follows wall time."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from schemas.rows import from_ms, to_ms

MAX_SPEED: Final = float("inf")


class Pace(msgspec.Struct, frozen=True):
    """Stream time is `anchor` at wall second `started`, and runs `speed` stream seconds a wall second.

    A publisher that falls behind catches up: the anchor never moves, so runs of any length keep their speed.
    `clock` gives wall seconds: `time.monotonic` for a replay, `time.time` where stream time must stay the real time.
    """

    anchor: datetime
    speed: float
    clock: Callable[[], float]
    started: float

    def seconds_until(self, instant: datetime) -> float:
        """Wall seconds until stream time reaches `instant`; zero or less if it has. Always zero at MAX_SPEED."""
        if self.speed == MAX_SPEED:
            return 0.0
        return self.started + (instant - self.anchor).total_seconds() / self.speed - self.clock()

    def reached(self, limit: datetime) -> datetime:
        """Stream time now, whole milliseconds, `limit` at most (always `limit` at MAX_SPEED)."""
        if self.speed == MAX_SPEED:
            return limit
        elapsed_ms = int((self.clock() - self.started) * self.speed * 1000)
        return from_ms(min(to_ms(self.anchor) + elapsed_ms, to_ms(limit)))
