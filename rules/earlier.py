"""What an airport was like two hours before its newest row: whether things get worse there or better.

The live path keeps of an airport the last row of each quarter of an hour (`alerts/neighbours.py`), and beside that
whatever a batch holds. So that the answer does not depend on batches, it is the newest row of the last quarter that was
over by then: at 12:07 that of 10:00 or before.
"""

from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Final

from rules.pooled_features import BEFORE, ContextKey
from schemas.rows import KpiRow

EARLIER: Final = timedelta(hours=2)
STEP: Final = timedelta(minutes=15)
KEPT: Final = timedelta(hours=3)
"""Older rows say nothing: EARLIER and a STEP, and room for those that come late."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def quarter(at: datetime) -> int:
    """Which quarter of an hour since the epoch; the instant that ends it belongs to it."""
    return -((_EPOCH - at) // STEP)


def earlier_than(at: datetime) -> datetime:
    """The end of the last quarter that was over EARLIER: the newest row up to then stands for it, if it was KEPT."""
    return _EPOCH + (at - EARLIER - _EPOCH) // STEP * STEP


class Earlier:
    """The rows of airports, oldest first, as far back as somebody may ask."""

    def __init__(self) -> None:
        self._rows: dict[str, deque[KpiRow]] = {}

    def note(self, row: KpiRow, context: dict[ContextKey, KpiRow]) -> None:
        """Put beside an airport's newest 3 h row what it was EARLIER; rows of others change nothing."""
        if row.scope == "airport" and row.window == "3h":
            context["airport", row.entity, BEFORE] = self.than(row)

    def than(self, row: KpiRow) -> KpiRow:
        """Of an airport's rows the newest that is EARLIER than this one, which is the newest; itself, if none is."""
        rows = self._rows.setdefault(row.entity, deque())
        rows.append(row)
        end = earlier_than(row.at)
        while len(rows) > 1 and (rows[1].at <= end or row.at - rows[0].at > KEPT):
            rows.popleft()
        return rows[0] if rows[0].at <= end else row
