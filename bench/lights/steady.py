"""Lights from a badness by the hour, with hysteresis and with so many hours in a row."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rules.backtest import LIGHTS
from rules.truth import Bools
from schemas.lights import Light

Lights = NDArray[np.int8]
"""By route and hour, places in `rules.backtest.LIGHTS`."""

GREY, GREEN, AMBER, RED = (np.int8(LIGHTS.index(light)) for light in (Light.GREY, Light.GREEN, Light.AMBER, Light.RED))
ALARMS: Final = (AMBER, RED)


class Limits(NamedTuple):
    """A badness beyond `amber` or `red` is one, and stays one until it is back at `recovery` below."""

    amber: float
    red: float
    recovery: float = 0.0


def steady(
    badness: NDArray[np.float64],
    known: Bools,
    limits: Limits,
    in_a_row: int = 1,
    surely: NDArray[np.float64] | None = None,
) -> Lights:
    """A light enters amber or red by `surely` (a bound of the badness; itself if None) and leaves it by the badness.

    Where nothing is `known` it is grey. Each change is claimed by `in_a_row` hours one after the other.
    """
    entering = badness if surely is None else surely
    routes, hours = badness.shape
    lights = np.zeros((hours, routes), np.int8)
    light = np.full(routes, GREY)
    pending, count = light.copy(), np.zeros(routes, np.int64)
    back = Limits(limits.amber - limits.recovery, limits.red - limits.recovery)
    for hour, (bad, sure, known_now) in enumerate(zip(badness.T, entering.T, known.T, strict=True)):
        is_red = light == RED
        red = np.where(is_red, bad > back.red, sure > limits.red)
        amber = np.where(is_red | (light == AMBER), bad > back.amber, sure > limits.amber)
        claimed = np.where(red, RED, np.where(amber, AMBER, GREEN))
        claimed[~known_now] = GREY
        count = np.where(claimed == light, 0, np.where(claimed == pending, count + 1, 1))
        pending = claimed
        light = np.where(count >= in_a_row, claimed, light)
        lights[hour] = light
    return lights.T


def messages(lights: Lights, before: Lights | None = None) -> int:
    """How many changes people would hear of, as `rules/notice.py` has it: into and out of amber and red.

    `before`: the lights an hour before the first, by route.
    """
    if before is not None:
        lights = np.concatenate([before[:, None], lights], axis=1)
    alarm = np.isin(lights, ALARMS)
    return int(((lights[:, 1:] != lights[:, :-1]) & (alarm[:, 1:] | alarm[:, :-1])).sum())
