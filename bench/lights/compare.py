"""Every method on the same hours: scored as `rules backtest` scores, priced, and ranked at five sets of prices."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from bench.lights.hours import Hours, read
from bench.lights.ours import RULE, as_shown, by_hour
from bench.lights.steady import RED, Lights, messages
from bench.lights.tuned import Contestant, Tuned, tune
from rules.backtest import MONTH, Score, Shown, scores
from rules.price import PRICES, Prices, bill
from rules.truth import Truth, truth

OURS: Final = "ours"
MEMORY: Final = timedelta(days=31)
"""What the others see before the first hour that counts: no less than our rule's four weeks."""

PRICE_SETS: Final[dict[str, Prices]] = {
    "as they are": PRICES,
    "missed x 0.5": PRICES.scaled(missed=0.5),
    "missed x 2": PRICES.scaled(missed=2),
    "false x 0.5": PRICES.scaled(false=0.5),
    "false x 2": PRICES.scaled(false=2),
}


class Line(NamedTuple):
    """One method: its score, and what it costs a route and month at each of PRICE_SETS, with its rank there."""

    name: str
    parameters: dict[str, float]
    score: Score
    usd: dict[str, float]
    rank: dict[str, int]


def compare(
    path: Path, ours: Shown, contestants: tuple[Contestant, ...], first: datetime, until: datetime
) -> list[Line]:
    """Ours first, the others in their order. Raises OSError or ValueError."""
    was = truth(path, first, until)
    memory = read(path, first - MEMORY, until)
    start = (first - memory.first) // timedelta(hours=1)
    lines = [_line(OURS, {}, ours, by_hour(ours, was.routes, first, until), was, first, until)]
    for one in contestants:
        lights = one.lights(memory)
        told = messages(lights[:, start:], lights[:, start - 1])
        shown = as_shown(lights[:, start:], memory.routes, first, told)
        mine = by_hour(shown, was.routes, first, until)
        lines.append(_line(one.name, one.parameters, shown, mine, was, first, until))
    return ranked(lines)


def ranked(lines: list[Line]) -> list[Line]:
    """1 is the cheapest; equals share the better rank."""
    found = []
    for line in lines:
        rank = {at: 1 + sum(other.usd[at] < usd for other in lines) for at, usd in line.usd.items()}
        found.append(line._replace(rank=rank))
    return found


def not_cheapest(lines: list[Line]) -> list[str]:
    """Where ours, the first line, is beaten or equalled: a sentence each."""
    mine, *others = lines
    found = []
    for at, usd in mine.usd.items():
        cheapest = min(others, key=lambda line: line.usd[at])
        if cheapest.usd[at] <= usd:
            found.append(f"prices {at}: {cheapest.name} costs {cheapest.usd[at]:.2f}, ours {usd:.2f}")
    return found


def tuned(path: Path, contestants: tuple[Contestant, ...], first: datetime, until: datetime) -> list[Tuned]:
    """Each at its cheapest in [first, until). Raises OSError or ValueError."""
    hours, was = read(path, first, until), truth(path, first, until)
    at = [hours.routes.index(route) for route in was.routes]
    hours = Hours(was.routes, first, hours.flights[at], hours.late[at], hours.closed[at], hours.closed_late[at])
    return [tune(one, hours, was, len(was.routes) * ((until - first) / MONTH)) for one in contestants]


def _line(
    name: str,
    parameters: dict[str, float],
    shown: Shown,
    lights: Lights,
    was: Truth,
    first: datetime,
    until: datetime,
) -> Line:
    (score,), _ = scores(shown, first, until, {RULE: was})
    red = lights[:, : was.bad.shape[1]] == RED
    route_months = score.entities * ((until - first) / MONTH)
    usd = {at: bill(red, shown.told[RULE], was, prices).per(route_months).usd for at, prices in PRICE_SETS.items()}
    if not np.isclose(usd["as they are"], score.usd or 0.0):
        raise AssertionError(f"{name}: priced {usd['as they are']} here and {score.usd} by the backtest")
    return Line(name, parameters, score, usd, {})
