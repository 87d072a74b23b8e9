"""Our light: the shipped rule through the real `replay`, as `python -m rules backtest` shows it."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
from tqdm import tqdm

from bench.lights.steady import GREY, Lights
from rules.backtest import Shown, show
from rules.load import Catalog, load_catalog
from rules.recent import HOUR_MS
from schemas.rows import to_ms

RULE: Final = "on_time_arrival"


def catalog() -> Catalog:
    """The shipped rule alone."""
    return Catalog([load_catalog().rules[RULE]])


def ours(path: Path, first: datetime, until: datetime) -> Shown:
    """Replay, with a progress bar. Raises OSError or ValueError. CPU time, of every thread, for machines are shared."""
    with tqdm(desc="rows", unit="", unit_scale=True, disable=None) as bar:
        return show(path, catalog(), first, until, bar.update)


def by_hour(shown: Shown, routes: list[str], first: datetime, until: datetime) -> Lights:
    """The light in force at each hour; grey before a route's first row. `shown` holds one rule, oldest light first."""
    hours = (until - first) // timedelta(hours=1)
    place = {route: number for number, route in enumerate(routes)}
    route = np.array([place.get(entity, -1) for entity in shown.entities], np.int64)[shown.entity]
    hour = -((to_ms(first) - shown.at_ms) // HOUR_MS)
    within = (route >= 0) & (hour < hours)
    lights = np.full((len(routes), hours), np.int8(-1))
    lights[route[within], hour[within]] = shown.light[within]
    newest = np.maximum.accumulate(np.where(lights >= 0, np.arange(hours), -1), axis=1)
    return np.where(newest < 0, GREY, np.take_along_axis(lights, np.maximum(newest, 0), axis=1))


def as_shown(lights: Lights, entities: list[str], first: datetime, told: int, rule: str = RULE) -> Shown:
    """Lights by entity and hour as if a replay had shown them, to be scored like it."""
    count, hours = lights.shape
    at_ms = to_ms(first) + HOUR_MS * np.arange(hours, dtype=np.int64)
    return Shown(
        rules=[rule],
        entities=entities,
        rule=np.zeros(count * hours, np.int32),
        entity=np.repeat(np.arange(count, dtype=np.int32), hours),
        at_ms=np.tile(at_ms, count),
        light=lights.reshape(-1),
        told={rule: told},
        rows=0,
        cpu_seconds=0.0,
    )
