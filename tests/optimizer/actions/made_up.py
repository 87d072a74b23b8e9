"""A carrier's day by hand: legs out of JFK and back, 100 passengers at US$ 100 each."""

import numpy as np

from optimizer.actions.day_plan import ALWAYS, DayPlan, Known
from optimizer.actions.foresee import Luck
from optimizer.flights import NEVER


def plan(*legs: tuple[int, int, int], designators: str = "A320", passengers: int = 100, **changed: object) -> DayPlan:
    """Each leg as minute of departure, the leg before of its aircraft (-1 without) and since when that is ready; an
    hour each way, 700 km."""
    departs = np.array([leg[0] for leg in legs], np.int64)
    before = np.array([leg[1] for leg in legs], np.int64)
    ready = np.array([leg[2] if leg[1] >= 0 else ALWAYS for leg in legs], np.float64)
    count = len(legs)
    fields: dict[str, object] = {
        "place": np.arange(count),
        "flight_id": [f"AA-{n}" for n in range(count)],
        "carrier": "AA",
        "origin": ["JFK"] * count,
        "destination": ["BOS"] * count,
        "departs": departs,
        "arrives": departs + 60,
        "before": before,
        "ready": ready,
        "may_change": np.ones(count, np.bool_),
        "designator": [designators] * count,
        "distance_km": np.full(count, 700),
        "passengers": np.full(count, float(passengers)),
        "changing": np.zeros(count),
        "fare_cents": np.full(count, 10_000),
        "least": np.full(count, -np.inf),
        "cancelled": np.zeros(count, np.bool_),
        "swapped": np.zeros(count, np.bool_),
        "padded_minutes": np.zeros(count),
        "bound_minutes": np.zeros(count),
    }
    return DayPlan(**(fields | changed))  # type: ignore[arg-type]


def luck(*own_minutes: float, samples: int = 3, gone: int = 0) -> Luck:
    """Each leg's own delay, NaN if it is cancelled; nothing is lost on the way, all wait for their aircraft; the first
    `gone` legs have left."""
    own = np.repeat(np.array(own_minutes, np.float64)[:, None], samples, axis=1)
    return Luck(own, np.zeros_like(own), np.zeros(own.shape, np.bool_), np.arange(len(own_minutes)) < gone)


def nothing_known(legs: int, at: int = 0) -> Known:
    return Known(at, np.full(legs, NEVER), np.full(legs, NEVER))
