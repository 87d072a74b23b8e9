"""How KPIs moved: rows off the KPI stream, thinned and kept in memory for a day of event time.

The stores hold only the newest row of each window; what was before stands on the stream for its retention. Nothing is
consumed: readers of a Kinesis stream do not take from each other, and of the five reads a second that a shard allows
this makes one.
"""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Final

from alerts.kpi_stream import KpiStream
from schemas.errors import Transient
from schemas.rows import KpiRow, Window

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

EVERY: Final = timedelta(minutes=30)
"""Event time between two points: 48 a day draw a line, and 300 entities with three windows take 40 MB."""
POINTS: Final = 97
"""Two days."""


class Trends:
    """The thinned rows of each entity and window, oldest first; the newest row of each half hour. Safe for threads."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, Window], deque[KpiRow]] = {}
        self._lock = Lock()

    def add(self, rows: Iterable[KpiRow]) -> None:
        """Rows as they come; one that is older than the newest is left out."""
        with self._lock:
            for row in rows:
                kept = self._rows.setdefault((f"{row.scope}#{row.entity}", row.window), deque(maxlen=POINTS))
                if kept and (row.at, row.revision) <= (kept[-1].at, kept[-1].revision):
                    continue
                if kept and _bucket(row.at) == _bucket(kept[-1].at):
                    kept.pop()
                kept.append(row)

    def rows(self, key: str, window: Window) -> tuple[KpiRow, ...]:
        """Of an entity ("route#JFK-LAX")."""
        with self._lock:
            return tuple(self._rows.get((key, window), ()))


def _bucket(at: datetime) -> int:
    return int(at.timestamp() // EVERY.total_seconds())


class RowTail:
    """The stream from some instant on. Raises Transient when Kinesis is away, busy or refuses."""

    def __init__(self, kinesis: "KinesisClient", stream: str, since: datetime) -> None:
        self._kinesis = kinesis
        self._name = stream
        self._since = since
        self._stream: KpiStream | None = None

    def next(self) -> list[KpiRow]:
        """The rows of one look at every shard; empty when nothing is new. What holds no rows is skipped."""
        try:
            self._stream = self._stream or KpiStream(self._kinesis, self._name, self._since)
            arrived = list(self._stream.look())
        except Transient:
            self._stream = None  # an expired iterator does not come back; what comes twice is left out
            raise
        if arrived:
            self._since = max(one.at for one in arrived)
        return [row for one in arrived for row in one.rows]
