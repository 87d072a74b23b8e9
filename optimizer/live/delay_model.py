"""How likely flights that have not left are to be late, by the flights table alone: trees that ship as numbers.

Fitted by `python -m optimizer train --live` to flights of 2013 from New York; walked without any library. It knows no
weather and no names, so it is the plainer one beside `optimizer/delay`; what that costs stands in its metrics.
"""

import math
from collections.abc import Container, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from optimizer.live.delay_features import FEATURES, asked
from optimizer.live.flight import LiveFlight
from schemas.trees import SummedTrees

SHIPPED: Final = Path(__file__).with_name("delay_model.json")


class LiveDelayModel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`chance` is log odds of a disruption, the others are quantiles of minutes late (10, 50, 90 %). `version` is of
    its trees, `data` the SHA-256 of what it was fitted to, flights before `until`; `metrics` of flights from then on,
    two hours ahead."""

    version: str
    data: str
    until: str
    features: tuple[str, ...]
    metrics: dict[str, float]
    chance: SummedTrees
    low: SummedTrees
    middle: SummedTrees
    high: SummedTrees


class Forecast(msgspec.Struct, frozen=True):
    """Of a flight: the chance that it lands 15 minutes late or more, is cancelled or diverted; and between what its
    minutes late lie in 80 of 100, if it lands."""

    chance: float
    low_minutes: int
    middle_minutes: int
    high_minutes: int


def forecasts(
    model: LiveDelayModel,
    flights: Sequence[LiveFlight],
    airport: str,
    at_minute: int,
    offset_minutes: int,
    only: Container[str] | None = None,
) -> dict[str, Forecast]:
    """By flight id: those that leave the airport within eight hours and have not left, as `asked` has them; or `only`
    these, as each takes a millisecond."""
    return {
        one.flight.flight_id: forecast(model, one.features)
        for one in asked(flights, airport, at_minute, offset_minutes, only)
    }


def forecast(model: LiveDelayModel, features: Sequence[float]) -> Forecast:
    """Of FEATURES."""
    low, middle, high = sorted(round(one.of(features)) for one in (model.low, model.middle, model.high))
    return Forecast(chance(model, features), low, middle, high)


def chance(model: LiveDelayModel, features: Sequence[float]) -> float:
    """Of a disruption alone, a quarter of the work."""
    return 1 / (1 + math.exp(-model.chance.of(features)))


def read_model(path: Path = SHIPPED) -> LiveDelayModel:
    """Raises OSError, or ValueError for what is none or is unsafe to walk."""
    model = msgspec.json.decode(path.read_bytes(), type=LiveDelayModel)
    if model.features != FEATURES:
        raise ValueError(f"{path} was fitted to other features")
    for trees in (model.chance, model.low, model.middle, model.high):
        for fault in trees.faults(len(FEATURES)):
            raise ValueError(f"{path}: {fault}")
    return model


@cache
def shipped_model() -> LiveDelayModel:
    """The one that comes with the code."""
    return read_model()
