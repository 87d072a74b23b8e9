"""What a pooled light was judged beside, where that was not the newest rows of its instant.

Airports and routes come on other records, perhaps from another shard, and a batch holds what it holds: live, a route
was judged by the rows of its airports that were known then. A change is logged with them (`rules/basis.py`). Where the
newest rows make a change and live there was none, rows are looked for that were known by then and make none either.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from itertools import chain, islice, product
from typing import Final, NamedTuple

import polars as pl

from rules.earlier import KEPT, earlier_than, quarter
from rules.evaluate import retrace
from rules.pooled_features import BEFORE, Context, ContextKey
from rules.replay import kpi_rows
from rules.rule import Rule
from schemas.lights import LightState
from schemas.rows import FLAT_COLUMNS, KpiRow, Scope, Window, ends_of, to_ms

REACH: Final = timedelta(hours=12)
"""How far a row may lie from the one that was judged. Airports keep three hours; a replay brings hours in seconds."""

FAR: Final = timedelta(days=4)
"""How far an airport's may lie apart: a replay of a month in half an hour had one shard two days ahead of another. Of
one that is ahead the oldest kept must do (`alerts/neighbours.py`), the last of a quarter of an hour; of one that is
behind such are tried too."""

APART: Final = 2
"""Quarters by which the oldest rows kept of two airports of one shard differ."""

MOST_OF_ONE: Final = 40
"""Rows tried of one airport, the nearest first."""

MOST_TRIED: Final = 8_000
"""Judgements for one light at one row, near it and far from it, some 150 µs each: what took more would be looked for in
vain all the same."""

MOST_BEFORE: Final = 2
"""Of these, rows tried of two hours before it."""

_OWN: Final[tuple[Window, ...]] = ("28d", "7d")
_Key = tuple[Scope, str, Window]
_Rows = Sequence[KpiRow | None]


class Quiet(NamedTuple):
    """A judgement that changes nothing, and the rows it takes."""

    state: LightState
    beside: str


class Known:
    """Rows of a few days and when each was known."""

    def __init__(self, days: Sequence["KnownDay"]) -> None:
        self._days = days

    def of(self, scope: Scope, entity: str, window: Window, near: datetime, by: datetime) -> list[KpiRow]:
        """Those known `by` then and within REACH, the nearest to an instant first."""
        rows = self._rows((scope, entity, window), near - REACH, near + REACH, by)
        return sorted(rows, key=lambda one: (abs(one.at - near), -one.revision))

    def far(self, airport: str, of: datetime, by: datetime) -> dict[int, KpiRow]:
        """An airport's last row of each quarter of an hour, of those known `by` then; the nearest to an instant first,
        by quarters from there."""
        rows = self._rows(("airport", airport, "3h"), of - FAR, of + FAR, by)
        last = {quarter(row.at): row for row in sorted(rows, key=lambda one: (one.at, one.revision))}
        return {at: last[at] for at in sorted(last, key=lambda at: abs(at - quarter(of)))}

    def _rows(self, key: _Key, first: datetime, last: datetime, by: datetime) -> list[KpiRow]:
        wanted = pl.col("at_ms").is_between(to_ms(first), to_ms(last)) & (
            pl.col("known_at") <= by.astimezone(UTC).replace(tzinfo=None)
        )
        return [one for day in self._days for one in day.rows(key, wanted)]


class KnownDay:
    """The rows of a day, by what they are of: to find one's among all of a day's took most of the time."""

    def __init__(self, frame: pl.DataFrame) -> None:
        """A frame of `kpi_row` with FLAT_COLUMNS beside."""
        self.frame = frame

    @cached_property
    def _parts(self) -> dict[tuple[object, ...], pl.DataFrame]:
        return self.frame.partition_by("scope", "entity", "window", as_dict=True)

    def rows(self, key: _Key, wanted: pl.Expr) -> list[KpiRow]:
        """Of one scope, entity and window those that are wanted."""
        part = self._parts.get(key)
        return [] if part is None else kpi_rows(part.filter(wanted).select(list(FLAT_COLUMNS)))


def quietly_beside(
    rule: Rule, row: KpiRow, state: LightState, known: Known, now: datetime, by: datetime
) -> Quiet | None:
    """A judgement of a row beside others known `by` then that changes nothing; None if all that are tried do."""
    own = _own(row, known, by)
    near, far = _near(row, known, by), _far(row, known, by)
    for airports in chain(islice(near, MOST_TRIED), islice(far, MOST_TRIED)):
        context = {**own, **airports}
        after, made = retrace(rule, row, context, state, now)
        if made is None:
            return Quiet(after, named(row, context))
    return None


def _own(row: KpiRow, known: Known, by: datetime) -> Context:
    """The route's own rows: the newest of each window up to this one."""
    own: dict[ContextKey, KpiRow] = {row.key: row}
    for window in _OWN:
        for one in known.of("route", row.entity, window, row.at, by):
            if one.at <= row.at:
                own[one.key] = one
                break
    return own


def _near(row: KpiRow, known: Known, by: datetime) -> Iterator[Context]:
    """Its airports around its instant, and what they were like before."""
    ends = ends_of(row.entity)
    airports: list[_Rows] = [known.of("airport", end, "3h", row.at, by)[:MOST_OF_ONE] or [None] for end in ends]
    before: dict[int, _Rows] = {}  # by row: looking one up costs a hundred times what a judgement does
    for here in _nearest_first(airports):
        for airport in here:
            if airport and id(airport) not in before:
                before[id(airport)] = _before(airport, known, by)
        for then in product(*(before[id(airport)] if airport else [None] for airport in here)):
            yield _beside(ends, here, then)


def _far(row: KpiRow, known: Known, by: datetime) -> Iterator[Context]:
    """One or all of its airports far from it: behind, or ahead at the oldest row kept, beside which it has none of
    before."""
    ends = ends_of(row.entity)
    near = [next(iter(known.of("airport", end, "3h", row.at, by)), None) for end in ends]
    of_quarter = [known.far(end, row.at, by) for end in ends]

    @cache
    def before(one: KpiRow | None) -> KpiRow | None:
        return one if one is None or one.at > row.at else _before(one, known, by)[0]

    for number, rows in enumerate(of_quarter):
        for at, one in rows.items():
            for other in _beside_it(of_quarter[1 - number], at, near[1 - number]):
                here = [one, other] if number == 0 else [other, one]
                yield _beside(ends, here, [before(airport) for airport in here])


def _beside_it(rows: Mapping[int, KpiRow], at: int, near: KpiRow | None) -> Iterator[KpiRow | None]:
    yield near
    yield from (rows[other] for other in range(at - APART, at + APART + 1) if other in rows)


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
