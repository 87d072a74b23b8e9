"""Who is on board of the flights of 2013: modelled, as the data set does not say. The same for the same flight."""

from statistics import NormalDist
from typing import Final

import numpy as np

from optimizer.day.luck import uniform, word
from optimizer.flights import Floats

LOAD: Final = 0.831
"""BTS T-100, systemwide load factor of US airlines, 2013."""
LOAD_SPREAD: Final = 0.12
"""Between flights; an assumption."""
CONNECTING: Final = 0.4
"""Of those on board of a flight into a hub of its carrier, the share who change there; an assumption."""
HUBS: Final[dict[str, frozenset[str]]] = {
    "AA": frozenset({"DFW", "ORD", "MIA"}),
    "MQ": frozenset({"DFW", "ORD"}),
    "DL": frozenset({"ATL", "DTW", "MSP", "SLC"}),
    "9E": frozenset({"DTW", "MSP", "ATL"}),
    "UA": frozenset({"ORD", "IAH", "DEN", "SFO", "IAD", "CLE"}),
    "EV": frozenset({"ORD", "IAH", "IAD", "CLE"}),
    "US": frozenset({"CLT", "PHX", "PHL"}),
    "FL": frozenset({"ATL"}),
    "WN": frozenset({"MDW"}),
}
SPARE_MINUTES: Final = (40, 210)
"""Connections are sold with so many minutes beyond what changing takes, evenly; an assumption."""


def booked(flight_ids: list[str], seats: Floats) -> Floats:
    """Passengers of each flight, at most its seats."""
    lots = uniform(np.array([word(0, f"passengers {one}") for one in flight_ids], np.uint64), 1)[:, 0]
    standard = np.array([NormalDist().inv_cdf(min(max(lot, 1e-6), 1 - 1e-6)) for lot in lots])
    found: Floats = np.clip(np.round(seats * (LOAD + LOAD_SPREAD * standard)), 0, seats)
    return found


def connecting(carrier: list[str], destination: list[str], passengers: Floats) -> Floats:
    """Of each flight, how many change where it goes."""
    hub = np.array([end in HUBS.get(who, ()) for who, end in zip(carrier, destination, strict=True)])
    found: Floats = np.where(hub, np.round(CONNECTING * passengers), 0.0)
    return found


def missed_share(late_minutes: Floats) -> Floats:
    """Of those who change, how many miss it if they land so late; NaN in, NaN out."""
    first, last = SPARE_MINUTES
    found: Floats = np.clip((late_minutes - first) / (last - first), 0.0, 1.0)
    return found
