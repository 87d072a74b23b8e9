"""When a day is bad: so few of its flights on time that chance would not explain it if the target were the rule."""

import math
from functools import cache
from typing import Final

CHANCE: Final = 0.1
LEAST_FLIGHTS: Final = 4
"""A day is bad if so many misses are rarer than that; of three flights even three late ones prove little."""

MANY: Final = 500
"""More flights than any route has in a day: there the normal tail does for the Binomial's."""

_CHANCE_Z: Final = 1.2816
"""The normal quantile of 1 - CHANCE."""


@cache
def fewest_misses(flights: int, below: float) -> int:
    """The fewest of so many flights whose missing is rarer than CHANCE if `below` % on time were the rule; more than
    there are flights if none is."""
    allowed, tail = 1 - below / 100, 0.0
    if flights < LEAST_FLIGHTS:
        return flights + 1
    if flights > MANY:
        return math.ceil(allowed * flights + _CHANCE_Z * math.sqrt(flights * allowed * (1 - allowed)) + 0.5)
    for misses in range(flights, -1, -1):
        tail += math.comb(flights, misses) * allowed**misses * (1 - allowed) ** (flights - misses)
        if tail >= CHANCE:
            return misses + 1
    return 0
