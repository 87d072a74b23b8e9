"""What a pooled light was judged beside, where that was not the newest rows of its instant.

Airports and routes come on other records, perhaps from another shard, and a batch holds what it holds: live, a route
was judged by the rows of its airports that were known then. A change is logged with them (`rules/basis.py`). Where the
newest rows make a change and live there was none, rows are looked for that were known by then and make none either.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from itertools import chain, islice, product
from operator import attrgetter
from typing import Final, NamedTuple

import polars as pl

from rules.earlier import KEPT, earlier_than, quarter
from rules.evaluate import retrace, stays
from rules.pooled_features import BEFORE, Context, ContextKey, at_airport
from rules.replay import kpi_rows
from rules.rule import Rule
from schemas.lights import LightState
from schemas.rows import FLAT_COLUMNS, KpiRow, Scope, Window, ends_of

REACH: Final = timedelta(hours=12)
"""How far a row may lie from the one that was judged. Airports keep three hours; a replay brings hours in seconds."""

FAR: Final = timedelta(days=4)
"""How far an airport's may lie apart: a replay of a month in half an hour had one shard two days ahead of another. Of
one that is ahead the oldest kept must do (`alerts/neighbours.py`), the last of a quarter of an hour; of one that is
behind such are tried too."""

APART: Final = 2
"""Quarters by which the oldest rows kept of two airports of one shard differ."""

MOST_OF_ONE: Final = 40
"""Rows tried of one airport near, the nearest first."""

MOST_TRIED: Final = 8_000
"""Judgements for one light at one row, near it and far from it, some 100 µs each: what took more would be looked for in
vain all the same."""

MOST_BEFORE: Final = 2
"""Of these, rows tried of two hours before it."""

_OWN: Final[tuple[Window, ...]] = ("28d", "7d")
_Key = tuple[Scope, str, Window]
_at: Final = attrgetter("row.at")


class Quiet(NamedTuple):
    """A judgement that changes nothing, and the rows it takes."""

    state: LightState
    beside: str


class _End(NamedTuple):
    """An airport as it may have been seen, and what it was two hours before."""

    here: KpiRow | None
    before: KpiRow | None


class _Seen(NamedTuple):
    row: KpiRow
    known_at: datetime


class Known:
    """Rows of a few days and when each was known."""

    def __init__(self, days: Sequence["KnownDay"]) -> None:
        """Oldest day first."""
        self._days = days

    def of(self, scope: Scope, entity: str, window: Window, near: datetime, by: datetime) -> list[KpiRow]:
        """Those known `by` then and within REACH, the nearest to an instant first."""
        rows = self._rows((scope, entity, window), near - REACH, near + REACH, by)
        return sorted(rows, key=lambda one: (abs(one.at - near), -one.revision))

    def far(self, airport: str, of: datetime, by: datetime) -> dict[int, KpiRow]:
        """An airport's last row of each quarter of an hour, of those known `by` then; the nearest to an instant first,
        by quarters from there."""
        last = {quarter(row.at): row for row in self._rows(("airport", airport, "3h"), of - FAR, of + FAR, by)}
        return {at: last[at] for at in sorted(last, key=lambda at: abs(at - quarter(of)))}

    def _rows(self, key: _Key, first: datetime, last: datetime, by: datetime) -> list[KpiRow]:
        return [row for day in self._days for row in day.rows(key, first, last, by)]


class KnownDay:
    """The rows of a day, those of one entity and window made when first asked for: an airport is asked for again and
    again, and most routes never."""

    def __init__(self, frame: pl.DataFrame) -> None:
        """A frame of `kpi_row` with FLAT_COLUMNS beside, oldest first."""
        self.frame = frame
        self._made: dict[_Key, list[_Seen]] = {}

    @cached_property
    def _parts(self) -> dict[tuple[object, ...], pl.DataFrame]:
        return self.frame.partition_by("scope", "entity", "window", as_dict=True)

    def rows(self, key: _Key, first: datetime, last: datetime, by: datetime) -> list[KpiRow]:
        """Of one scope, entity and window those with `at` in [first, last] that were known `by` then, oldest first."""
        if (rows := self._made.get(key)) is None:
            rows = self._made[key] = self._make(key)
        stretch = rows[bisect_left(rows, first, key=_at) : bisect_right(rows, last, key=_at)]
        return [row for row, known_at in stretch if known_at <= by]

    def _make(self, key: _Key) -> list[_Seen]:
        part = self._parts.get(key)
        if part is None:
            return []
        known_at = [one.replace(tzinfo=UTC) for one in part["known_at"]]
        return list(map(_Seen, kpi_rows(part.select(list(FLAT_COLUMNS))), known_at))


def quietly_beside(
    rule: Rule, row: KpiRow, state: LightState, known: Known, now: datetime, by: datetime
) -> Quiet | None:
    """A judgement of a row beside others known `by` then that changes nothing; None if all that are tried do.

    Raises ValueError for a rule that does not pool.
    """
    if rule.model is None:
        raise ValueError(f"{rule.id} looks at no airport")
    typical = rule.model.typical
    own, ends = _own(row, known, by), ends_of(row.entity)
    tried: set[tuple[float, ...]] = set()
    for pairs in (_near(row, known, by, typical), _far(row, known, by, typical)):
        for pair in islice(pairs, MOST_TRIED):
            weighed = tuple(chain.from_iterable(at_airport(*end, typical) for end in pair))
            if weighed in tried:
                continue
            tried.add(weighed)
            context = {**own, **_beside(ends, pair)}
            if stays(rule, row, context, state, now):
                return Quiet(retrace(rule, row, context, state, now)[0], named(row, context))
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


def _near(row: KpiRow, known: Known, by: datetime, typical: float) -> Iterator[tuple[_End, ...]]:
    """Its airports around its instant, and what they were like before; those that lie near in both first."""
    found = []
    for end in ends_of(row.entity):
        rows = known.of("airport", end, "3h", row.at, by)[:MOST_OF_ONE]
        seen = (_End(one, before) for one in rows for before in _before(one, known, by))
        found.append(_distinct(seen, typical) or [_End(None, None)])
    places = product(*(range(len(ends)) for ends in found))
    for place in sorted(places, key=lambda at: (sum(at), at)):
        yield tuple(ends[at] for ends, at in zip(found, place, strict=True))


def _far(row: KpiRow, known: Known, by: datetime, typical: float) -> Iterator[tuple[_End, ...]]:
    """One or all of its airports far from it: behind, or ahead at the oldest row kept, beside which it has none of
    before."""
    ends = ends_of(row.entity)
    near = [next(iter(known.of("airport", end, "3h", row.at, by)), None) for end in ends]
    of_quarter = [known.far(end, row.at, by) for end in ends]

    @cache
    def end(one: KpiRow | None) -> _End:
        return _End(one, one if one is None or one.at > row.at else _before(one, known, by)[0])

    for number, rows in enumerate(of_quarter):
        for at, one in rows.items():
            for other in _beside_it(of_quarter[1 - number], at, near[1 - number]):
                yield (end(one), end(other)) if number == 0 else (end(other), end(one))


def _distinct(ends: Iterable[_End], typical: float) -> list[_End]:
    """The first of all that are weighed alike: at night an airport's rows are, for hours."""
    found: dict[tuple[float, ...], _End] = {}
    for end in ends:
        found.setdefault(at_airport(*end, typical), end)
    return list(found.values())


