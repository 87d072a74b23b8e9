"""The methods' parameters: for each the lowest price on January to August 2013, of a small grid.

Found by `python -m bench lights --tune`, at the prices of `rules/price.py`; September to December had no say.
"""

import itertools
from collections.abc import Iterator
from typing import Final, NamedTuple

from bench.lights import methods
from bench.lights.hours import Hours
from bench.lights.steady import RED, Lights, messages
from rules.price import bill
from rules.truth import Truth

Parameters = dict[str, float]


class Contestant(NamedTuple):
    """A method with the parameters it takes part with, and those that were tried; none if there is nothing to tune."""

    name: str
    method: methods.Method
    parameters: Parameters
    grid: dict[str, tuple[float, ...]]

    def lights(self, hours: Hours) -> Lights:
        return self.method(hours, **self.parameters)

    def tries(self) -> Iterator[Parameters]:
        """Every combination of the grid."""
        for values in itertools.product(*self.grid.values()):
            yield self.parameters | dict(zip(self.grid, values, strict=True))


_NEVER: Final = 101.0
"""Beyond every share: `thresholds` takes no amber that is milder than red."""

CONTESTANTS: Final = (
    Contestant("thresholds 80/70", methods.thresholds, {"red": 30, "amber": 20, "min_n": 1}, {}),
    Contestant(
        "thresholds",
        methods.thresholds,
        {"red": 70, "amber": _NEVER, "min_n": 1},
        {"red": (30, 40, 50, 60, 70, 80, 90, 99)},
    ),
    Contestant(
        "thresholds, n >= 8",
        methods.thresholds,
        {"red": 45, "amber": _NEVER, "min_n": 8},
        {"red": (25, 30, 35, 40, 45, 50, 55, 60)},
    ),
    Contestant(
        "Wilson 80 %, n >= 8",
        methods.wilson,
        {"red": 40, "confidence": 0.8, "min_n": 8, "recovery": 3, "in_a_row": 3},
        {"red": (25, 30, 35, 40, 45, 50)},
    ),
    Contestant(
        "EWMA of flights",
        methods.ewma,
        {"red": 70, "weight": 0.3, "recovery": 15, "min_n": 4},
        {"weight": (0.2, 0.3, 0.4), "red": (50, 60, 70, 80), "recovery": (5, 15), "min_n": (4, 8)},
    ),
    Contestant(
        "CUSUM of flights",
        methods.cusum,
        {"reference": 0.6, "red": 1, "recovery": 0.1, "min_n": 4},
        {"reference": (0.5, 0.6, 0.7), "red": (1, 1.5, 2.5), "recovery": (0.1, 0.5), "min_n": (4, 8)},
    ),
    Contestant(
        "Beta-Binomial, fading",
        methods.beta_binomial,
        {"red": 85, "half_life_hours": 8, "prior_flights": 5, "recovery": 10, "min_n": 4},
        {"half_life_hours": (4, 8, 16, 32), "red": (55, 70, 85, 95), "recovery": (10, 30), "min_n": (4, 8)},
    ),
    Contestant("always red", methods.always_red, {}, {}),
    Contestant("always green", methods.always_green, {}, {}),
)


class Tuned(NamedTuple):
    """The cheapest parameters, and what they cost a route and month."""

    contestant: Contestant
    usd: float


def tune(contestant: Contestant, hours: Hours, truth: Truth, route_months: float) -> Tuned:
    """Of the first of equals. `hours` begin where the truth does, with the same routes."""
    best: Tuned | None = None
    for parameters in contestant.tries():
        one = contestant._replace(parameters=parameters)
        lights = one.lights(hours)
        red = lights[:, : truth.bad.shape[1]] == RED
        usd = bill(red, messages(lights), truth).per(route_months).usd
        if best is None or usd < best.usd:
            best = Tuned(one, usd)
    assert best is not None
    return best
