"""What a catalogue would have shown in the past, and how right it was."""

import time
from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple, NoReturn

import numpy as np
import polars as pl
from numpy.typing import NDArray
from tqdm import tqdm

from rules.held import Held, hold
from rules.load import Catalog
from rules.notice import is_notifiable
from rules.price import bill
from rules.realised import Realised, realised
from rules.recent import HOUR_MS
from rules.replay import CHUNK, WARM_UP, replay
from rules.rule import Rule
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

    rows: int
    cpu_seconds: float
    """What the replay took of the processor, the rows of its warm-up included."""

    @property
    def rows_per_minute(self) -> float:
        return 60 * self.rows / self.cpu_seconds

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
    from the begin of a found episode to its first red hour, the median. `missed_hours` were bad and not red,
    `false_hours` red and not bad: per entity and month. `measured`: whether the rows count what the KPI is made of; if
    not, the light is grey, and every figure says nothing. US$ per entity and month as `price.py` prices what was
    missed, false red hours and messages: for rules whose trouble is minutes.
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
    missed_hours: float | None = None
    false_hours: float | None = None
    measured: bool = True
    missed_usd: float | None = None
    false_usd: float | None = None
    messages_usd: float | None = None
    usd: float | None = None


class Result(NamedTuple):
    """One catalogue's lights, and a score per rule and what it was made from."""

    shown: Shown
    scores: list[Score]
    held: dict[str, Held]


def backtest(
    path: Path,
    catalogs: Sequence[Catalog],
    first: datetime,
    until: datetime,
    progress: Callable[[float], None] = lambda _share: None,
) -> list[Result]:
    """Each catalogue on the same rows, with a progress bar; `progress` is told which share of the rows' time is done.

    Raises OSError, or ValueError if the rows are none.
    """
    chunks = len(catalogs) * -(-(until - first + WARM_UP) // CHUNK)
    done = count()
    late = truth(path, first, until)
    results = []
    for catalog in catalogs:
        was: dict[str, Truth | Realised] = {**realised(path, catalog.rules.values(), first, until)}
        unmeasured = {name for name, one in was.items() if isinstance(one, Realised) and not one.measured}
        was |= {name: late for name, rule in catalog.rules.items() if has_its_own_truth(rule)}
        with tqdm(desc="rows", unit="", unit_scale=True, disable=None) as bar:

            def seen(rows: int, bar: "tqdm[NoReturn]" = bar) -> None:
                bar.update(rows)
                progress((next(done) + 1) / chunks)

            shown = show(path, catalog, first, until, seen)
        results.append(Result(shown, *scores(shown, first, until, was, unmeasured)))
    return results


def has_its_own_truth(rule: Rule) -> bool:
    """Late arrivals of routes, whatever the evidence."""
    return rule.scope == "route" and rule.kpi_name == "on_time_arrival"


def pace(shown: Sequence[Shown]) -> str:
    """For people: how fast all of it was replayed."""
    rows, seconds = sum(one.rows for one in shown), sum(one.cpu_seconds for one in shown)
    return f"replayed {rows:,} rows in {seconds:.1f} s of CPU: {60 * rows / max(seconds, 0.001):,.0f} a minute"


def show(path: Path, catalog: Catalog, first: datetime, until: datetime, seen: Callable[[int], None]) -> Shown:
    """Replay the rows of [first, until). Raises OSError or ValueError."""
    start, rows = time.process_time(), 0

    def note(more: int) -> None:
        nonlocal rows
        rows += more
        seen(more)

    rules = {name: number for number, name in enumerate(catalog.rules)}
    entities: dict[str, int] = {}
    rule, entity, at_ms, light = array("i"), array("i"), array("q"), array("b")
    told = dict.fromkeys(rules, 0)
    places = {one: number for number, one in enumerate(LIGHTS)}
    newest, newest_ms = first, to_ms(first)
    for judged in replay(path, catalog, first, until, note):
        rule.append(rules[judged.rule])
        entity.append(entities.setdefault(judged.entity, len(entities)))
        if judged.at != newest:
            newest, newest_ms = judged.at, to_ms(judged.at)
        at_ms.append(newest_ms)
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
        rows,
        time.process_time() - start,
    )


def scores(
    shown: Shown,
    first: datetime,
    until: datetime,
    was: Mapping[str, Truth | Realised] = MappingProxyType({}),
    unmeasured: Collection[str] = (),
) -> tuple[list[Score], dict[str, Held]]:
    """One per rule that a row reached; and, of rules that it is known of what was, what they are made from."""
    months = (until - first) / MONTH
    found, held = [], {}
    for number, name in enumerate(shown.rules):
        mine = shown.rule == number
        if not mine.any():
            continue
        score, hourly = _score(shown, mine, name, first, until, months)
        if name in unmeasured:
            score = score._replace(measured=False)
        elif name in was:
            held[name] = hold({shown.entities[one]: line == _RED for one, line in hourly.items()}, was[name])
            score = _against(score, held[name])
            if was[name].priced:
                score = _priced(score, held[name], was[name], score.entities * months)
        found.append(score)
    return found, held


def _score(
    shown: Shown,
    mine: NDArray[np.bool_],
    name: str,
    first: datetime,
    until: datetime,
    months: float,
) -> tuple[Score, dict[int, NDArray[np.int8]]]:
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
    return score, hourly


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


def _against(score: Score, held: Held) -> Score:
    months = held.bad.size * timedelta(hours=1) / MONTH
    return score._replace(
        right=held.right,
        found=held.found,
        delay_hours=held.delay_hours,
        episodes=held.episodes,
        missed_hours=float(held.missed.sum() / months) if months else None,
        false_hours=float(held.false.sum() / months) if months else None,
    )


def _priced(score: Score, held: Held, was: Truth | Realised, entity_months: float) -> Score:
    costs = bill(held.red, score.told * entity_months, was).per(entity_months)
    return score._replace(**costs._asdict(), usd=costs.usd)
