"""The delay model beside plainer means, on flights that none of them was fitted to."""

from typing import Final, NamedTuple

import numpy as np

from optimizer.delay import baselines
from optimizer.delay.features import Features
from optimizer.delay.fit import Progress, learnt_from
from optimizer.delay.model import DelayModel
from optimizer.delay.recent import DAYS, Said, corrected, corrected_chance
from optimizer.delay.scores import ChanceScore, IntervalScore, chance_score, interval_score, missed_bars
from optimizer.flights import Flights

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
    if not (flights.day >= until_day).any():
        raise ValueError(f"no flights from {model.until} on to judge by")
    said("predicting")
    # The days before are what the first predictions are set right by.
    asked = flights.day >= until_day - DAYS
    shown, late = features.where(asked), flights.where(asked)
    raw = model.said(shown)
    set_right = corrected(raw, late)
    chances = {
        OURS: set_right.chance,
        WITHOUT_TAILS: corrected_chance(model.said_without_tails(shown), late),
        "ours, not set right by the last two weeks": raw.chance,
    }
    if side_by_side:
        known = learnt_from(flights, until_day)
        said("fitting the others")
        logistic = baselines.logistic_on_everything(features, flights, known)[asked]
        chances |= {
            LOGISTIC: logistic,
            f"{LOGISTIC}, set right alike": corrected_chance(logistic, late),
            "recent delay at the origin": baselines.recent_origin_delay(features, flights, known)[asked],
            "route and hour": baselines.route_and_hour(flights, known)[asked],
            "base rate": baselines.base_rate(flights, known)[asked],
        }
    held_out = late.day >= until_day
    disrupted = late.disrupted[held_out]
    scores = {name: chance_score(chance[held_out], disrupted) for name, chance in chances.items()}
    landed = held_out & late.landed
    month = late.table["day"].dt.month().cast(float).to_numpy()[landed]
    interval = interval_score(Said(*(of[landed] for of in set_right)), late.arrival_delay_minutes[landed], month)
    missed = missed_bars(scores[OURS], scores[WITHOUT_TAILS], interval)
    return Judged(int(held_out.sum()), float(disrupted.mean()), scores, interval, missed)
