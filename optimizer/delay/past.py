"""How flights like this one have fared of late: what was known of their ends when the flight is predicted."""

from typing import Final, NamedTuple

import numpy as np

from optimizer.delay.flights import Codes, Flights, Floats

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


def past_features(flights: Flights) -> dict[str, Floats]:
    """Shares disrupted, drawn towards the share of all flights; minutes late where they say more."""
    ends = _Ends(flights)
    everyone = np.zeros(len(flights), np.int64)
    found: dict[str, Floats] = {}
    usual: dict[int, tuple[Floats, Floats]] = {}
    for days in (1, 7, 28):
        count, disrupted, late = ends.since(everyone, days)
        usual[days] = (disrupted + 5) / (count + 20), (late + 50) / (count + 20)
    for days, name in ((1, "day"), (7, "week")):
        found[f"past_all_{name}"], found[f"past_all_{name}_late"] = usual[days]
    for name, past in PAST.items():
        count, disrupted, late = ends.since(flights.codes(*past.columns), past.days)
        share, minutes = usual.get(past.days, usual[28])
        found[f"past_{name}"] = (disrupted + past.start * share) / (count + past.start)
        if past.columns[-1] == "destination" and "number" in past.columns:
            found[f"past_{name}_late"] = (late + past.start * minutes) / (count + past.start)
    return found


class _Ends:
    """Ends of flights in the order they became known, added up, so that a window is a difference of two sums."""

    def __init__(self, flights: Flights) -> None:
        self._flights = flights
        self._begin = int(flights.closed.min(initial=0)) - 100 * DAY
        late = np.clip(
            np.where(flights.landed, flights.arrived - flights.arrives, LONGEST_MINUTES), -40, LONGEST_MINUTES
        )
        self._values = (np.ones(len(flights)), flights.disrupted.astype(np.float64), late)

    def since(self, code: Codes, days: int) -> tuple[Floats, Floats, Floats]:
        """Of the flights of the same code that closed within so many days before each flight's prediction: how many,
        how many disrupted, minutes late in all."""
        order = np.lexsort((self._flights.closed, code))
        # One number that sorts by code, then time: a binary search then finds the end of a window within its code.
        closed = self._key(code, self._flights.closed)[order]
        until = np.searchsorted(closed, self._key(code, self._flights.at), side="right")
        after = np.searchsorted(closed, self._key(code, self._flights.at - days * DAY), side="right")
        sums = [np.concatenate([[0.0], np.cumsum(values[order])]) for values in self._values]
        count, disrupted, late = (added[until] - added[after] for added in sums)
        return count, disrupted, late

    def _key(self, code: Codes, minute: Codes) -> Codes:
        return code * 2**32 + (minute - self._begin)
