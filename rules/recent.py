"""When what a trailing 24 h row holds came into it: the half of it that is the last twelve hours, for instance.

A row says how many flights closed within 24 hours, not when. But from row to row it gains what is new and loses what
has become a day old, and what it loses is known: it is what it gained a day ago. So the gains are kept by the hour, and
the sums of the hours are always the row's. Of the first row nobody knows; its flights leave first, and what of them is
left after a day is spread over the hours.
"""

from cmath import rect
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import tau
from typing import Final

from schemas.lights import Hour, Recent
from schemas.measures import POSITION
from schemas.rows import KpiRow, to_ms

HOUR_MS: Final = timedelta(hours=1) // timedelta(milliseconds=1)
HOURS: Final = 24
Counts = tuple[float, float, float, float]
"""Flights, those of them that missed, departures, those of them that were late."""

_FLIGHTS: Final = POSITION["flights"]
_ON_TIME: Final = POSITION["arrivals_on_time"]
_DEPARTURES: Final = POSITION["departures"]
_DEPARTED_ON_TIME: Final = POSITION["departures_on_time"]


def counts(row: KpiRow) -> Counts:
    """What is kept of a row."""
    of = row.measures
    return of[_FLIGHTS], of[_FLIGHTS] - of[_ON_TIME], of[_DEPARTURES], of[_DEPARTURES] - of[_DEPARTED_ON_TIME]


def follow(recent: Recent | None, row: KpiRow) -> Recent:
    """The hours after a row that is newer than those before."""
    return gained(recent, to_ms(row.at), counts(row))


def gained(recent: Recent | None, at_ms: int, now: Counts) -> Recent:
    """The same for what is kept of a row."""
    hour, oldest = -(-at_ms // HOUR_MS), at_ms // HOUR_MS - HOURS + 1
    if recent is None:
        return Recent(until=hour + HOURS, unplaced=now, hours=())
    alive, unplaced = recent.hours, recent.unplaced
    if alive and alive[0].hour < oldest:
        alive = tuple(one for one in alive if one.hour >= oldest)
    if hour >= recent.until and any(unplaced):
        alive, unplaced = _spread(alive, unplaced, hour), _NOTHING
    held = _total(alive, unplaced)
    if held == now:
        if alive is recent.hours and unplaced is recent.unplaced:
            return recent
        return Recent(until=recent.until, unplaced=unplaced, hours=alive)
    new = [0.0, 0.0, 0.0, 0.0]
    for measure in range(4):
        if (gain := now[measure] - held[measure]) < 0:
            unplaced, alive = _take(unplaced, alive, measure, -gain)
        else:
            new[measure] = gain
    if any(new):
        if alive and alive[-1].hour == hour:
            new = [have + more for have, more in zip(alive[-1].counts, new, strict=True)]
            alive = alive[:-1]
        alive = (*alive, Hour(hour, (new[0], new[1], new[2], new[3])))
    return Recent(until=recent.until, unplaced=unplaced, hours=alive)


def within(recent: Recent, at: datetime, hours: int) -> Counts:
    """What came in the last hours (whole ones of the clock; that of `at` is one); of what is unplaced its share."""
    return spans(recent, at, (hours,))[0]


def spans(recent: Recent, at: datetime, lengths: tuple[int, ...]) -> list[Counts]:
    """`within` for several numbers of hours, the shortest first."""
    now = -(-to_ms(at) // HOUR_MS)
    newest_first = iter(reversed(recent.hours))
    one = next(newest_first, None)
    sums = [0.0, 0.0, 0.0, 0.0]
    found = []
    for hours in lengths:
        while one is not None and one.hour > now - hours:
            for measure in range(4):
                sums[measure] += one.counts[measure]
            one = next(newest_first, None)
        share = hours / HOURS
        a, b, c, d = recent.unplaced
        found.append((sums[0] + share * a, sums[1] + share * b, sums[2] + share * c, sums[3] + share * d))
    return found


_HAND: Final = tuple(rect(1.0, tau * age / HOURS) for age in range(HOURS))


def turn(recent: Recent, at: datetime) -> complex:
    """The flights of a day on a dial of 24 hours, each a hand that stands at its age, added up.

    The real part is large in the middle of the day's flying and least in the middle of the night, the imaginary one
    largest six hours after that middle and least six before. What is unplaced stands everywhere, so it adds nothing.
    """
    now, total = -(-to_ms(at) // HOUR_MS), 0j
    for one in recent.hours:
        if (flights := one.counts[0]) and (age := now - one.hour) < HOURS:
            total += flights * _HAND[age]
    return total


_NOTHING: Final[Counts] = (0.0, 0.0, 0.0, 0.0)


def _total(hours: Sequence[Hour], unplaced: Counts) -> Counts:
    a, b, c, d = unplaced
    for one in hours:
        of = one.counts
        a += of[0]
        b += of[1]
        c += of[2]
        d += of[3]
    return a, b, c, d


def _spread(hours: Sequence[Hour], unplaced: Counts, hour: int) -> tuple[Hour, ...]:
    of_hour = {one.hour: one.counts for one in hours}
    part = [count / HOURS for count in unplaced]
    spread = []
    for one in range(hour - HOURS + 1, hour + 1):
        have = of_hour.get(one, _NOTHING)
        spread.append(Hour(one, (have[0] + part[0], have[1] + part[1], have[2] + part[2], have[3] + part[3])))
    return tuple(one for one in spread if any(one.counts))


def _take(unplaced: Counts, hours: Sequence[Hour], measure: int, lost: float) -> tuple[Counts, tuple[Hour, ...]]:
    """What was lost is the oldest: what is unplaced, then the hours in order. Corrections may leave less than none."""
    left = list(unplaced)
    taken = min(max(left[measure], 0.0), lost)
    left[measure] -= taken
    lost -= taken
    after = []
    for one in hours:
        taken = min(max(one.counts[measure], 0.0), lost)
        lost -= taken
        changed = list(one.counts)
        changed[measure] -= taken
        if any(changed):
            after.append(Hour(one.hour, (changed[0], changed[1], changed[2], changed[3])))
    left[measure] -= lost
    return (left[0], left[1], left[2], left[3]), tuple(after)
