"""A catalogue over rows of the past: every light at every row, by the very `evaluate` that judges live ones."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from rules.earlier import Earlier
from rules.evaluate import retrace
from rules.load import Catalog
from rules.pooled_features import ContextKey
from rules.warm_up import recents
from schemas.lights import Light, LightState, Transition
from schemas.measures import MEASURE_NAMES
from schemas.rows import FLAT_COLUMNS, WINDOW_LENGTH, KpiRow, from_ms, to_ms

CHUNK: Final = timedelta(days=7)
"""Read at a time: a week of hourly rows of 224 routes is 250,000, some 300 MB as objects."""

WARM_UP: Final = timedelta(days=2)
"""Before the first instant that counts: a light that is red by then is not of this stretch. What pooled evidence knows
of a route's hours is taken from all rows before (`warm_up.py`)."""


class Judged(NamedTuple):
    """One light at one row; `transition` if the row changed it."""

    rule: str
    entity: str
    at: datetime
    light: Light
    transition: Transition | None


def replay(
    path: Path, catalog: Catalog, first: datetime, until: datetime, seen: Callable[[int], None] = lambda _rows: None
) -> Iterator[Judged]:
    """Every light of every row with `at` in [first, until), after WARM_UP; oldest row first.

    Rows of one instant are taken airports first and longest window first, so that a route sees its neighbours as they
    were at that instant. Wall time is each row's own `ingested_at`: nothing is stale in a replay. `seen` is told how
    many rows each chunk has. Raises OSError, or ValueError if these are no KPI rows.
    """
    states: dict[tuple[str, str], LightState] = {}
    context: dict[ContextKey, KpiRow] = {}
    earlier = Earlier()
    start = first - WARM_UP
    if catalog.pools:
        known = recents(path, start)
        pooled = [rule.id for rule in catalog.rules.values() if rule.model]
        states |= {(rule, route): LightState(recent=recent) for rule in pooled for route, recent in known.items()}
    while start < until:
        end = min(start + CHUNK, until)
        rows = _rows(path, catalog, start, end)
        for row in rows:
            context[row.key] = row
            earlier.note(row, context)
            entity, at, now = row.entity, row.at, row.ingested_at
            counts = at >= first
            for rule in catalog.rules_for(row):
                key = (rule.id, entity)
                state, transition = retrace(rule, row, context, states.get(key, _GREY), now)
                states[key] = state
                if counts:
                    yield Judged(rule.id, entity, at, state.light, transition)
        seen(len(rows))
        start = end


_GREY: Final = LightState()


def _rows(path: Path, catalog: Catalog, start: datetime, end: datetime) -> list[KpiRow]:
    try:
        frame = (
            pl.scan_parquet(path)
            .filter((pl.col("at_ms") >= to_ms(start)) & (pl.col("at_ms") < to_ms(end)) & asked_by(catalog))
            .sort("at_ms", *OF_ONE_INSTANT)
            .collect()
        )
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"{path}: not KPI rows: {error}") from error
    return kpi_rows(frame)


def asked_by(catalog: Catalog) -> pl.Expr:
    """Whether any rule reads a row, by its scope and window."""
    wanted = {(rule.scope, rule.window) for rule in catalog.rules.values()}
    if catalog.pools:
        wanted |= {("airport", "3h"), ("route", "7d"), ("route", "28d")}
    return pl.any_horizontal(
        (pl.col("scope") == scope) & (pl.col("window") == window) for scope, window in sorted(wanted)
    )


OF_ONE_INSTANT: Final = (
    pl.col("revision"),
    pl.col("scope") != "airport",
    pl.col("window").replace_strict({w: -length.total_seconds() for w, length in WINDOW_LENGTH.items()}),
    pl.col("entity"),
)
"""The order of rows of one instant: airports first and the longest window first, so that routes see their neighbours as
they were then."""


def kpi_rows(frame: pl.DataFrame) -> list[KpiRow]:
    """The rows of a table with FLAT_COLUMNS, in its order. Who flies there no rule asks, and old tables do not say."""
    return [_row(values) for values in frame.select(*_JUDGED).iter_rows()]


_JUDGED: Final = [name for name in FLAT_COLUMNS if name != "flown_by"]
_HEAD: Final = len(_JUDGED) - len(MEASURE_NAMES)


def _row(values: tuple[object, ...]) -> KpiRow:
    scope, entity, window, at_ms, revision, ingested_at_ms, events = values[:_HEAD]
    return KpiRow(scope, entity, window, _at(at_ms), revision, _at(ingested_at_ms), events, values[_HEAD:])  # type: ignore[arg-type]


_at = lru_cache(maxsize=1024)(from_ms)
"""Hundreds of rows are of one instant."""
