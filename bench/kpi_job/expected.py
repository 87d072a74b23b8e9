"""What must come out of a load, computed without any of the engines: the facts of its events, added up in numpy.

What an event adds is `warehouse/facts.py`'s statement, which shares nothing with the KPI job's SQL.
"""

from datetime import timedelta
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from bench.kpi_job.made_up import KINDS, VARIANTS, Route, event, routes
from bench.kpi_job.shape import PANE_MS, START_MS, Shape
from bench.kpi_job.templates import event_id
from schemas.measures import MEASURE_NAMES
from schemas.rows import WINDOW_LENGTH, Scope, Window
from warehouse.facts import facts_of

Integers = NDArray[np.int64]

COUNTED: Final = ("events", *MEASURE_NAMES)
"""What a row counts, in this order in every array here."""


class Panes(NamedTuple):
    """`values[pane, entity, COUNTED]`: what came in (at - 1 min, at], `at` = the load's start + (pane + 1) min."""

    entities: list[str]
    values: Integers


def route_panes(shape: Shape) -> Panes:
    """The panes of every route."""
    flown = routes(shape.routes)
    adds = _contributions(flown, min(VARIANTS, shape.minutes))
    slots = shape.slots()
    values = np.empty((shape.minutes, shape.routes, len(COUNTED)), np.int64)
    for minute in range(shape.minutes):
        sent = np.zeros((KINDS, shape.routes), np.int64)
        chosen = slots[: shape.events_in(minute)]
        np.add.at(sent, ([slot.kind for slot in chosen], [slot.route for slot in chosen]), 1)
        values[minute] = np.einsum("kr,krc->rc", sent, adds[shape.variant(minute)])
    return Panes([route.entity for route in flown], values)


def _contributions(flown: list[Route], variants: int) -> Integers:
    """What one event adds: [variant, kind, route, COUNTED]."""
    wanted = [(route, kind, variant) for variant in range(variants) for kind in range(KINDS) for route in flown]
    events = [event(*key, event_id(key[1], number)) for number, key in enumerate(wanted)]
    facts = {row[0]: row[1:] for row in facts_of(events).select("event_id", *MEASURE_NAMES).iter_rows()}
    rows = [(1, *facts[event.event_id]) for event in events]
    return np.array(rows, np.int64).reshape(variants, KINDS, len(flown), len(COUNTED))


def by_scope(shape: Shape, panes: Panes, scope: Scope) -> Panes:
    """The panes of a scope's entities, of those of the routes: a flight counts at both its airports."""
    if scope == "route":
        return panes
    members: dict[str, list[int]] = {}
    for number, route in enumerate(routes(shape.routes)):
        for entity in (route.origin, route.destination) if scope == "airport" else (route.carrier,):
            members.setdefault(entity, []).append(number)
    values = np.stack([panes.values[:, flown].sum(axis=1) for flown in members.values()], axis=1)
    return Panes(list(members), values)


class Trailing:
    """The rows of a scope: one for each pane in which an entity had an event, in each of the scope's windows."""

    def __init__(self, panes: Panes) -> None:
        self._sums = np.concatenate([np.zeros_like(panes.values[:1]), panes.values.cumsum(axis=0)])
        self.place = {entity: number for number, entity in enumerate(panes.entities)}
        self.due = panes.values[:, :, 0] > 0
        """[pane, entity]: whether rows come out."""

    @classmethod
    def of(cls, shape: Shape, panes: Panes, scope: Scope) -> Self:
        """Those of a scope, from the panes of the routes."""
        return cls(by_scope(shape, panes, scope))

    def values(self, window: Window, pane: Integers, entity: Integers) -> Integers:
        """The COUNTED of (at - length, at] for each pair of pane and entity."""
        length = WINDOW_LENGTH[window] // timedelta(milliseconds=PANE_MS)
        before = np.maximum(pane + 1 - length, 0)
        trailing: Integers = self._sums[pane + 1, entity] - self._sums[before, entity]
        return trailing


def pane_of(at_ms: int) -> int:
    """The number of the pane that ends at an instant; -1 or less before the load."""
    return (at_ms - START_MS) // PANE_MS - 1
