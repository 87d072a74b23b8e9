"""One rule's lights over hourly rows of all entities at once: the life that `rules/evaluate.py` tells, in arrays.

A replay judges a row at a time and takes minutes for eight months; this takes a second, so that a grid of settings can
be tried. What is chosen by it is then judged by the replay. Not for pooled evidence.
"""

from datetime import timedelta
from typing import Final, NamedTuple

import numpy as np

from bench.lights.steady import AMBER, GREEN, GREY, RED, Lights
from rules.hourly import Grid, as_chosen, judged
from rules.rule import Rule
from rules.truth import Bools

_NONE: Final = np.int8(-1)
_HOUR: Final = timedelta(hours=1)


class Claims(NamedTuple):
    """What each hour's row says, by hour and entity; `changed` where another form of the rule judges it than the row
    before."""

    known: Bools
    enters_red: Bools
    stays_red: Bools
    enters_amber: Bools
    stays_amber: Bools
    beyond_amber: Bools
    changed: Bools


def claims(rule: Rule, grid: Grid) -> Claims:
    """By the rule as it is for each entity on each day."""
    shape = (len(grid.entities), len(grid.at_ms))
    known, *beyond = (np.zeros(shape, bool) for _ in range(6))
    form = np.zeros(shape, np.int8)
    for number, (one, here) in enumerate(as_chosen(rule, grid)):
        measures = {name: values[here] for name, values in grid.measures.items()}
        value, kindest, has_value = judged(one, measures)
        known[here] = has_value & (measures[one.n_of] >= one.min_n)
        limits = one.thresholds
        compared = (
            (kindest, limits.red), (value, limits.recover_red), (kindest, limits.amber), (value, limits.recover_amber),
            (value, limits.amber),
        )  # fmt: skip
        for found, (figure, limit) in zip(beyond, compared, strict=True):
            found[here] = one.sign * figure < one.sign * limit
        form[here] = number
    changed = np.diff(form, axis=1, prepend=form[:, :1]) != 0
    return Claims(*(np.ascontiguousarray(one.T) for one in (known, *beyond, changed)))


def lights(rule: Rule, said: Claims) -> Lights:
    """By entity and hour; all are grey before the first."""
    hours, entities = said.known.shape
    hold, dwell = rule.hold / _HOUR, rule.dwell / _HOUR
    light, pending = np.full(entities, GREY), np.full(entities, _NONE)
    since, leaving, last = np.zeros(entities), np.zeros(entities), np.full(entities, -np.inf)
    found = np.zeros((hours, entities), np.int8)
    for hour in range(hours):
        claimed = _claimed(light, Claims(*(one[hour] for one in said)))
        stays = claimed == light
        anew = (pending == _NONE) | said.changed[hour] | stays
        anew |= (claimed != pending) & (_side(light, claimed) != _side(light, pending))
        further = _steps(light, claimed) > _steps(light, pending)
        since = np.where(anew, hour, np.where(claimed == pending, since, np.where(further, hour, leaving)))
        leaving = np.where(anew, hour, leaving)
        at_once = (light == GREEN) & (claimed == GREY)
        waits = ~stays & ~at_once & ((hour - since < hold) | (hour - last < dwell))
        changes = ~stays & ~waits
        pending = np.where(waits, claimed, _NONE)
        last = np.where(changes & ~at_once, hour, last)
        light = np.where(changes, claimed, light)
        found[hour] = light
    return found.T


def _claimed(light: Lights, now: Claims) -> Lights:
    red = np.where(light == RED, now.stays_red, now.enters_red)
    amber = np.where(light >= AMBER, now.stays_amber, now.enters_amber)
    better = np.where((light == GREY) & now.beyond_amber, GREY, GREEN)
    claimed = np.where(red, RED, np.where(amber, AMBER, better))
    return np.where(now.known, claimed, GREY).astype(np.int8)


def _side(light: Lights, target: Lights) -> Lights:
    side = np.where(target > np.maximum(light, GREEN), 1, -1)
    return np.where(target == GREY, 0, side).astype(np.int8)


def _steps(light: Lights, target: Lights) -> Lights:
    steps: Lights = np.abs(np.maximum(target, GREEN) - np.maximum(light, GREEN))
    return steps
