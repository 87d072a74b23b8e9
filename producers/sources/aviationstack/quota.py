"""How many requests this month has cost, kept in a file, so that runs of a month share one quota."""

import fcntl
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from producers.sources.aviationstack.errors import QuotaReached

USAGE_FILE: Final = Path("build/aviationstack-usage.json")


class Usage(msgspec.Struct, frozen=True):
    """Requests of a month (UTC), as sent: what came to nothing may have been counted there too."""

    month: str
    requests: int


def _now() -> datetime:
    return datetime.now(UTC)


class Quota:
    """At most `limit` requests a month. Each is written down before it is sent, so a kill forgets none."""

    def __init__(self, path: Path, limit: int, now: Callable[[], datetime] = _now) -> None:
        self._path, self._limit, self._now = path, limit, now

    def take(self) -> None:
        """Count one more. Raises QuotaReached instead of passing the limit; OSError if it cannot be written down."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        month = f"{self._now():%Y-%m}"
        with self._path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # let go when the file is closed; two runs count to one sum
            file.seek(0)
            usage = self._read(file.read(), month)
            if usage.requests >= self._limit:
                raise QuotaReached(f"{usage.requests} of {self._limit} requests of {month} are used")
            file.truncate(0)
            file.write(msgspec.json.encode(Usage(month, usage.requests + 1)) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def used(self) -> int:
        """Requests of this month so far."""
        month = f"{self._now():%Y-%m}"
        return self._read(self._path.read_bytes(), month).requests if self._path.exists() else 0

    def _read(self, data: bytes, month: str) -> Usage:
        if not data.strip():
            return Usage(month, 0)
        try:
            usage = msgspec.json.decode(data, type=Usage)
        except msgspec.DecodeError:
            # A count that cannot be read must not become a fresh month.
            raise QuotaReached(f"{self._path} does not say how many requests were used; mend or remove it") from None
        return usage if usage.month == month else Usage(month, 0)
