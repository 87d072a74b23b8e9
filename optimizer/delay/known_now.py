"""What goes on when a flight is predicted: who has left how late, who waits, who has landed how late.

Most of the signal of a bad day is here, and most of that in flights that should have gone and have not: they have no
delay yet, so each counts with the minutes it has waited so far.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimizer.flights import LATE_MINUTES, Flights, Floats, Minutes

LOOK_BACK_MINUTES: Final = 480
WAITING_MINUTES: Final = 240
"""A flight that has not left by then tells no more: it is cancelled, or as late as can be."""
LONGEST_MINUTES: Final = 180
LEAST_LEFT_MINUTES: Final = -10
LEAST_LANDED_MINUTES: Final = -40
HOUR: Final = 60
BLOCK: Final = 128
"""Flights worked on at once: with more, most pairs of flights are too far apart to matter; with fewer, numpy's calls
outweigh its sums."""

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "all": (),
    "origin": ("origin",),
    "carrier_here": ("carrier", "origin"),
    "destination": ("destination",),
    "carrier": ("carrier",),
}
HOURS: Final[dict[str, tuple[int, ...]]] = {
    "all": (3,),
    "origin": (1, 3),
    "carrier_here": (3, 6),
    "destination": (6,),
    "carrier": (6,),
}
"""How far back each is looked at: the fewer flights, the longer."""
LANDED: Final = ("all", "origin", "destination")

SEEN: Final = (
    *("waiting", "waited", "left", "left_late", "landed", "landed_late", "lost_on_the_way"),
    *(f"{name}_{hours}h" for hours in (1, 3, 6) for name in ("known", "late", "late_share")),
)

Pairs = NDArray[np.float32]
"""One number per flight that is predicted and flight that it may learn from."""


def known_now_features(flights: Flights) -> dict[str, Floats]:
    """Means and counts over flights of the same airport, carrier, destination, as they stand at that instant."""
    codes = {
        name: flights.codes(*columns) if columns else np.zeros(len(flights), np.int64)
        for name, columns in GROUPS.items()
    }
    found: dict[str, list[Floats]] = {}
    for first in range(0, len(flights), BLOCK):
        rows = slice(first, min(first + BLOCK, len(flights)))
        # Whoever left before its time, at most an hour, is known too.
        reach = [flights.at[rows][0] - LOOK_BACK_MINUTES, flights.at[rows][-1] + HOUR]
        around = slice(*np.searchsorted(flights.departs, reach))
        seen = _seen(flights, rows, around)
        for group, code in codes.items():
            same = (code[rows][:, None] == code[around][None, :]).astype(np.float32)
            totals = np.matmul(seen, same[:, :, None])[:, :, 0].astype(np.float64)
            for name, values in _said(group, dict(zip(SEEN, totals.T, strict=True))).items():
                found.setdefault(f"{group}_{name}", []).append(values)
    return {name: np.concatenate(values) for name, values in found.items()}


def _seen(flights: Flights, rows: slice, around: slice) -> Pairs:
    """`[flight, SEEN, other]`: what each flight of `rows` sees of each of `around`, 0 where it cannot know."""
    begin = flights.at[rows][0]

    def since_begin(minutes: Minutes) -> NDArray[np.float32]:
        # Up to 2^23 each minute has a number of its own.
        moved: NDArray[np.float32] = np.minimum(minutes - begin, 2**23).astype(np.float32)
        return moved

    now = since_begin(flights.at[rows])[:, None]
    departs, departed = since_begin(flights.departs[around]), since_begin(flights.departed[around])
    arrives, arrived = since_begin(flights.arrives[around]), since_begin(flights.arrived[around])
    since, gone = now - departs, departed <= now
    late = np.clip(np.where(gone, departed - departs, since), LEAST_LEFT_MINUTES, LONGEST_MINUTES)
    known = gone | (since >= 0)
    waiting = known & ~gone & (since < WAITING_MINUTES)
    left = gone & (departed > now - HOUR)
    landed = (arrived <= now) & (arrived > now - 3 * HOUR)
    lost = np.clip((arrived - arrives) - (departed - departs), LEAST_LANDED_MINUTES, LONGEST_MINUTES)
    landed_late = np.clip(arrived - arrives, LEAST_LANDED_MINUTES, LONGEST_MINUTES)
    delayed = late >= LATE_MINUTES
    shown = [waiting, waiting * np.minimum(since, 2 * HOUR), left, left * late]
    shown += [landed, landed * landed_late, landed * lost]
    for hours in (1, 3, 6):
        recent = known & (since < hours * HOUR)
        shown += [recent, recent * late, recent & delayed]
    seen = np.empty((len(now), len(SEEN), len(departs)), np.float32)
    for place, values in enumerate(shown):
        seen[:, place] = values
    return seen


def _said(group: str, total: dict[str, Floats]) -> dict[str, Floats]:
    """The features of a group; means are drawn towards nothing by one flight that was on time."""
    found = {"waiting": total["waiting"], "waited": total["waited"]}
    for hours in HOURS[group]:
        count = total[f"known_{hours}h"]
        found[f"late_{hours}h"] = total[f"late_{hours}h"] / (count + 1)
        found[f"late_share_{hours}h"] = total[f"late_share_{hours}h"] / (count + 1)
        found[f"known_{hours}h"] = count
    if group in LANDED:
        for name in ("landed_late", "lost_on_the_way"):
            found[name] = total[name] / (total["landed"] + 1)
    if group == "origin":
        found["left_1h"] = total["left"]
        found["left_late_1h"] = total["left_late"] / (total["left"] + 1)
    return found
