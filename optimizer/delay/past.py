"""How flights like this one have fared of late: what was known of their ends when the flight is predicted."""

from typing import Final, NamedTuple

import numpy as np

from optimizer.flights import Codes, Flights, Floats

DAY: Final = 24 * 60
LONGEST_MINUTES: Final = 180.0
"""A longer delay counts as this, and so does a flight that never landed."""


class Past(NamedTuple):
    """A group of flights, how long back, and how many flights' worth of the group's whole it starts from."""

    columns: tuple[str, ...]
    days: int
    start: float


PAST: Final = {
    "carrier_here_day": Past(("carrier", "origin"), 1, 20),
    "carrier_day": Past(("carrier",), 1, 30),
    "carrier_month": Past(("carrier",), 28, 30),
    "origin_day": Past(("origin",), 1, 30),
    "destination_day": Past(("destination",), 1, 20),
    "destination_month": Past(("destination",), 28, 20),
    "route_month": Past(("origin", "destination", "carrier"), 28, 20),
    "hour_month": Past(("origin", "hour"), 28, 30),
    "carrier_hour_month": Past(("carrier", "hour"), 28, 30),
    "number_days": Past(("carrier", "number", "origin", "destination"), 2, 3),
    "number_week": Past(("carrier", "number", "origin", "destination"), 7, 6),
    "number_month": Past(("carrier", "number", "origin", "destination"), 28, 6),
    "number_season": Past(("carrier", "number", "origin", "destination"), 60, 6),
}


LOST: Final = {
    "origin_day": Past(("origin",), 1, 10),
    "destination_day": Past(("destination",), 1, 10),
    "carrier_week": Past(("carrier",), 7, 10),
    "route_month": Past(("origin", "destination", "carrier"), 28, 10),
    "number_month": Past(("carrier", "number", "origin", "destination"), 28, 5),
}
"""Whose minutes lost on the way count: what a schedule allows for a route changes with the season."""


def past_features(flights: Flights) -> dict[str, Floats]:
    """Shares disrupted, drawn towards the share of all flights; minutes late and lost where they say more."""
    ends = _Ends(flights)
    everyone = np.zeros(len(flights), np.int64)
    found: dict[str, Floats] = {}
    usual: dict[int, tuple[Floats, Floats, Floats]] = {}
    for days in (1, 7, 28):
        count, disrupted, late, lost = ends.since(everyone, days)
        usual[days] = (disrupted + 5) / (count + 20), (late + 50) / (count + 20), lost / (count + 20)
    for days, name in ((1, "day"), (7, "week")):
        found[f"past_all_{name}"], found[f"past_all_{name}_late"], found[f"past_all_{name}_lost"] = usual[days]
    for name, past in PAST.items():
        count, disrupted, late, _ = ends.since(flights.codes(*past.columns), past.days)
        share, minutes, _ = usual.get(past.days, usual[28])
        found[f"past_{name}"] = (disrupted + past.start * share) / (count + past.start)
        if "number" in past.columns:
            found[f"past_{name}_late"] = (late + past.start * minutes) / (count + past.start)
    for name, past in LOST.items():
        count, _, _, lost = ends.since(flights.codes(*past.columns), past.days)
        found[f"past_{name}_lost"] = (lost + past.start * usual[past.days][2]) / (count + past.start)
    return found


class _Ends:
    """Ends of flights in the order they became known, added up, so that a window is a difference of two sums."""

    def __init__(self, flights: Flights) -> None:
        self._flights = flights
        self._begin = int(flights.closed.min(initial=0)) - 100 * DAY
        # What lands after it was given up was never added, so nothing may tell it from what never landed.
        landed = flights.arrived <= flights.closed
        late = np.where(landed, np.clip(flights.arrived - flights.arrives, -40, LONGEST_MINUTES), LONGEST_MINUTES)
        on_the_way = flights.arrived - flights.arrives - flights.departed + flights.departs
        lost = np.where(landed, np.clip(on_the_way, -60, 120), 0.0)
        self._values = (np.ones(len(flights)), flights.disrupted.astype(np.float64), late, lost)

    def since(self, code: Codes, days: int) -> tuple[Floats, Floats, Floats, Floats]:
        """Of the flights of the same code that closed within so many days before each flight's prediction: how many,
        how many disrupted, minutes late and minutes lost on the way in all."""
        order = np.lexsort((self._flights.closed, code))
        # One number that sorts by code, then time: a binary search then finds the end of a window within its code.
        closed = self._key(code, self._flights.closed)[order]
        until = np.searchsorted(closed, self._key(code, self._flights.at), side="right")
        after = np.searchsorted(closed, self._key(code, self._flights.at - days * DAY), side="right")
        sums = [np.concatenate([[0.0], np.cumsum(values[order])]) for values in self._values]
        count, disrupted, late, lost = (added[until] - added[after] for added in sums)
        return count, disrupted, late, lost

    def _key(self, code: Codes, minute: Codes) -> Codes:
        return code * 2**32 + (minute - self._begin)
