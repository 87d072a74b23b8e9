"""A plan with its reasons: what each change is worth by term, what binds, what came second, and what a tenth more or
less of demand or fuel makes of it."""

from typing import Final, NamedTuple

from msgspec.structs import replace

from optimizer.airline.prices import TERMS, Terms
from optimizer.mip.selection import Stop
from optimizer.planning.check import plan_broken_by, plan_terms
from optimizer.planning.problem import Market, Planned, PlanningProblem, Timetable, week_terms
from optimizer.planning.timetables import choices
from optimizer.solve import Outcome, solve

MOVED: Final = 0.10
MOST_CHOICES: Final = 5


class Change(NamedTuple):
    """A market's new timetable; what it saves by term, cents a week (positive is better)."""

    route: str
    old: Timetable
    new: Timetable
    saves: Terms


class Explained(NamedTuple):
    """The changes of a plan, the dearest first; the plan's worth in US$ a week, and if demand or fuel is a tenth
    more or less, as it stands; the worth of the best plan without its best change."""

    outcome: Outcome
    changes: tuple[Change, ...]
    worth_usd: float
    moved_usd: dict[str, float]
    runner_up_usd: float | None


def explained(problem: PlanningProblem, stop: Stop, seed: int) -> Explained:
    """Solve and say why; twice, as the runner-up is the answer to the same question without the best change."""
    result = solve(problem, stop, seed)
    if not result.plan:
        return Explained(result.outcome, (), 0.0, {}, None)
    changes = changes_of(problem, result.plan)
    runner_up = None
    if changes:
        best = changes[0].route
        kept = tuple(_frozen(m) if m.route == best else m for m in problem.markets)
        second = solve(replace(problem, markets=kept), stop, seed)
        runner_up = _worth(problem, second.plan) if second.plan else None
    moved = {name: _worth(other, result.plan) for name, other in moved_problems(problem).items()}
    return Explained(result.outcome, changes, _worth(problem, result.plan), moved, runner_up)


def changes_of(problem: PlanningProblem, plan: tuple[Planned, ...]) -> tuple[Change, ...]:
    """Those that differ from now."""
    markets = {market.route: market for market in problem.markets}
    found = [
        Change(one.route, markets[one.route].current, one.timetable, _saves(problem, markets[one.route], one.timetable))
        for one in plan
        if one.timetable != markets[one.route].current
    ]
    return tuple(sorted(found, key=lambda change: (-change.saves.total, change.route)))


def choices_for(problem: PlanningProblem, route: str) -> tuple[list[Change], list[str]]:
    """What could be done about one route while all others stay as they are, the best first; and what forbids
    timetables that would be better still. Raises ValueError if the problem has no such route."""
    market = next((one for one in problem.markets if one.route == route), None)
    if market is None:
        raise ValueError(f"no such route: {route}; there are {', '.join(one.route for one in problem.markets)}")
    now = tuple(Planned(one.route, one.current) for one in problem.markets)
    found, forbidden = [], []
    for timetable in choices(problem, market):
        if timetable == market.current:
            continue
        saves = _saves(problem, market, timetable)
        plan = tuple(Planned(route, timetable) if one.route == route else one for one in now)
        if broken := plan_broken_by(problem, plan):
            forbidden.append((saves.total, broken[0]))
        else:
            found.append(Change(route, market.current, timetable, saves))
    found.sort(key=lambda change: (-change.saves.total, change.new.flights, change.new.pad_minutes))
    best = found[0].saves.total if found else 0
    forbidden.sort(key=lambda pair: -pair[0])
    return found[:MOST_CHOICES], [why for worth, why in forbidden if worth > best]


def moved_problems(problem: PlanningProblem) -> dict[str, PlanningProblem]:
    """With a tenth more or less demand or dearer or cheaper fuel."""
    found = {}
    for name, factor in (("more", 1 + MOVED), ("less", 1 - MOVED)):
        found[f"demand_{name}"] = replace(problem, demand_factor=problem.demand_factor * factor)
        dearer = replace(problem.prices, fuel_cents_per_kg=problem.prices.fuel_cents_per_kg * factor)
        found[f"fuel_{name}"] = replace(problem, prices=dearer)
    return found


def terms_usd(terms: Terms) -> dict[str, float]:
    """Those that are not nothing."""
    return {name: getattr(terms, name) / 100 for name in TERMS if getattr(terms, name)}


def _saves(problem: PlanningProblem, market: Market, timetable: Timetable) -> Terms:
    return week_terms(problem, market, market.current) - week_terms(problem, market, timetable)


def _worth(problem: PlanningProblem, plan: tuple[Planned, ...]) -> float:
    now = tuple(Planned(one.route, one.current) for one in problem.markets)
    return (plan_terms(problem, now).total - plan_terms(problem, plan).total) / 100


def _frozen(market: Market) -> Market:
    """It keeps its timetable, whatever else could be."""
    return replace(market, fixed=True)
