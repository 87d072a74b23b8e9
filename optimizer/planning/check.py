"""Whether a plan keeps what the problem asks: added up from the plan, by nothing that found it."""

from optimizer.airline.fleet import fleet
from optimizer.airline.prices import Terms
from optimizer.planning.problem import Planned, PlanningProblem, week_terms


def plan_broken_by(problem: PlanningProblem, plan: tuple[Planned, ...]) -> list[str]:
    """What the plan breaks, in words; nothing if it may be flown."""
    markets = {market.route: market for market in problem.markets}
    found = []
    if sorted(one.route for one in plan) != sorted(markets):
        found.append("not each market has one timetable")
    flown: dict[str, int] = {}
    left: dict[str, int] = {}
    crews = changed = 0
    for one in plan:
        market, timetable = markets[one.route], one.timetable
        changed += timetable != market.current
        block = market.block_minutes + timetable.pad_minutes
        for designator, flights in timetable.flights:
            flown_now = any(kind == designator for kind, _ in market.current.flights)
            if fleet()[designator].range_km < market.distance_km and not flown_now:
                found.append(f"{designator} cannot reach {one.route}")
            flown[designator] = flown.get(designator, 0) + flights * 2 * (block + problem.turnaround_minutes)
            left[market.origin] = left.get(market.origin, 0) + flights
            crews += flights * 2 * block
        if market.fixed and timetable != market.current:
            found.append(f"{one.route} changes")
        if not timetable.flights and not market.may_suspend:
            found.append(f"{one.route} is suspended")
    found += [
        f"{hours.designator} fly more than {hours.minutes_per_week} minutes"
        for hours in problem.hours
        if flown.pop(hours.designator, 0) > hours.minutes_per_week
    ]
    found += [f"there are no {designator}" for designator in flown]
    for slots in problem.slots:
        if left.get(slots.airport, 0) > slots.departures_per_week:
            found.append(f"{left[slots.airport]} leave {slots.airport}")
    if problem.crew_minutes_per_week is not None and crews > problem.crew_minutes_per_week:
        found.append(f"crews fly {crews} minutes")
    if problem.most_changed is not None and changed > problem.most_changed:
        found.append(f"{changed} timetables change")
    return found


def plan_terms(problem: PlanningProblem, plan: tuple[Planned, ...]) -> Terms:
    """What a week of it costs."""
    markets = {market.route: market for market in problem.markets}
    total = Terms()
    for one in plan:
        total += week_terms(problem, markets[one.route], one.timetable)
    return total
