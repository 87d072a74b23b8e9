"""Where the flight's aircraft is: its leg before, as far as that is known, and how late that would make this flight.

A missing tail number would tell that the flight is going to be cancelled, as 2,512 of 2,512 were: recorded tails are
those that flew. Such a flight is given what the flight before it on its route knew of its own aircraft, so that nothing
tells them apart. What remains is that a tail that flew may not be the one that was planned: the bar without these
features is there for that.
"""

from typing import Final

import numpy as np
import polars as pl

from optimizer.flights import Flights, Floats
from optimizer.rotations import LONGEST_ROTATION_MINUTES, leg_before, shortest_return

EARLY_MINUTES: Final = 120
"""If the aircraft would be back later than so much after this flight's schedule, another was planned for it, or it came
back another way."""
NO_ROTATION: Final = -400.0
UNKNOWN_MINUTES: Final = 4000.0

TAIL_FEATURES: Final = (
    *("leg_late", "leg_gap", "leg_slack", "leg_carries_over"),
    *("leg_waited", "leg_progress", "leg_block", "leg_from_here"),
)


def rotation_features(flights: Flights) -> dict[str, Floats]:
    """Of the newest flight of the same tail that should have left by now."""
    leg, known = leg_before(flights, flights.at)
    departs, arrives, departed, arrived = (
        moments[leg] for moments in (flights.departs, flights.arrives, flights.departed, flights.arrived)
    )
    here = flights.codes("origin")
    landed, gone = arrived <= flights.at, departed <= flights.at
    so_far = np.where(landed, arrived - arrives, np.where(gone, departed - departs, flights.at - departs))
    late = np.clip(so_far, -60, 400)
    gap = flights.departs - arrives
    block = arrives - departs
    slack = gap - shortest_return(flights, leg, known)
    rotation = known & (slack > -EARLY_MINUTES) & (gap < LONGEST_ROTATION_MINUTES)
    found = {
        "leg_late": np.where(known & (gap < LONGEST_ROTATION_MINUTES * 3 // 2), late, -100),
        "leg_gap": np.where(known, np.minimum(gap, 3000), UNKNOWN_MINUTES),
        "leg_slack": np.where(known, np.clip(slack, -300, 3000), UNKNOWN_MINUTES),
        "leg_carries_over": np.where(rotation, np.clip(late - slack, NO_ROTATION, 300), NO_ROTATION),
        "leg_waited": np.where(known & ~gone, np.minimum(flights.at - departs, 600), 0),
        "leg_progress": np.where(known, gone.astype(int) + landed, -1),
        "leg_block": np.where(known, block, -1),
        "leg_from_here": np.where(known, here[leg] == here, 0),
    }
    return _as_the_flight_before(flights, found)


def _as_the_flight_before(flights: Flights, found: dict[str, Floats]) -> dict[str, Floats]:
    has_tail = flights.table["tail"].is_not_null()
    given = pl.DataFrame({name: values.astype(np.float64) for name, values in found.items()}).with_columns(
        has_tail=has_tail,
        carrier=flights.table["carrier"],
        route=flights.table["origin"] + flights.table["destination"],
    )
    filled = given.select(
        pl.when("has_tail").then(pl.col(name)).forward_fill().over("carrier", "route").fill_null(NO_ROTATION)
        for name in found
    )
    return {name: filled[name].to_numpy() for name in found}
