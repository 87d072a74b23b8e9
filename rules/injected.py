"""A backtest against incidents that are known because somebody injected them: which were seen, how soon, and which red
lights no incident explains.

The incidents are the JSON lines of `python -m producers simulate --injected-file`: what each one moved, by the same
days run without it. A light counts if its rule is on a KPI that the incident moved for the worse on that route, and it
turned amber or red after the incident's begin, up to a day after its end: a row of the very begin holds nothing of it.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np

from rules.backtest import LIGHTS, Shown
from rules.load import Catalog
from schemas.kpis import KPIS
from schemas.lights import Light
from schemas.rows import from_ms

AFTER: Final = timedelta(hours=24)
"""What is late within a trailing day is in it for as long."""

_AMBER: Final = LIGHTS.index(Light.AMBER)
_RED: Final = LIGHTS.index(Light.RED)


class KpiEffect(msgspec.Struct, frozen=True):
    """Of one KPI."""

    direction: str


class RouteEffect(msgspec.Struct, frozen=True):
    """A route that an incident reached, and the KPIs it moved there."""

    route: str
    kpis: dict[str, KpiEffect]


class Injection(msgspec.Struct, frozen=True):
    """One incident, as far as lights are held against it."""

    text: str
    start_at: datetime
    end_at: datetime
    routes: list[RouteEffect]


class Seen(NamedTuple):
    """A route reached; the first rule that showed it, so many minutes after the incident began; None if none did."""

    route: str
    rule: str | None = None
    minutes: float | None = None


class IncidentSeen(NamedTuple):
    """One incident; `routes` are those on which it moved a KPI for the worse that a rule is on."""

    text: str
    routes: list[Seen]

    @property
    def minutes(self) -> list[float]:
        """Of the routes that showed it."""
        return sorted(one.minutes for one in self.routes if one.minutes is not None)


class InjectedScore(NamedTuple):
    """All incidents, and how many turns to red of routes there were, `false_reds` of them where and when no incident
    was."""

    incidents: list[IncidentSeen]
    reds: int
    false_reds: int


class _Turn(NamedTuple):
    rule: str
    route: str
    at: datetime
    red: bool


def read_injections(path: Path) -> list[Injection]:
    """Raises OSError, or ValueError with the line that is none."""
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            found.append(msgspec.json.decode(line, type=Injection))
        except msgspec.DecodeError as error:
            raise ValueError(f"{path}:{number}: no injected incident: {error}") from error
    return found


def against_injections(shown: Shown, catalog: Catalog, injections: list[Injection]) -> InjectedScore:
    """One rule set's lights held against the incidents."""
    turns = _turns(shown, catalog)
    by_route: dict[str, list[_Turn]] = {}
    for turn in turns:
        by_route.setdefault(turn.route, []).append(turn)
    incidents = [
        IncidentSeen(
            one.text,
            [
                _seen(one, reached, catalog, by_route.get(reached.route, []))
                for reached in one.routes
                if _rules_on(reached, catalog)
            ],
        )
        for one in injections
    ]
    reds = [turn for turn in turns if turn.red]
    spans = [(reached.route, one.start_at, one.end_at + AFTER) for one in injections for reached in one.routes]
    false = [turn for turn in reds if not any(turn.route == route and a <= turn.at <= b for route, a, b in spans)]
    return InjectedScore(incidents, len(reds), len(false))


def words(score: InjectedScore) -> str:
    """For people."""
    lines = []
    for one in score.incidents:
        minutes = one.minutes
        verdict = f"found on {len(minutes)} of {len(one.routes)} routes" if minutes else "missed"
        lines.append(f"{one.text}: {verdict}" + (f", after {np.median(minutes):.0f} min (median)" if minutes else ""))
        by_time = sorted((seen.minutes, seen.route, seen.rule) for seen in one.routes if seen.minutes is not None)
        lines += [f"  {route:<8} {after:6.0f} min  {rule}" for after, route, rule in by_time]
        if unseen := [seen.route for seen in one.routes if seen.minutes is None]:
            lines.append(f"  not seen on {', '.join(unseen)}")
    found = sum(bool(one.minutes) for one in score.incidents)
    lines.append(
        f"{found} of {len(score.incidents)} incidents found; {score.reds} times red,"
        f" {score.false_reds} of them where and when no incident was"
    )
    return "\n".join(lines)


def _rules_on(reached: RouteEffect, catalog: Catalog) -> set[str]:
    """The rules on what got worse there."""
    worse = {name for name, effect in reached.kpis.items() if name in KPIS and _is_worse(name, effect.direction)}
    return {name for name, rule in catalog.rules.items() if rule.scope == "route" and rule.kpi_name in worse}


def _is_worse(kpi: str, direction: str) -> bool:
    good = {"higher is better": "up", "lower is better": "down"}.get(KPIS[kpi].direction)
    return good is not None and direction != good


def _seen(one: Injection, reached: RouteEffect, catalog: Catalog, turns: list[_Turn]) -> Seen:
    rules = _rules_on(reached, catalog)
    in_time = [turn for turn in turns if turn.rule in rules and one.start_at < turn.at <= one.end_at + AFTER]
    if not in_time:
        return Seen(reached.route)
    first = min(in_time, key=lambda turn: turn.at)
    return Seen(reached.route, first.rule, (first.at - one.start_at) / timedelta(minutes=1))


def _turns(shown: Shown, catalog: Catalog) -> list[_Turn]:
    """Each time a light of a route got worse than it was, to amber or red."""
    order = np.lexsort((shown.at_ms, shown.entity, shown.rule))
    rule, entity, light = shown.rule[order], shown.entity[order], shown.light[order]
    same = (rule[1:] == rule[:-1]) & (entity[1:] == entity[:-1])
    turned = same & (light[1:] >= _AMBER) & (light[1:] > light[:-1])
    found = []
    for place in order[1:][turned]:
        name = shown.rules[shown.rule[place]]
        if catalog.rules[name].scope == "route":
            at = from_ms(int(shown.at_ms[place]))
            found.append(_Turn(name, shown.entities[shown.entity[place]], at, bool(shown.light[place] == _RED)))
    return found
