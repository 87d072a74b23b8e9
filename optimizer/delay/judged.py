"""The delay model beside plainer means, on flights that none of them was fitted to."""

from typing import Final, NamedTuple

import numpy as np

from optimizer.delay import baselines
from optimizer.delay.features import Features
from optimizer.delay.fit import Progress, learnt_from
from optimizer.delay.flights import Flights, Floats
from optimizer.delay.model import DelayModel
from optimizer.delay.recent import Said, corrected, corrected_chance
from optimizer.delay.scores import ChanceScore, IntervalScore, chance_score, interval_score, missed_bars

OURS: Final = "ours"
WITHOUT_TAILS: Final = "ours, without tails"
LOGISTIC: Final = "logistic regression on everything"


class Judged(NamedTuple):
    """Scores by name, in the order of the table, over so many flights; the intervals of ours; bars that were missed."""

    flights: int
    disrupted: float
    chances: dict[str, ChanceScore]
    interval: IntervalScore
    missed: list[str]


def judged(
    model: DelayModel, features: Features, flights: Flights, *, side_by_side: bool = True, said: Progress = print
) -> Judged:
    """On all flights from the model's `until` on. Raises ValueError without any, or if the model has other features."""
    until_day = int(np.datetime64(model.until, "D").astype(np.int64))
    held_out = flights.day >= until_day
    if not held_out.any():
        raise ValueError(f"no flights from {model.until} on to judge by")
    said("predicting")
    raw, raw_without_tails = model.said(features), model.said_without_tails(features)
    set_right = corrected(raw, flights)
    chances = {
        OURS: set_right.chance,
        WITHOUT_TAILS: corrected_chance(raw_without_tails, flights),
        "ours, not set right by the last two weeks": raw.chance,
    }
    if side_by_side:
        known = learnt_from(flights, until_day)
        said("fitting the others")
        logistic = baselines.logistic_on_everything(features, flights, known)
        chances |= {
            LOGISTIC: logistic,
            f"{LOGISTIC}, set right alike": corrected_chance(logistic, flights),
            "recent delay at the origin": baselines.recent_origin_delay(features, flights, known),
            "route and hour": baselines.route_and_hour(flights, known),
            "base rate": baselines.base_rate(flights, known),
        }
    scores = {name: chance_score(chance[held_out], flights.disrupted[held_out]) for name, chance in chances.items()}
    interval = _interval(set_right, flights, held_out & flights.landed)
    missed = missed_bars(scores[OURS], scores[WITHOUT_TAILS], interval)
    return Judged(int(held_out.sum()), float(flights.disrupted[held_out].mean()), scores, interval, missed)


def _interval(said: Said, flights: Flights, chosen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> IntervalScore:
    month: Floats = flights.table["day"].dt.month().cast(float).to_numpy()
    return interval_score(Said(*(of[chosen] for of in said)), flights.arrival_delay_minutes[chosen], month[chosen])
