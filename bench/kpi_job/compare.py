"""Is what an engine put out what had to come out? Every row of ours, every pane of the others."""

from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec
import numpy as np

from bench.kpi_job.expected import COUNTED, Integers, Panes, Trailing, pane_of, route_panes
from bench.kpi_job.made_up import routes
from bench.kpi_job.shape import Shape
from schemas.measures import MEASURE_NAMES
from schemas.rows import SCOPES, WINDOWS_OF_SCOPE, KpiRow, Scope, Window, to_ms, unpack_rows

MEASURES_OF_ALL: Final = (
    "flights",
    "arrivals_on_time",
    "seat_km",
    "ticket_revenue",
    "carrier_delay_minutes",
    "satisfied",
)
"""What the other engines add up; ours adds up all of `schemas/measures.py`."""

MOST_NAMED: Final = 5


class Pane(NamedTuple):
    """What another engine says of a route's minute: `sums` are of MEASURES_OF_ALL."""

    entity: str
    at_ms: int
    events: int
    sums: tuple[int, ...]


class Finding(msgspec.Struct):
    """What a comparison found. Nothing in `problems` means equal."""

    compared: int = 0
    problems: list[str] = msgspec.field(default_factory=list)
    unnamed: int = 0

    def add(self, problem: str) -> None:
        """One difference; only the first few are kept word for word."""
        if len(self.problems) < MOST_NAMED:
            self.problems.append(problem)
        else:
            self.unnamed += 1

    def said(self) -> list[str]:
        """The differences, the unnamed ones by their number."""
        return [*self.problems, *([f"and {self.unnamed} more differences"] if self.unnamed else [])]


def compare_panes(shape: Shape, expected: Panes, found: Iterable[Pane]) -> Finding:
    """Panes of routes, in any order, each once."""
    columns = [COUNTED.index(name) for name in ("events", *MEASURES_OF_ALL)]
    wanted = expected.values[:, :, columns]
    seen = np.zeros(wanted.shape[:2], bool)
    place = {entity: number for number, entity in enumerate(expected.entities)}
    finding = Finding()
    for entity, at_ms, events, sums in found:
        finding.compared += 1
        pane, number = pane_of(at_ms), place.get(entity, -1)
        if number < 0 or not 0 <= pane < shape.minutes:
            finding.add(f"{entity} at {at_ms}: no such pane in the load")
        elif seen[pane, number]:
            finding.add(f"{entity} at {at_ms}: came twice")
        else:
            seen[pane, number] = True
            if (events, *sums) != tuple(wanted[pane, number]):
                finding.add(f"{entity} at {at_ms}: {(events, *sums)}, expected {tuple(map(int, wanted[pane, number]))}")
    if missing := int(((wanted[:, :, 0] > 0) & ~seen).sum()):
        finding.add(f"{missing} panes are missing")
    return finding


class RowCheck:
    """Takes packed KPI rows as they come and holds all they say, of every scope and window, against the load."""

    def __init__(self, shape: Shape, panes: Panes | None = None) -> None:
        of_routes = panes or route_panes(shape)
        self._shape = shape
        self._expected = {scope: Trailing.of(shape, of_routes, scope) for scope in SCOPES}
        self._flown_by = {route.entity: (route.carrier,) for route in routes(shape.routes)}
        self._seen = {
            (scope, window): np.zeros_like(self._expected[scope].due)
            for scope in SCOPES
            for window in WINDOWS_OF_SCOPE[scope]
        }
        self._finding = Finding()

    @property
    def rows_due(self) -> int:
        """How many rows must come out."""
        return sum(int(self._expected[scope].due.sum()) for scope, _window in self._seen)

    def take(self, record: bytes) -> None:
        """One stream record. Raises InvalidRow if it holds no packed rows."""
        groups: dict[tuple[Scope, Window], list[KpiRow]] = {}
        for row in unpack_rows(record):
            groups.setdefault((row.scope, row.window), []).append(row)
        for (scope, window), rows in groups.items():
            self._take(scope, window, rows)

    def finish(self) -> Finding:
        """What was found, rows that never came included."""
        for (scope, window), seen in self._seen.items():
            if missing := int((self._expected[scope].due & ~seen).sum()):
                self._finding.add(f"{missing} rows of {scope} {window} are missing")
        return self._finding

    def _take(self, scope: Scope, window: Window, rows: list[KpiRow]) -> None:
        expected, seen = self._expected[scope], self._seen[scope, window]
        self._finding.compared += len(rows)
        known = [row for row in rows if self._is_due(expected, row)]
        if not known:
            return
        pane = np.array([pane_of(to_ms(row.at)) for row in known], np.int64)
        entity = np.array([expected.place[row.entity] for row in known], np.int64)
        got = np.array([(row.events, *row.measures) for row in known], np.int64)
        wanted = expected.values(window, pane, entity)
        for number in np.flatnonzero((got != wanted).any(axis=1)):
            self._finding.add(_difference(known[number], got[number], wanted[number]))
        for row in known:
            flown_by = self._flown_by[row.entity] if (scope, window) == ("route", "24h") else ()
            if row.flown_by != flown_by:
                self._finding.add(f"{_name(row)}: flown by {row.flown_by}, expected {flown_by}")
        repeated = seen[pane, entity]
        for number in np.flatnonzero(repeated):
            self._finding.add(f"{_name(known[number])}: came twice")
        seen[pane, entity] = True
        if len({(row.entity, row.at) for row in known}) < len(known):
            self._finding.add(f"{scope} {window}: a row twice in one record")

    def _is_due(self, expected: Trailing, row: KpiRow) -> bool:
        pane = pane_of(to_ms(row.at))
        entity = expected.place.get(row.entity, -1)
        due = entity >= 0 and 0 <= pane < self._shape.minutes and bool(expected.due[pane, entity])
        if not due:
            self._finding.add(f"{_name(row)}: no such row is due")
        return due


def _name(row: KpiRow) -> str:
    return f"{row.scope} {row.entity} {row.window} at {row.at.isoformat()}"


def _difference(row: KpiRow, got: Integers, wanted: Integers) -> str:
    names = ("events", *MEASURE_NAMES)
    wrong = [f"{names[i]} {got[i]} for {wanted[i]}" for i in np.flatnonzero(got != wanted)]
    return f"{_name(row)}: {', '.join(wrong[:4])}"
