"""What an airport was like two hours before its newest row: whether things get worse there or better."""

from collections import deque
from datetime import timedelta
from typing import Final

from rules.pooled_features import BEFORE, ContextKey
from schemas.rows import KpiRow

EARLIER: Final = timedelta(hours=2)


class Earlier:
    """The rows of airports, oldest first, as far back as somebody may ask."""

    def __init__(self) -> None:
        self._rows: dict[str, deque[KpiRow]] = {}

    def note(self, row: KpiRow, context: dict[ContextKey, KpiRow]) -> None:
        """Put beside an airport's newest 3 h row what it was EARLIER; rows of others change nothing."""
        if row.scope == "airport" and row.window == "3h":
            context["airport", row.entity, BEFORE] = self.than(row)

    def than(self, row: KpiRow) -> KpiRow:
        """Of an airport's rows the newest that is EARLIER than this one, which is the newest; the first, if none is."""
        rows = self._rows.setdefault(row.entity, deque())
        rows.append(row)
        while len(rows) > 1 and rows[1].at <= row.at - EARLIER:
            rows.popleft()
        return rows[0]
