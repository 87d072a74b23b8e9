"""What the rules of a route look at beside its own row: its airports as they were then, its own other windows.

Airports come on other records than routes, from another shard perhaps, and a replay packs hours into a batch. So an
airport keeps what it was like every quarter of an hour of the last three, and a route's row is judged by the newest
row of its airports that is not newer than itself, beside that of two hours earlier (`rules/earlier.py`). Of an airport
that is more than three hours ahead the oldest row kept must do: taken for unknown, it would make the route look better
than it is.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import chain
from typing import Final

from rules.earlier import KEPT, earlier_than, quarter
from rules.pooled_features import BEFORE, Context, ContextKey
from schemas.rows import KpiRow, Scope, Window, ends_of

WINDOW: Final[Window] = "3h"


class Neighbours:
    """The rows of airports around the instants of a batch."""

    def __init__(self, rows: Iterable[KpiRow] = ()) -> None:
        """Rows in any order; those of other scopes and windows are left out."""
        self._rows: dict[str, list[KpiRow]] = {}
        for row in rows:
            if row.scope == "airport" and row.window == WINDOW:
                self._rows.setdefault(row.entity, []).append(row)
        for of_airport in self._rows.values():
            of_airport.sort(key=_order)
        self._ats = {airport: [row.at for row in of_airport] for airport, of_airport in self._rows.items()}

    def context(self, row: KpiRow, own: Mapping[Window, KpiRow]) -> Context:
        """For a row of a route: its airports as of its `at`, and its own newest rows. Empty for other scopes."""
        if row.scope != "route":
            return {}
        found: dict[ContextKey, KpiRow] = {one.key: one for one in own.values()}
        for airport in ends_of(row.entity):
            if (known := self._as_of(airport, row.at)) is not None:
                found[known.key] = known
                found["airport", airport, BEFORE] = self._earlier(known)
        return found

    def _as_of(self, airport: str, at: datetime) -> KpiRow | None:
        rows = self._rows.get(airport)
        return rows[max(bisect_right(self._ats[airport], at) - 1, 0)] if rows else None

    def _earlier(self, known: KpiRow) -> KpiRow:
        then = self._as_of(known.entity, earlier_than(known.at))
        return then if then and then.at <= earlier_than(known.at) and known.at - then.at <= KEPT else known


def keep(scope: Scope, kept: Iterable[KpiRow], new: Iterable[KpiRow]) -> tuple[KpiRow, ...]:
    """Of an airport's rows the last of each quarter of an hour, as far as they reach back; nothing of other scopes."""
    if scope != "airport":
        return ()
    last: dict[int, KpiRow] = {}
    for row in sorted((one for one in chain(kept, new) if one.window == WINDOW), key=_order):
        last[quarter(row.at)] = row
    newest_at = max((row.at for row in last.values()), default=None)
    return tuple(row for row in last.values() if newest_at and newest_at - row.at <= KEPT)


def _order(row: KpiRow) -> tuple[datetime, int]:
    return row.at, row.revision
