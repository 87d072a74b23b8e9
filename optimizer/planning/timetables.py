"""A planning problem as a choice among timetables: each market takes one, and they share fleet, slots and crews."""

from typing import NamedTuple

from optimizer.mip.selection import Column, Row, Selection
from optimizer.planning.problem import (
    DAILY,
    Market,
    Planned,
    PlanningProblem,
    Timetable,
    crew_minutes,
    may_fly,
    round_trip_minutes,
    week_terms,
)


class Timetables(NamedTuple):
    """What each column of the selection plans."""

    planned: tuple[Planned, ...]
    selection: Selection
    as_now: tuple[int, ...] | None
    """Nothing changes; None if that breaks a row."""


def timetables_of(problem: PlanningProblem) -> Timetables:
    """All timetables of all markets, and the rows that bind them."""
    planned: list[Planned] = []
    columns: list[Column] = []
    rows = [Row(f"{market.route} has one timetable", 1, 1) for market in problem.markets]
    row_of_type, row_of_airport = {}, {}
    for hours in problem.hours:
        row_of_type[hours.designator] = len(rows)
        rows.append(
            Row(f"{hours.designator} fly {hours.minutes_per_week} minutes a week", None, hours.minutes_per_week)
        )
    for slots in problem.slots:
        row_of_airport[slots.airport] = len(rows)
        rows.append(
            Row(f"{slots.airport} has {slots.departures_per_week} slots a week", None, slots.departures_per_week)
        )
    row_of_crews = row_of_changes = None
    if problem.crew_minutes_per_week is not None:
        row_of_crews = len(rows)
        rows.append(
            Row(f"crews fly {problem.crew_minutes_per_week} minutes a week", None, problem.crew_minutes_per_week)
        )
    if problem.most_changed is not None:
        row_of_changes = len(rows)
        rows.append(Row(f"{problem.most_changed} timetables change", None, problem.most_changed))
    now = []
    for place, market in enumerate(problem.markets):
        for timetable in choices(problem, market):
            uses = [(place, 1)]
            for designator, flights in timetable.flights:
                minutes = flights * round_trip_minutes(problem, market, timetable.pad_minutes)
                uses.append((row_of_type[designator], minutes))
            if market.origin in row_of_airport:
                uses.append((row_of_airport[market.origin], timetable.per_week))
            if row_of_crews is not None:
                uses.append((row_of_crews, timetable.per_week * crew_minutes(market, timetable.pad_minutes)))
            if timetable == market.current:
                now.append(len(columns))
            elif row_of_changes is not None:
                uses.append((row_of_changes, 1))
            columns.append(Column(week_terms(problem, market, timetable).total, tuple(uses)))
            planned.append(Planned(market.route, timetable))
    selection = Selection(tuple(columns), tuple(rows))
    return Timetables(tuple(planned), selection, None if selection.broken(tuple(now)) else tuple(now))


def choices(problem: PlanningProblem, market: Market) -> list[Timetable]:
    """The timetable of now, first; a daily flight more or less, or all of a type or a daily one of it with another
    gauge, each with each pad; none at all where that is allowed."""
    if market.fixed:
        return [market.current]
    types = [one.designator for one in problem.hours if may_fly(market, one.designator)]
    now = dict(market.current.flights)
    mixes = [now, *(_moved(now, None, one, DAILY) for one in types)]
    for one in now:
        mixes.append(_moved(now, one, None, DAILY))
        for other in types:
            mixes += [_moved(now, one, other, DAILY), _moved(now, one, other, now[one])]
    found = dict.fromkeys(
        tuple(sorted((kind, count) for kind, count in mix.items() if count)) for mix in mixes if set(mix) <= set(types)
    )
    pads = [pad for pad, _ in market.late_cents]
    made = [Timetable(mix, pad) for mix in found if mix for pad in pads]
    made = sorted(made, key=lambda one: one != market.current)
    return made + ([Timetable((), 0)] if market.may_suspend else [])


def _moved(mix: dict[str, int], taken: str | None, given: str | None, flights: int) -> dict[str, int]:
    moved = dict(mix)
    flights = min(flights, moved[taken]) if taken else flights
    for designator, count in ((taken, -flights), (given, flights)):
        if designator is not None:
            moved[designator] = moved.get(designator, 0) + count
    return moved