def _beside_it(rows: Mapping[int, KpiRow], at: int, near: KpiRow | None) -> Iterator[KpiRow | None]:
    yield near
    yield from (rows[other] for other in range(at - APART, at + APART + 1) if other in rows)


def _before(row: KpiRow, known: Known, by: datetime) -> Sequence[KpiRow]:
    """What it may have been like two hours before this row, the likeliest first; itself only where nothing was kept."""
    end = earlier_than(row.at)
    rows = known.of("airport", row.entity, "3h", end, by)
    return [one for one in rows if one.at <= end and row.at - one.at <= KEPT][:MOST_BEFORE] or [row]


def _beside(ends: Sequence[str], seen: Sequence[_End]) -> Context:
    found: dict[ContextKey, KpiRow] = {}
    for airport, (here, before) in zip(ends, seen, strict=True):
        if here is not None and before is not None:
            found["airport", airport, "3h"], found["airport", airport, BEFORE] = here, before
    return found


def named(row: KpiRow, context: Context) -> str:
    """The rows that are not of a row's own instant, in words."""
    others = [
        f"{key[1]} {key[2]} of {one.at:%d %H:%M:%S}"
        for key, one in context.items()
        if key[2] == BEFORE or (one.at != row.at and one.key != row.key)
    ]
    return ", ".join(others) or "none of its neighbours"
