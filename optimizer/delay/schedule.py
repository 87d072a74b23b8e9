"""What the schedule alone says."""

from typing import Final

import numpy as np

from optimizer.flights import Flights, Floats

CARRIERS: Final = ("9E", "AA", "B6", "DL", "EV", "MQ", "UA", "US", "VX", "WN")
ORIGINS: Final = ("EWR", "JFK", "LGA")
"""Whoever else flies is told by how it has fared."""

CLOSE: Final = {"hour_before": (-60, 0), "three_hours_before": (-180, 0), "half_hour_after": (0, 30)}
"""Minutes around the departure in which others leave the same airport."""


def schedule_features(flights: Flights) -> dict[str, Floats]:
    """Clock, weekday, length, airport, carrier, and how many leave the same airport around then."""
    found = {
        "departs_local_minute": flights.column("departs_local_minute"),
        "arrives_local_minute": flights.column("arrives_local_minute"),
        "weekday": flights.table["day"].dt.weekday().cast(float).to_numpy(),
        "distance_km": flights.column("distance_km"),
        "block_minutes": (flights.arrives - flights.departs).astype(np.float64),
    }
    for column, names in (("carrier", CARRIERS), ("origin", ORIGINS)):
        found |= {f"{column}_{name}": (flights.table[column] == name).cast(float).to_numpy() for name in names}
    origin = flights.codes("origin")
    for name, (first, last) in CLOSE.items():
        found[f"leave_{name}"] = np.zeros(len(flights))
        for one in range(origin.max(initial=-1) + 1):
            here = np.flatnonzero(origin == one)
            departs = flights.departs[here]
            until = np.searchsorted(departs, departs + last, side="right")
            found[f"leave_{name}"][here] = until - np.searchsorted(departs, departs + first)
    return found
