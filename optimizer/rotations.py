"""Which leg each aircraft flew before, and what it needs at least between landing after it and leaving again.

The data know only departures from New York, so the way back is seen only by its length: turning there, flying back and
turning again.
"""

from typing import Final

import numpy as np
import polars as pl

from optimizer.flights import NEVER, Codes, Flags, Flights, Floats, Minutes

LONGEST_ROTATION_MINUTES: Final = 24 * 60
"""A longer gap absorbs whatever there was."""
SHORTEST: Final = 0.05
"""The quantile of past returns that counts as the shortest possible; fewer minutes are slips and swapped aircraft."""
LEAST_RETURNS: Final = 15
LEARN_DAYS: Final = 28
"""How often that is worked out anew."""
BEYOND_BLOCK_MINUTES: Final = 67
"""What the median route needs beyond the block time of the way there: its shortest returns of 2013 less that."""


def leg_before(flights: Flights, by: Minutes) -> tuple[Codes, Flags]:
    """Of each flight the newest one of its carrier and tail that should leave at minute `by` or before, and whether
    there is any."""
    code = flights.codes("carrier", "tail")
    order = np.lexsort((flights.departs, code))
    keys = (code * 2**32 + flights.departs)[order]
    place = np.searchsorted(keys, code * 2**32 + by, side="right") - 1
    leg = order[np.maximum(place, 0)]
    has_tail = flights.table["tail"].is_not_null().to_numpy()
    return leg, (place >= 0) & (code[leg] == code) & has_tail


def shortest_return(flights: Flights, leg: Codes, known: Flags) -> Floats:
    """Minutes from landing after the leg to leaving again, of each flight, by what was seen before its month."""
    left, landed = flights.departed, flights.arrived[leg]
    close = flights.departs - flights.arrives[leg] < LONGEST_ROTATION_MINUTES
    back = known & (left < NEVER) & (landed < NEVER) & close
    route = flights.codes("carrier", "origin", "destination")[leg]
    returns = pl.DataFrame({"route": route, "left": left, "minutes": left - landed}).filter(pl.Series(back))
    needed = (flights.arrives - flights.departs)[leg].astype(np.float64) + BEYOND_BLOCK_MINUTES
    month = flights.day // LEARN_DAYS
    for one in np.unique(month):
        asked = month == one
        seen = returns.filter(pl.col("left") <= int(flights.at[asked].min())).group_by("route")
        shortest = seen.agg(pl.col("minutes").quantile(SHORTEST), pl.len()).filter(pl.col("len") >= LEAST_RETURNS)
        for_each = pl.DataFrame({"route": route[asked]}).join(shortest, on="route", how="left", maintain_order="left")
        found = for_each["minutes"].cast(pl.Float64).to_numpy()
        needed[asked] = np.where(np.isnan(found), needed[asked], found)
    return needed
