"""The days that a simulation draws from: how each flight of the past fared by itself, and whose fate a flight may
share."""

from typing import Final, NamedTuple

import numpy as np
import polars as pl

from optimizer.day.luck import uniform, word
from optimizer.day.plan import Plan, carried_over, departure_delay
from optimizer.flights import Codes, Flights, Floats

DAYS_BEFORE: Final = 28
"""Days to draw from, before the simulated one: a season's own, and enough of them to hold its bad ones."""
BLOCK_ENDS_HOURS: Final = (7, 9, 12, 15, 18)  # delays grow over the day
BLOCKS: Final = len(BLOCK_ENDS_HOURS) + 1
LEAST_DONORS: Final = 5
"""Of the same carrier; with fewer, the whole airport's flights of that time are drawn from."""


class PastDays(NamedTuple):
    """Of each flight that was: its own part of the departure's delay (NaN if it never left), what it lost or won on the
    way beyond what its route usually does (NaN if it never landed), what that `usual` is, and the groups of flights
    that may share a fate, the closest first."""

    flights: Flights
    plan: Plan
    own: Floats
    lost: Floats
    usual: Floats
    carried: Floats
    kept: Floats
    groups: tuple[Codes, ...]


def past_days(flights: Flights, plan: Plan) -> PastDays:
    """Of all flights; what is drawn for a day looks at the days before it alone."""
    carried, left, usual = carried_over(flights, plan), departure_delay(flights), _usual_on_the_way(flights)
    kept = np.where((carried > 0) & (left >= carried / 2), carried, 0.0)
    own = np.where(kept > 0, np.maximum(left - kept, 0.0), left)
    block: Codes = np.searchsorted(BLOCK_ENDS_HOURS, flights.column("hour"), side="right").astype(np.int64)
    origin = flights.codes("origin")
    groups = flights.codes("carrier", "origin") * BLOCKS + block, origin * BLOCKS + block, origin
    lost = flights.arrival_delay_minutes - left - usual
    return PastDays(flights, plan, own, lost, usual, carried, kept, groups)


def days_before(past: PastDays, day: int) -> Codes:
    """The days that may be drawn from. Yesterday's are not all known yet. Raises ValueError if there are none."""
    days = past.flights.day
    before: Codes = np.unique(days[(days < day - 1) & (days >= day - 1 - DAYS_BEFORE)])
    if not len(before):
        raise ValueError(f"no flights in the {DAYS_BEFORE} days before {np.datetime64(day, 'D')}")
    return before


def drawn_days(days: Codes, day: int, samples: int, seed: int) -> Codes:
    """One of `days` for each sample."""
    lots = uniform(np.array([word(seed, f"day {day}")], np.uint64), samples)[0]
    drawn: Codes = days[(lots * len(days)).astype(int)]
    return drawn


def donors(past: PastDays, today: Codes, drawn: Codes, seed: int) -> Codes:
    """`[flight of today, sample]`: the flight whose own fate it shares. All of a sample are of one day before, so that
    they are bad together, and of the closest group that has enough."""
    ids = past.flights.table["flight_id"].gather(today).to_list()
    luck = uniform(np.array([word(seed, f"donor {one}") for one in ids], np.uint64), len(drawn))
    found = np.zeros((len(today), len(drawn)), np.int64)
    for one in np.unique(drawn):
        then = np.flatnonzero(past.flights.day == one)
        columns = drawn == one
        for group in np.unique(past.groups[0][today]):
            rows = np.flatnonzero(past.groups[0][today] == group)
            pool = _pool(past.groups, int(today[rows[0]]), then)
            found[np.ix_(rows, columns)] = pool[(luck[np.ix_(rows, columns)] * len(pool)).astype(int)]
    return found


def _pool(groups: tuple[Codes, ...], flight: int, then: Codes) -> Codes:
    """Flights `then` of the closest group that has enough."""
    for code in groups:
        close: Codes = then[code[then] == code[flight]]
        if len(close) >= LEAST_DONORS:
            return close
    return then


def _usual_on_the_way(flights: Flights) -> Floats:
    """Of each flight, the median minutes that its route and carrier lost on the way in the DAYS_BEFORE before."""
    lost = flights.arrival_delay_minutes - departure_delay(flights)
    route = flights.codes("carrier", "origin", "destination")
    usual = np.zeros(len(flights))
    month = flights.day // DAYS_BEFORE
    for one in np.unique(month):
        asked = month == one
        seen = ~np.isnan(lost) & (month == one - 1)
        table = pl.DataFrame({"route": route[seen], "lost": lost[seen]}).group_by("route").agg(pl.col("lost").median())
        each = pl.DataFrame({"route": route[asked]}).join(table, on="route", how="left", maintain_order="left")
        everywhere = float(np.median(lost[seen])) if seen.any() else 0.0
        usual[asked] = each["lost"].fill_null(everywhere).to_numpy()
    return usual
