"""`solve(problem, stop, seed)`: what to do today, or in the coming weeks, at the least cost that anybody can prove.

An answer that breaks its problem never leaves here: the checkers, which share nothing with what finds answers, look at
each one.
"""

from typing import Final, Literal, NamedTuple, overload

from optimizer.airline.prices import Terms
from optimizer.mip.choose import choose
from optimizer.mip.selection import Choice, Selection, Stop
from optimizer.planning.check import plan_broken_by, plan_terms
from optimizer.planning.problem import Planned, PlanningProblem
from optimizer.planning.timetables import timetables_of
from optimizer.tactical.check import broken_by, missed_connections, terms_of
from optimizer.tactical.lines import lines_of
from optimizer.tactical.problem import Flown, TacticalProblem

DEFAULT_STOP: Final = Stop()
Status = Literal["optimal", "feasible", "infeasible", "unknown"]


class Outcome(NamedTuple):
    """`feasible` is the best found before the time was up, at most `gap` of its cost above the best there is;
    `unknown` means that none was found in time. Of an infeasible problem `fighting` names what cannot all hold, of
    which nothing could be left out; of an answer `binding` are the rows that leave no room."""

    status: Status
    terms: Terms
    bound_cents: float
    gap: float
    fighting: tuple[str, ...]
    binding: tuple[str, ...]

    @property
    def cost_cents(self) -> int:
        """Of the answer."""
        return self.terms.total


class TacticalResult(NamedTuple):
    """Who flies what when; what is cancelled; the places of connections that are missed."""

    outcome: Outcome
    flown: tuple[Flown, ...] = ()
    cancelled: tuple[str, ...] = ()
    missed: tuple[int, ...] = ()


class PlanningResult(NamedTuple):
    """A timetable for each market."""

    outcome: Outcome
    plan: tuple[Planned, ...] = ()


@overload
def solve(problem: TacticalProblem, stop: Stop = ..., seed: int = ...) -> TacticalResult: ...
@overload
def solve(problem: PlanningProblem, stop: Stop = ..., seed: int = ...) -> PlanningResult: ...


def solve(
    problem: TacticalProblem | PlanningProblem, stop: Stop = DEFAULT_STOP, seed: int = 0
) -> TacticalResult | PlanningResult:
    """The cheapest answer, or the best found before `stop`; the same for the same seed, unless seconds run out."""
    if isinstance(problem, PlanningProblem):
        return _planned(problem, stop, seed)
    return _tactical(problem, stop, seed)


def _tactical(problem: TacticalProblem, stop: Stop, seed: int) -> TacticalResult:
    lines = lines_of(problem)
    choice = choose(lines.selection, stop, seed, lines.as_planned)
    if choice.chosen is None:
        return TacticalResult(_nothing(choice))
    count = len(lines.lines)
    flown = tuple(sorted(f for place in choice.chosen if place < count for f in lines.lines[place].flown))
    chosen = [place - count for place in choice.chosen if place >= count]
    cancelled = tuple(lines.cancelled[place].leg_id for place in chosen if place < len(lines.cancelled))
    if broken := broken_by(problem, flown, cancelled):
        raise AssertionError(f"an answer that cannot be flown: {'; '.join(broken)}")
    outcome = _outcome(choice, lines.selection, terms_of(problem, flown, cancelled))
    return TacticalResult(outcome, flown, cancelled, tuple(missed_connections(problem, flown)))


def _planned(problem: PlanningProblem, stop: Stop, seed: int) -> PlanningResult:
    timetables = timetables_of(problem)
    choice = choose(timetables.selection, stop, seed, timetables.as_now)
    if choice.chosen is None:
        return PlanningResult(_nothing(choice))
    plan = tuple(timetables.planned[place] for place in choice.chosen)
    if broken := plan_broken_by(problem, plan):
        raise AssertionError(f"a plan that cannot be flown: {'; '.join(broken)}")
    return PlanningResult(_outcome(choice, timetables.selection, plan_terms(problem, plan)), plan)


def _outcome(choice: Choice, selection: Selection, terms: Terms) -> Outcome:
    if terms.total != choice.cost_cents:
        raise AssertionError(f"the answer costs {terms.total} cents, not {choice.cost_cents}")
    status: Status = "optimal" if choice.gap == 0 else "feasible"
    used = [0] * len(selection.rows)
    for place in choice.chosen or ():
        for row, amount in selection.columns[place].uses:
            used[row] += amount
    # Rows that hold exactly by nature bind nothing that could be loosened.
    binding = [
        row.name
        for row, amount in zip(selection.rows, used, strict=True)
        if row.least != row.most and amount in (row.least, row.most)
    ]
    return Outcome(status, terms, choice.bound_cents, choice.gap, (), tuple(binding))


def _nothing(choice: Choice) -> Outcome:
    status: Status = "infeasible" if choice.fighting else "unknown"
    return Outcome(status, Terms(), choice.bound_cents, 0.0, choice.fighting, ())
