"""What a catalogue would have shown in the past, and how right it was."""

from array import array
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from tqdm import tqdm

from rules.load import Catalog
from rules.notice import is_notifiable
from rules.price import bill
from rules.recent import HOUR_MS
from rules.replay import replay
from rules.truth import Truth, truth
from schemas.lights import Light
from schemas.rows import to_ms

LIGHTS: Final = (Light.GREY, Light.GREEN, Light.AMBER, Light.RED)
MONTH: Final = timedelta(days=365.25 / 12)
_RED: Final = LIGHTS.index(Light.RED)


class Shown(NamedTuple):
    """Every light of one catalogue: the rows of the same position in each array are one light at one instant."""

    rules: list[str]
    entities: list[str]
    rule: NDArray[np.int32]
    entity: NDArray[np.int32]
    at_ms: NDArray[np.int64]
    light: NDArray[np.int8]
    told: dict[str, int]
    """How many transitions of a rule people would have heard of."""

    def table(self) -> pl.DataFrame:
        """route, rule, at, light: a row per light and KPI row. `route` is an airport or a carrier for their rules."""
        return pl.DataFrame(
            {
                "route": pl.Series(self.entities, dtype=pl.String).gather(self.entity),
                "rule": pl.Series(self.rules, dtype=pl.String).gather(self.rule),
                "at": pl.Series(self.at_ms).cast(pl.Datetime("ms", "UTC")),
                "light": pl.Series([light.value for light in LIGHTS]).gather(self.light.astype(np.int32)),
            }
        )


class Score(NamedTuple):
    """Of one rule. Changes, reds and messages per entity and month; shares of 1; None where nothing could be counted.

    `right`: of the red hours those that were bad; `found`: of the firm episodes those with a red hour; `delay_hours`:
    from the begin of a found episode to its first red hour, the median. US$ per entity and month as `price.py` prices
    what was missed, false red hours and messages. All these for on-time arrival of routes.
    """

    rule: str
    entities: int
    changes: float
    reds: float
    told: float
    red_share: float
    right: float | None = None
    found: float | None = None
    delay_hours: float | None = None
    episodes: int = 0
    missed_usd: float | None = None
    false_usd: float | None = None
    messages_usd: float | None = None
    usd: float | None = None


class Result(NamedTuple):
    """One catalogue's lights, and a score per rule."""

    shown: Shown
    scores: list[Score]


def backtest(path: Path, catalogs: Sequence[Catalog], first: datetime, until: datetime) -> list[Result]:
    """Each catalogue on the same rows, with a progress bar. Raises OSError, or ValueError if the rows are none."""
    what_was = truth(path, first, until)
    results = []
    for catalog in catalogs:
        with tqdm(desc="rows", unit="", unit_scale=True, disable=None) as bar:
            shown = show(path, catalog, first, until, bar.update)
        results.append(Result(shown, scores(shown, catalog, first, until, what_was)))
    return results


def table(found: Sequence[Score], title: str) -> str:
    """For people: a line per rule."""
    head = f"{'per entity and month':<28} changes  reds  told  red %   right  found  delay"
    lines = [title, head]
    for score in found:
        line = (
            f"  {score.rule:<26} {score.changes:7.2f} {score.reds:5.2f} {score.told:5.2f} {100 * score.red_share:6.2f}"
        )
        if score.episodes:
            line += f" {_percent(score.right)} {_percent(score.found)} {_hours(score.delay_hours)}"
            line += f"  of {score.episodes} firm episodes on {score.entities} routes"
        if score.usd is not None:
            line += (
                f"\n    US$ {score.usd:.2f}: {score.missed_usd:.2f} missed, {score.false_usd:.2f} false red hours,"
                f" {score.messages_usd:.2f} messages"
            )
        lines.append(line)
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "     –" if share is None else f"{100 * share:5.1f}%"


def _hours(hours: float | None) -> str:
    return "    –" if hours is None else f"{hours:4.1f}h"


