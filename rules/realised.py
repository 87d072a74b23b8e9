"""What really was, for any rule: the KPI of the window *around* each hour, which no light knows half of.

Bad hour      the rule's own scope and window, half a window later (a trailing day's row of twelve hours later, four
              weeks' of two weeks later), has a value beyond red on at least `min_n`. A red light in it is right.
Firm episode  six hours on end or more in each of which the kind bound too is beyond red: chance does not explain it.

The thresholds are those of the rule as it is for the entity on the UTC date of that row, overrides included. Where rows
reach beyond the stretch they are read; an hour whose row none of them is counts nowhere. Late arrivals of routes have a
stricter truth of their own (`truth.py`).

Weak points: consecutive hours share nearly all of their flights, so that one bad day makes as many bad hours as the
window is long; a value over a long window moves little within half of it, and a light by the same rule is right then
without foresight; and the rule itself says what is bad, so that no figure here says whether its thresholds are.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rules.choose import Choice, places_of
from rules.mean_bound import mean_reach
from rules.recent import HOUR_MS
from rules.rule import Rule
from rules.truth import FIRM_HOURS, Bools, Episode, by_hour, episodes, read
from rules.wilson import wilson_bounds
from schemas.kpis import KPIS, Combination, Kpi
from schemas.measures import MEASURE_NAMES
from schemas.rows import WINDOW_LENGTH, KpiRow, Scope, Window, from_ms, to_ms

_STAGE: Final = ("seats", "seat_km")
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Realised(NamedTuple):
    """By entity and hour since the first: whether it was bad; and the firm episodes among them. `measured`: whether the
    rows count what the rule's KPI is made of at all."""

    entities: list[str]
    bad: Bools
    episodes: list[Episode]
    measured: bool


class _Grid(NamedTuple):
    """The rows half a window after each hour: every measure by entity and hour."""

    scope: Scope
    window: Window
    entities: list[str]
    at_ms: Ints
    measures: dict[str, Ints]


def realised(path: Path, rules: Iterable[Rule], first: datetime, until: datetime) -> dict[str, Realised]:
    """By rule, for the hours in [first, until) that rows speak for. Raises OSError, or ValueError if these are none."""
    found: dict[str, Realised] = {}
    ordered = sorted(rules, key=lambda rule: (rule.scope, rule.window))
    for (scope, window), alike in groupby(ordered, key=lambda rule: (rule.scope, rule.window)):
        of_window = list(alike)
        grid = _grid(path, scope, window, sorted(set().union(*map(_measures, of_window))), first, until)
        counted = _counted(path, scope, window, list(grid.measures), first, until)
        found |= {rule.id: _of(rule, grid, _is_measured(rule, counted)) for rule in of_window}
    return found


def _measures(rule: Rule) -> set[str]:
    variants = [rule, *(override.rule for override in rule.overrides)]
    kpis = [rule.kpi, *([rule.other_kpi] if rule.other_kpi else [])]
    kpis += [KPIS[kpi.times] for kpi in kpis if kpi.times]
    named = {name for kpi in kpis for name in (*kpi.numerator, *kpi.denominator)}
    return named | {one.n_of for one in variants} | (set(_STAGE) if rule.overrides else set())


def _grid(path: Path, scope: Scope, window: Window, measures: list[str], first: datetime, until: datetime) -> _Grid:
    ahead = WINDOW_LENGTH[window] / 2
    begin, end = to_ms(first + ahead), to_ms(until + ahead)
    rows = read(path, scope, window, begin - 24 * HOUR_MS + 1, end, measures)
    entities = sorted(rows["entity"].unique().to_list())
    newest_ms = rows["at_ms"].max()
    hours = max((newest_ms - begin) // HOUR_MS + 1, 0) if isinstance(newest_ms, int) else 0
    columns = by_hour(rows, measures, entities, begin, hours)
    return _Grid(scope, window, entities, begin + HOUR_MS * np.arange(hours), dict(zip(measures, columns, strict=True)))


def _counted(
    path: Path, scope: Scope, window: Window, measures: list[str], first: datetime, until: datetime
) -> set[str]:
    """The measures that any row of the stretch counts."""
    rows = (
        pl.scan_parquet(path)
        .filter((pl.col("scope") == scope) & (pl.col("window") == window))
        .filter((pl.col("at_ms") >= to_ms(first)) & (pl.col("at_ms") < to_ms(until)))
    )
    nonzero = rows.select((pl.col(name) != 0).any() for name in measures).collect()
    return {name for name in measures if nonzero[name][0]}


def _is_measured(rule: Rule, counted: set[str]) -> bool:
    """None may be right of a proportion; of money or minutes none at all means that nobody counted."""
    kpis = [rule.kpi, *([rule.other_kpi] if rule.other_kpi else [])]
    kpis += [KPIS[kpi.times] for kpi in kpis if kpi.times]
    return rule.n_of in counted and all(
        kpi.denominator.keys() & counted and (kpi.kind == "proportion" or kpi.numerator.keys() & counted)
        for kpi in kpis
    )


def _of(rule: Rule, grid: _Grid, measured: bool) -> Realised:
    shape = (len(grid.entities), len(grid.at_ms))
    bad, firm = np.zeros(shape, bool), np.zeros(shape, bool)
    for one, here in _as_chosen(rule, grid, shape):
        measures = {name: values[here] for name, values in grid.measures.items()}
        value, kindest, known = _judged(one, measures)
        enough = known & (measures[one.n_of] >= one.min_n)
        beyond = one.sign * one.thresholds.red
        bad[here] = enough & (one.sign * value < beyond)
        firm[here] = enough & (one.sign * kindest < beyond)
    return Realised(grid.entities, bad, episodes(firm, FIRM_HOURS), measured)


def _as_chosen(rule: Rule, grid: _Grid, shape: tuple[int, int]) -> Iterator[tuple[Rule, Bools]]:
    """The rule in each of its forms, and where it has that: by entity and UTC date, the length of a route by its day's
    fullest row."""
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


def _row(grid: _Grid, entity: str, at: datetime, measures: dict[str, int]) -> KpiRow:
    values = tuple(measures.get(name, 0) for name in MEASURE_NAMES)
    return KpiRow(grid.scope, entity, grid.window, at.astimezone(UTC), 0, at, 0, values)


def _judged(rule: Rule, measures: dict[str, Ints]) -> tuple[Floats, Floats, Bools]:
    """What `evidence.judged` says, of many rows at once: the value, the kindest it may be, and whether it has one."""
    value, known = _value(rule.kpi, measures)
    kindest = value
    n = measures[rule.n_of]
    known &= n > 0
    if rule.z is not None and rule.spread is not None:
        kindest = value + rule.sign * _reach(rule.spread, rule.skew, n, rule.z, known)
    elif rule.kpi.kind == "proportion":
        met, of = _sum(rule.kpi.numerator, measures), _sum(rule.kpi.denominator, measures)
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
    denominator = _sum(kpi.denominator, measures)
    known = denominator > 0
    value = kpi.scale * _sum(kpi.numerator, measures) / np.where(known, denominator, 1)
    if kpi.times is None:
        return value, known
    factor, has_factor = _value(KPIS[kpi.times], measures)
    return value * factor / KPIS[kpi.times].scale, known & has_factor


def _sum(combination: Combination, measures: dict[str, Ints]) -> Ints:
    first, *others = (weight * measures[name] for name, weight in combination.items())
    return sum(others, start=first)
