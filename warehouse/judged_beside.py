"""What a pooled light was judged beside, where that was not the newest rows of its instant.

Airports and routes come on other records, perhaps from another shard, and a batch holds what it holds: live, a route
was judged by the rows of its airports that were known then. Which they were the log does not say, but it has their
counts, the expected misses and the risk that came of them. Here rows are looked for that were known by then and give
exactly these.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, product
from typing import Final, NamedTuple

import polars as pl

from rules.earlier import KEPT, earlier_than
from rules.evaluate import evaluate
from rules.evidence import weigh
from rules.pooled_features import BEFORE, Context, ContextKey
from rules.recent import follow
from rules.replay import kpi_rows
from rules.rule import Rule
from schemas.lights import LightState, Pooled, Transition
from schemas.measures import POSITION
from schemas.rows import FLAT_COLUMNS, KpiRow, Scope, Window, ends_of, to_ms
from warehouse.lights_parity import Change, differs

REACH: Final = timedelta(hours=12)
"""How far a row may lie from the one that was judged. Airports keep three hours; a replay brings hours in seconds, and
one shard half a day before another."""

MOST_OF_ONE: Final = 40
"""Rows tried of one airport, the nearest first."""

MOST_TRIED: Final = 5_000
"""Contexts weighed for one light at one row, some 150 µs each: what took more would be looked for in vain all the same,
and one light that is not what its rows make differs from then on at every row."""

MOST_OWN: Final = 3
"""Rows tried of the route's own week and month."""

_COUNTS: Final = (POSITION["arrivals_on_time"], POSITION["flights"])
_OWN: Final[tuple[Window, ...]] = ("28d", "7d")
_Rows = Sequence[KpiRow | None]


class Found(NamedTuple):
    """The judgement that agrees with the log, and the rows it took."""

    state: LightState
    transition: Transition | None
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


def judged_beside(
    rule: Rule, row: KpiRow, state: LightState, known: Known, told: Change | None, now: datetime
) -> Found | None:
    """The judgement of a row that makes what the log tells of it, a change or None; None if no known rows make it."""
    said = told.transition.evidence.pooled if told else None
    by = told.known_at if told else now
    for context in _contexts(rule, row, state, known, said, by):
        after, made = evaluate(rule, row, context, state, now)
        if not differs(told, made):
            return Found(after, made, _named(row, context))
    return None


def _contexts(
    rule: Rule, row: KpiRow, state: LightState, known: Known, said: Pooled | None, by: datetime
) -> Iterator[Context]:
    """With `said`, only airports with its counts are tried, and of those only what gives its misses; then all that they
    may have been like two hours before. Where nothing was said, only the newest of that."""
    ends = ends_of(row.entity)
    airports: list[_Rows] = []
    for airport in ends:
        rows = known.of("airport", airport, "3h", row.at, by)
        counts = {(part.met, part.of) for part in said.parts if part.entity == airport} if said else set()
        fitting = [one for one in rows if not counts or tuple(one.measures[at] for at in _COUNTS) in counts]
        airports.append(fitting[:MOST_OF_ONE] or [None])
    own: list[_Rows] = [
        [one for one in known.of("route", row.entity, window, row.at, by) if one.at <= row.at][:MOST_OWN] or [None]
        for window in _OWN
    ]
    recent = follow(state.recent, row)
    then: dict[int, _Rows] = {}  # by row: looking one up costs a hundred times what weighing does
    for month, week, *here in islice(product(*own, *airports), MOST_TRIED):
        for one in here:
            if one and id(one) not in then:
                then[id(one)] = _before(one, known, by)
        befores = [then[id(one)] if one else [None] for one in here]
        plain = _context(row, (month, week), ends, here, [of_one[0] for of_one in befores])
        if said is None:
            yield plain
            continue
        pooled = weigh(rule, row, plain, by, recent).evidence.pooled
        if pooled and (pooled.miss, pooled.ahead) == (said.miss, said.ahead):
            for before in islice(product(*befores), MOST_TRIED):
                yield _context(row, (month, week), ends, here, before)


def _before(row: KpiRow, known: Known, by: datetime) -> _Rows:
    """What it may have been like two hours before this row, the likeliest first; itself where nothing was kept."""
    end = earlier_than(row.at)
    rows = known.of("airport", row.entity, "3h", end, by)
    return [*(one for one in rows if one.at <= end and row.at - one.at <= KEPT), row][:MOST_OF_ONE]


def _context(row: KpiRow, own: _Rows, ends: Sequence[str], airports: _Rows, before: _Rows) -> Context:
    found: dict[ContextKey, KpiRow] = {row.key: row}
    found |= {one.key: one for one in own if one is not None}
    for airport, here, then in zip(ends, airports, before, strict=True):
        if here is not None and then is not None:
            found["airport", airport, "3h"], found["airport", airport, BEFORE] = here, then
    return found


def _named(row: KpiRow, context: Context) -> str:
    others = [
        f"{key[1]} {key[2]} of {one.at:%d %H:%M:%S}"
        for key, one in context.items()
        if key[2] == BEFORE or (one.at != row.at and one is not row)
    ]
    return ", ".join(others) or "none of its neighbours"
