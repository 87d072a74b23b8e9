"""What really was, for any rule: the KPI of the window *around* each hour, which no light knows half of.

Bad hour      the rule's own scope and window, half a window later (a trailing day's row of twelve hours later, four
              weeks' of two weeks later), has a value beyond red on at least `min_n`. A red light in it is right.
Firm episode  six hours on end or more in each of which so bad a value would be rarer than one in a hundred if red were
              what is normal there: a proportion's by the binomial, a mean's by its bound. How sure the light itself
              wants to be changes nothing in it.

The thresholds are those of the rule as it is for the entity on the UTC date of that row, overrides included. Where rows
reach beyond the stretch they are read; an hour whose row none of them is counts nowhere. Late arrivals of routes have a
stricter truth of their own (`truth.py`).

Weak points: consecutive hours share nearly all of their flights, so that one bad day makes as many bad hours as the
window is long; a value over a long window moves little within half of it, and a light by the same rule is right then
without foresight; and the rule itself says what is bad, so that no figure here says whether its thresholds are.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from msgspec.structs import replace
from scipy.special import bdtr, bdtrc

from rules.hourly import Grid, Ints, as_chosen, judged, measures_of, read_grid, total
from rules.rule import Rule
from rules.truth import FIRM_CHANCE, FIRM_HOURS, Bools, Episode, episodes
from schemas.kpis import KPIS
from schemas.rows import WINDOW_LENGTH, Scope, Window, to_ms

_DELAYS: Final = ("arrival_delay_minutes", "flights", "arrivals")
_BLOCKS: Final = ("block_minutes", "scheduled_block_minutes")


class Realised(NamedTuple):
    """By entity and hour since the first: whether it was bad; and the firm episodes among them. `measured`: whether the
    rows count what the rule's KPI is made of at all. `priced`: whether its trouble is minutes, as `price.py` prices
    them: of its window of `window_hours` those late (block minutes over plan, where that is at stake), and the flights
    that were cancelled or diverted."""

    entities: list[str]
    bad: Bools
    episodes: list[Episode]
    measured: bool
    priced: bool
    late_minutes: Ints
    not_arrived: Ints
    window_hours: float


def realised(path: Path, rules: Iterable[Rule], first: datetime, until: datetime) -> dict[str, Realised]:
    """By rule, for the hours in [first, until) that rows speak for. Raises OSError, or ValueError if these are none."""
    found: dict[str, Realised] = {}
    ordered = sorted(rules, key=lambda rule: (rule.scope, rule.window))
    for (scope, window), alike in groupby(ordered, key=lambda rule: (rule.scope, rule.window)):
        of_window = list(alike)
        ahead = WINDOW_LENGTH[window] / 2
        measures = set().union(_DELAYS, _BLOCKS, *map(measures_of, of_window))
        grid = read_grid(path, scope, window, sorted(measures), first + ahead, until + ahead)
        counted = _counted(path, scope, window, list(grid.measures), first, until)
        found |= {rule.id: _of(rule, grid, _is_measured(rule, counted)) for rule in of_window}
    return found


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


def _of(rule: Rule, grid: Grid, measured: bool) -> Realised:
    shape = (len(grid.entities), len(grid.at_ms))
    bad, firm = np.zeros(shape, bool), np.zeros(shape, bool)
    for one, here in as_chosen(rule, grid):
        measures = {name: values[here] for name, values in grid.measures.items()}
        value, kindest, known = judged(replace(one, confidence=1 - FIRM_CHANCE), measures)
        enough = known & (measures[one.n_of] >= one.min_n)
        beyond = one.sign * one.thresholds.red
        bad[here] = enough & (one.sign * value < beyond)
        firm[here] = bad[here] & _no_chance(one, measures, one.sign * kindest < beyond)
    late_minutes, not_arrived = _lost(rule, grid)
    return Realised(
        grid.entities,
        bad,
        episodes(firm, FIRM_HOURS),
        measured,
        not {"delay", "overrun"}.isdisjoint(rule.severity),
        late_minutes,
        not_arrived,
        WINDOW_LENGTH[grid.window] / timedelta(hours=1),
    )


def _no_chance(rule: Rule, measures: dict[str, Ints], by_bound: Bools) -> Bools:
    """Whether so bad a value would be rarer than FIRM_CHANCE, were red what is normal there. Of a proportion exactly:
    close to all or none, Wilson's bound is beyond too soon."""
    if rule.kpi.kind != "proportion" or rule.other_kpi is not None:
        return by_bound
    met, of = (total(part, measures) for part in (rule.kpi.numerator, rule.kpi.denominator))
    share = rule.thresholds.red / rule.kpi.scale
    chance = bdtr(met, of, share) if rule.sign > 0 else bdtrc(met - 1, of, share)
    return np.asarray(chance < FIRM_CHANCE)


def _lost(rule: Rule, grid: Grid) -> tuple[Ints, Ints]:
    """Minutes, and flights that did not arrive where they should."""
    if "overrun" in rule.severity:
        taken, planned = (grid.measures[name] for name in _BLOCKS)
        return np.maximum(taken - planned, 0), np.zeros_like(taken)
    late_minutes, flights, arrivals = (grid.measures[name] for name in _DELAYS)
    return late_minutes, flights - arrivals
