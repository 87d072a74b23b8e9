"""How long something is waited for that takes as long as it takes."""

from __future__ import annotations


class Patience:
    """Ends some seconds after what is waited for moved last."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._where: object = None
        self._moved_at: float | None = None

    def ends(self, where: object, now_seconds: float) -> bool:
        """Whether it has stood there for too long, by a monotonic clock."""
        if self._moved_at is None or where != self._where:
            self._where, self._moved_at = where, now_seconds
        return now_seconds - self._moved_at > self._seconds
