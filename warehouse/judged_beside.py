"""What a pooled light was judged beside, where that was not the newest rows of its instant.

Airports and routes come on other records, perhaps from another shard, and a batch holds what it holds: live, a route
was judged by the rows of its airports that were known then. A change is logged with them (`rules/basis.py`). Where the
newest rows make a change and live there was none, rows are looked for that were known by then and make none either.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, product
from typing import Final, NamedTuple

import polars as pl

from rules.earlier import KEPT, earlier_than
from rules.evaluate import retrace
from rules.pooled_features import BEFORE, Context, ContextKey
from rules.replay import kpi_rows
from rules.rule import Rule
from schemas.lights import LightState
from schemas.rows import FLAT_COLUMNS, KpiRow, Scope, Window, ends_of, to_ms

REACH: Final = timedelta(hours=12)
"""How far a row may lie from the one that was judged. Airports keep three hours; a replay brings hours in seconds, and
one shard half a day before another."""

MOST_OF_ONE: Final = 40
"""Rows tried of one airport, the nearest first."""

MOST_TRIED: Final = 2_000
"""Judgements for one light at one row, some 150 µs each: what took more would be looked for in vain all the same."""

MOST_BEFORE: Final = 2
"""Of these, rows tried of two hours before it."""

_OWN: Final[tuple[Window, ...]] = ("28d", "7d")
_Rows = Sequence[KpiRow | None]


class Quiet(NamedTuple):
    """A judgement that changes nothing, and the rows it takes."""

    state: LightState
    beside: str


class Known:
    """Rows of a few days and when each was known."""

    def __init__(self, frames: Sequence[pl.DataFrame]) -> None:
        """Frames of `kpi_row` with FLAT_COLUMNS beside."""
        self._frames = frames

    def of(self, scope: Scope, entity: str, window: Window, near: datetime, by: datetime) -> list[KpiRow]:
        """Those known `by` then, the nearest to an instant first."""
        wanted = (
            (pl.col("scope") == scope)
            & (pl.col("entity") == entity)
            & (pl.col("window") == window)
            & (pl.col("known_at") <= by.astimezone(UTC).replace(tzinfo=None))
            & pl.col("at_ms").is_between(to_ms(near - REACH), to_ms(near + REACH))
        )
        rows = [one for frame in self._frames for one in kpi_rows(frame.filter(wanted).select(list(FLAT_COLUMNS)))]
        return sorted(rows, key=lambda one: (abs(one.at - near), -one.revision))


def quietly_beside(
    rule: Rule, row: KpiRow, state: LightState, known: Known, now: datetime, by: datetime
) -> Quiet | None:
    """A judgement of a row beside others known `by` then that changes nothing; None if all that are tried do."""
    for context in islice(_contexts(row, known, by), MOST_TRIED):
        after, made = retrace(rule, row, context, state, now)
        if made is None:
            return Quiet(after, named(row, context))
    return None


def _contexts(row: KpiRow, known: Known, by: datetime) -> Iterator[Context]:
    """The route's own rows are the newest up to this one; its airports' change first, and what they were like before
    with them."""
    ends = ends_of(row.entity)
    airports: list[_Rows] = [known.of("airport", end, "3h", row.at, by)[:MOST_OF_ONE] or [None] for end in ends]
    own: dict[ContextKey, KpiRow] = {row.key: row}
    for window in _OWN:
        for one in known.of("route", row.entity, window, row.at, by):
            if one.at <= row.at:
                own[one.key] = one
                break
    before: dict[int, _Rows] = {}  # by row: looking one up costs a hundred times what a judgement does
    for here in _nearest_first(airports):
        for airport in here:
            if airport and id(airport) not in before:
                before[id(airport)] = _before(airport, known, by)
        for then in product(*(before[id(airport)] if airport else [None] for airport in here)):
            yield {**own, **_beside(ends, here, then)}


def _nearest_first(airports: Sequence[_Rows]) -> Iterator[_Rows]:
    """One row of each, those that lie near in all of them first."""
    places = product(*(range(len(rows)) for rows in airports))
    for place in sorted(places, key=lambda at: (sum(at), at)):
        yield [rows[at] for rows, at in zip(airports, place, strict=True)]


def _before(row: KpiRow, known: Known, by: datetime) -> _Rows:
    """What it may have been like two hours before this row, the likeliest first; itself only where nothing was kept."""
    end = earlier_than(row.at)
    rows = known.of("airport", row.entity, "3h", end, by)
    return [one for one in rows if one.at <= end and row.at - one.at <= KEPT][:MOST_BEFORE] or [row]


def _beside(ends: Sequence[str], airports: _Rows, before: _Rows) -> Context:
    found: dict[ContextKey, KpiRow] = {}
    for airport, here, then in zip(ends, airports, before, strict=True):
        if here is not None and then is not None:
            found["airport", airport, "3h"], found["airport", airport, BEFORE] = here, then
    return found


def named(row: KpiRow, context: Context) -> str:
    """The rows that are not of a row's own instant, in words."""
    others = [
        f"{key[1]} {key[2]} of {one.at:%d %H:%M:%S}"
        for key, one in context.items()
        if key[2] == BEFORE or (one.at != row.at and one.key != row.key)
    ]
    return ", ".join(others) or "none of its neighbours"
