"""HiGHS chooses: branch and cut on binary variables, through SciPy."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import csr_array

from optimizer.mip.selection import Choice, Selection, Stop

_INFEASIBLE: Final = 2  # scipy's `status`
_FAILED: Final = 4
_CONFLICT_SECONDS: Final = 2.0
"""For each question whether some rows can hold together; one that nobody answers in time counts as yes."""


def choose(selection: Selection, stop: Stop, seed: int = 0, fallback: tuple[int, ...] | None = None) -> Choice:
    """The cheapest choice, or the best found before `stop`, or `fallback` (a choice that keeps all rows) if nothing
    better was found. `seed` is the order in which HiGHS sees the columns: among choices that cost the same it decides.
    """
    order = np.random.default_rng(seed).permutation(len(selection.columns))
    if not len(order):
        broken = tuple(selection.broken(()))
        return Choice(None if broken else (), 0, 0.0, fighting(selection) if broken else ())
    costs = np.array([selection.columns[place].cost_cents for place in order], np.float64)
    found = _solved(costs, _constraints(selection, order, range(len(selection.rows))), stop)
    if found.status == _INFEASIBLE:
        return Choice(None, 0, math.inf, fighting(selection))
    bound = -math.inf if found.mip_dual_bound is None else float(found.mip_dual_bound)
    chosen = None if found.x is None else tuple(sorted(int(place) for place in order[np.asarray(found.x) > 0.5]))
    if chosen is not None and selection.broken(chosen):  # beyond HiGHS's tolerance: nothing that is wrong leaves here
        chosen = None
    if fallback is not None and (chosen is None or selection.cost_cents(fallback) < selection.cost_cents(chosen)):
        chosen = fallback
    if chosen is None:
        return Choice(None, 0, bound)
    cost = selection.cost_cents(chosen)
    # Costs are whole cents, so a bound within HiGHS's tolerance of the cost is the cost.
    return Choice(chosen, cost, min(float(cost), float(math.ceil(bound - 1e-3)) if math.isfinite(bound) else bound))


def fighting(selection: Selection) -> tuple[str, ...]:
    """Rows that cannot all hold, of which any one less can: found by leaving out what is not needed for that, in halves
    first (Junker's QuickXplain, 2004)."""
    order = np.arange(len(selection.columns))
    nothing_keeps = set(selection.broken(()))

    def impossible(rows: list[int]) -> bool:
        if not len(order):
            return any(selection.rows[row].name in nothing_keeps for row in rows)
        found = _solved(np.zeros(len(order)), _constraints(selection, order, rows), Stop(seconds=_CONFLICT_SECONDS))
        return bool(found.status == _INFEASIBLE)

    def needed(background: list[int], changed: bool, rows: list[int]) -> list[int]:
        if changed and background and impossible(background):
            return []
        if len(rows) == 1:
            return rows
        half = len(rows) // 2
        first, second = rows[:half], rows[half:]
        of_second = needed(background + first, True, second)
        of_first = needed(background + of_second, bool(of_second), first)
        return of_first + of_second

    if not selection.rows:
        return ()
    return tuple(selection.rows[row].name for row in sorted(needed([], False, list(range(len(selection.rows))))))


def _solved(costs: NDArray[np.float64], constraints: list[LinearConstraint], stop: Stop) -> OptimizeResult:
    """HiGHS's answer for binary variables. Where its presolve makes rows that it cannot lead back (3a - 2b + 3c = 2
    ends in "Solve error"), the answer is the one without presolve."""
    options = {"time_limit": stop.seconds, "mip_rel_gap": 0.0, **({"node_limit": stop.nodes} if stop.nodes else {})}
    for presolve in (True, False):
        found = milp(
            costs,
            integrality=np.ones(len(costs)),
            bounds=Bounds(0, 1),
            constraints=constraints,
            options={**options, "presolve": presolve},
        )
        if found.status != _FAILED:
            break
    return found


def _constraints(selection: Selection, order: NDArray[np.int64], rows: range | list[int]) -> list[LinearConstraint]:
    """What the columns, in that order, use of these rows."""
    if not rows:
        return []
    place = {row: at for at, row in enumerate(rows)}
    entries = [
        (place[row], at, amount)
        for at, column in enumerate(order)
        for row, amount in selection.columns[column].uses
        if row in place
    ]
    indices = np.array([(row, at) for row, at, _ in entries], np.int64).reshape(-1, 2)
    amounts = np.array([amount for *_, amount in entries], np.float64)
    matrix = csr_array((amounts, (indices[:, 0], indices[:, 1])), shape=(len(place), len(order)))
    bounds = [selection.rows[row] for row in rows]
    least = [-np.inf if row.least is None else row.least for row in bounds]
    most = [np.inf if row.most is None else row.most for row in bounds]
    return [LinearConstraint(matrix, least, most)]
