"""What a rule makes of the rows of many hours at once: its KPI's value, and the kindest it may be.

`evidence.py` says the same of one row; this is for the past, entity by hour, in arrays.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rules.choose import Choice, places_of
from rules.mean_bound import mean_reach
from rules.recent import HOUR_MS
from rules.rule import Rule
from rules.truth import Bools, by_hour, read
from rules.wilson import wilson_bounds
from schemas.kpis import KPIS, Combination, Kpi
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow, Scope, Window, from_ms, to_ms

_STAGE: Final = ("seats", "seat_km")
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Grid(NamedTuple):
    """Every measure by entity and hour: of the newest row of the hour, or of the day before it."""

    scope: Scope
    window: Window
    entities: list[str]
    at_ms: Ints
    measures: dict[str, Ints]


def read_grid(path: Path, scope: Scope, window: Window, measures: list[str], first: datetime, until: datetime) -> Grid:
    """The hours of [first, until), as far as there are rows. Raises OSError or ValueError."""
    begin, end = to_ms(first), to_ms(until)
    rows = read(path, scope, window, begin - 24 * HOUR_MS + 1, end, measures)
    entities = sorted(rows["entity"].unique().to_list())
    newest_ms = rows["at_ms"].max()
    hours = max((newest_ms - begin) // HOUR_MS + 1, 0) if isinstance(newest_ms, int) else 0
    columns = by_hour(rows, measures, entities, begin, hours)
    return Grid(scope, window, entities, begin + HOUR_MS * np.arange(hours), dict(zip(measures, columns, strict=True)))


def measures_of(rule: Rule) -> set[str]:
    """What a grid needs to judge it."""
    variants = [rule, *(override.rule for override in rule.overrides)]
    kpis = [rule.kpi, *([rule.other_kpi] if rule.other_kpi else [])]
    kpis += [KPIS[kpi.times] for kpi in kpis if kpi.times]
    named = {name for kpi in kpis for name in (*kpi.numerator, *kpi.denominator)}
    return named | {one.n_of for one in variants} | (set(_STAGE) if rule.overrides else set())


def as_chosen(rule: Rule, grid: Grid) -> Iterator[tuple[Rule, Bools]]:
    """The rule in each of its forms, and where it has that: by entity and UTC date, the length of a route by its day's
    fullest row."""
    shape = (len(grid.entities), len(grid.at_ms))
    if not rule.overrides:
        yield rule, np.ones(shape, bool)
        return
    choice = Choice(rule)
    forms: dict[str, tuple[Rule, Bools]] = {}
    days = grid.at_ms // (24 * HOUR_MS)
    seats, seat_km = (grid.measures[name] for name in _STAGE)
    for day in np.unique(days):
        (hours,) = np.nonzero(days == day)
        fullest = hours[np.argmax(seats[:, hours], axis=1)] if len(hours) else hours
        for number, (entity, hour) in enumerate(zip(grid.entities, fullest, strict=True)):
            stage = {"seats": int(seats[number, hour]), "seat_km": int(seat_km[number, hour])}
            row = _row(grid, entity, from_ms(int(grid.at_ms[hour])), stage)
            chosen = choice.rule_for(row, places_of(row))
            _, here = forms.setdefault(chosen.version, (chosen, np.zeros(shape, bool)))
            here[number, hours] = True
    yield from forms.values()


def _row(grid: Grid, entity: str, at: datetime, measures: dict[str, int]) -> KpiRow:
    values = tuple(measures.get(name, 0) for name in MEASURE_NAMES)
    return KpiRow(grid.scope, entity, grid.window, at.astimezone(UTC), 0, at, 0, values)


def judged(rule: Rule, measures: dict[str, Ints]) -> tuple[Floats, Floats, Bools]:
    """What `evidence.judged` says, of many rows at once: the value, the kindest it may be, and whether it has one."""
    value, known = _value(rule.kpi, measures)
    kindest = value
    n = measures[rule.n_of]
    known &= n > 0
    if rule.z is not None and rule.spread is not None:
        kindest = value + rule.sign * _reach(rule.spread, rule.skew, n, rule.z, known)
    elif rule.kpi.kind == "proportion":
        met, of = total(rule.kpi.numerator, measures), total(rule.kpi.denominator, measures)
        known &= (met >= 0) & (met <= of)
        if rule.z is not None:
            kindest = rule.kpi.scale * _bound(met, of, rule.z, rule.sign, known)
    if rule.other_kpi is None:
        return value, kindest, known
    against, has_other = _value(rule.other_kpi, measures)
    return value - against, kindest - against, known & has_other


def _bound(met: Ints, of: Ints, z: float, sign: int, where: Bools) -> Floats:
    """The kind-side Wilson bound of each share, worked out once per pair of counts."""
    pairs, place = np.unique(np.stack([met[where], of[where]]), axis=1, return_inverse=True)
    side = 1 if sign > 0 else 0
    bounds = np.array([wilson_bounds(int(one), int(all_of), z)[side] for one, all_of in pairs.T], float)
    found = np.full(met.shape, np.nan)
    found[where] = bounds[place.ravel()]
    return found


def _reach(spread: float, skew: float, n: Ints, z: float, where: Bools) -> Floats:
    counts, place = np.unique(n[where], return_inverse=True)
    found = np.full(n.shape, np.nan)
    found[where] = np.array([mean_reach(spread, skew, int(count), z) for count in counts], float)[place]
    return found


def _value(kpi: Kpi, measures: dict[str, Ints]) -> tuple[Floats, Bools]:
    """`Kpi.value` of many rows, and which have one."""
    denominator = total(kpi.denominator, measures)
    known = denominator > 0
    value = kpi.scale * total(kpi.numerator, measures) / np.where(known, denominator, 1)
    if kpi.times is None:
        return value, known
    factor, has_factor = _value(KPIS[kpi.times], measures)
    return value * factor / KPIS[kpi.times].scale, known & has_factor


def total(combination: Combination, measures: dict[str, Ints]) -> Ints:
    first, *others = (weight * measures[name] for name, weight in combination.items())
    return sum(others, start=first)