def show(path: Path, catalog: Catalog, first: datetime, until: datetime, seen: Callable[[int], None]) -> Shown:
    """Replay the rows of [first, until). Raises OSError or ValueError."""
    rules = {name: number for number, name in enumerate(catalog.rules)}
    entities: dict[str, int] = {}
    rule, entity, at_ms, light = array("i"), array("i"), array("q"), array("b")
    told = dict.fromkeys(rules, 0)
    places = {one: number for number, one in enumerate(LIGHTS)}
    for judged in replay(path, catalog, first, until, seen):
        rule.append(rules[judged.rule])
        entity.append(entities.setdefault(judged.entity, len(entities)))
        at_ms.append(to_ms(judged.at))
        light.append(places[judged.light])
        if judged.transition is not None and is_notifiable(judged.transition):
            told[judged.rule] += 1
    return Shown(
        list(rules),
        list(entities),
        np.array(rule, np.int32),
        np.array(entity, np.int32),
        np.array(at_ms, np.int64),
        np.array(light, np.int8),
        told,
    )


def scores(shown: Shown, catalog: Catalog, first: datetime, until: datetime, truth: Truth | None) -> list[Score]:
    """One per rule that a row reached."""
    months = (until - first) / MONTH
    found = []
    for number, name in enumerate(shown.rules):
        mine = shown.rule == number
        if not mine.any():
            continue
        rule = catalog.rules[name]
        of = truth if rule.scope == "route" and rule.kpi_name == "on_time_arrival" else None
        found.append(_score(shown, mine, name, first, until, months, of))
    return found


def _score(
    shown: Shown,
    mine: NDArray[np.bool_],
    name: str,
    first: datetime,
    until: datetime,
    months: float,
    truth: Truth | None,
) -> Score:
    entity, at_ms, light = shown.entity[mine], shown.at_ms[mine], shown.light[mine]
    order = np.lexsort((at_ms, entity))
    entity, at_ms, light = entity[order], at_ms[order], light[order]
    same = entity[1:] == entity[:-1]
    changed = same & (light[1:] != light[:-1])
    count = len(np.unique(entity))
    per = count * months
    hourly = _hourly(entity, at_ms, light, first, until)
    score = Score(
        rule=name,
        entities=count,
        changes=float(changed.sum() / per),
        reds=float((changed & (light[1:] == _RED)).sum() / per),
        told=shown.told[name] / per,
        red_share=float(np.mean([line == _RED for line in hourly.values()])),
    )
    return score if truth is None else _against(score, hourly, shown.entities, truth, per)


def _hourly(
    entity: NDArray[np.int32], at_ms: NDArray[np.int64], light: NDArray[np.int8], first: datetime, until: datetime
) -> dict[int, NDArray[np.int8]]:
    """By entity the light in force at each hour; GREY before its first row."""
    hours = to_ms(first) + HOUR_MS * np.arange((until - first) // timedelta(hours=1))
    found = {}
    for one in np.unique(entity):
        of = entity == one
        newest = np.searchsorted(at_ms[of], hours, side="right") - 1
        found[int(one)] = np.where(newest < 0, np.int8(0), light[of][np.maximum(newest, 0)])
    return found


def _against(
    score: Score, hourly: dict[int, NDArray[np.int8]], entities: list[str], truth: Truth, route_months: float
) -> Score:
    place = {entities[number]: number for number in hourly}
    hours = truth.bad.shape[1]
    red = np.zeros_like(truth.bad)
    for number, route in enumerate(truth.routes):
        if route in place:
            red[number] = hourly[place[route]][:hours] == _RED
    delays = []
    for episode in truth.episodes:
        lit = np.flatnonzero(red[episode.route, episode.begin : episode.end])
        if len(lit):
            delays.append(int(lit[0]))
    episodes = len(truth.episodes)
    costs = bill(red, score.told * route_months, truth).per(route_months)
    return score._replace(
        right=float((red & truth.bad).sum() / red.sum()) if red.any() else None,
        found=len(delays) / episodes if episodes else None,
        delay_hours=float(np.median(delays)) if delays else None,
        episodes=episodes,
        **costs._asdict(),
        usd=costs.usd,
    )
