"""Simulates days of flights: for each sample a day of the weeks before is drawn, and each flight fares as a flight of
its carrier did on that day, from its airport at its time of day: its own delay, and what it lost or won on the way.

The delay of its aircraft's leg before comes on top of its own, as far as the ground time does not take it, and as
often as people let it.
"""

from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from optimizer.day.luck import uniform, word
from optimizer.day.plan import Plan, brought_along, carried_over, departure_delay
from optimizer.flights import Codes, Flags, Flights, Floats

DAYS_BEFORE: Final = 28
"""Days to draw from, before the simulated one: a season's own, and enough of them to hold its bad ones."""
BLOCK_ENDS_HOURS: Final = (7, 9, 12, 15, 18)  # delays grow over the day
BLOCKS: Final = len(BLOCK_ENDS_HOURS) + 1
LEAST_DONORS: Final = 5
"""Of the same carrier; with fewer, the whole airport's flights of that time are drawn from."""


class Simulated(NamedTuple):
    """`[flight, sample]` of those simulated: minutes late at departure and arrival (NaN if cancelled, arrival also if
    diverted), and minutes of the departure's that its aircraft brought along."""

    departure: NDArray[np.float32]
    arrival: NDArray[np.float32]
    late_aircraft: NDArray[np.float32]


class _Shares(NamedTuple):
    """Of each flight that was: its own part of the departure's delay (NaN if it never left), and what it lost or won on
    the way beyond what its route usually does (NaN if it never landed)."""

    own: Floats
    lost: Floats


def simulate(
    flights: Flights, plan: Plan, days: Codes, *, samples: int, seed: int, recovered: float = 0.0
) -> tuple[Codes, Simulated]:
    """The flights of `days` (since the epoch), by their places in `flights`; each day as of when it began. With the
    chance `recovered` an aircraft that is late is no reason to wait: another takes over, or the turn is hurried.

    Raises ValueError for a day without flights in the DAYS_BEFORE it.
    """
    chosen = np.flatnonzero(np.isin(flights.day, days))
    usual = _usual_on_the_way(flights)
    shares = _shares(flights, carried_over(flights, plan), usual)
    block: Codes = np.searchsorted(BLOCK_ENDS_HOURS, flights.column("hour"), side="right").astype(np.int64)
    origin = flights.codes("origin")
    groups = flights.codes("carrier", "origin") * BLOCKS + block, origin * BLOCKS + block, origin
    each_day = np.unique(flights.day[chosen])
    donors = np.concatenate([_donors(flights, groups, int(day), samples, seed) for day in each_day])
    ids = flights.table["flight_id"].gather(chosen).to_list()
    words = np.array([word(seed, f"aircraft {one}") for one in ids], np.uint64)
    own, lost = shares.own[donors], shares.lost[donors] + usual[chosen][:, None]
    return chosen, _passed_on(chosen, plan, own, lost, uniform(words, samples) < recovered)


def recovered_share(flights: Flights, plan: Plan, days: Codes, *, samples: int, seed: int) -> float:
    """The share of lateness that aircraft would have brought along on these days, had everyone waited for theirs, and
    did not: the simulation without recovery brings along more than was."""
    chosen, simulated = simulate(flights, plan, days, samples=samples, seed=seed)
    was = brought_along(flights, plan)[chosen].sum()
    would_have_been = float(simulated.late_aircraft.sum()) / samples
    return float(np.clip(1 - was / would_have_been, 0.0, 1.0)) if would_have_been else 0.0


def _donors(flights: Flights, groups: tuple[Codes, ...], day: int, samples: int, seed: int) -> Codes:
    """`[flight of the day, sample]`: the flight whose own fate it shares. All of a sample are of one day before, so
    that they are bad together, and of the closest of `groups` that has enough. Yesterday's are not
    all known yet."""
    today = np.flatnonzero(flights.day == day)
    before = np.unique(flights.day[(flights.day < day - 1) & (flights.day >= day - 1 - DAYS_BEFORE)])
    if not len(before):
        raise ValueError(f"no flights in the {DAYS_BEFORE} days before {np.datetime64(day, 'D')}")
    drawn = before[(uniform(np.array([word(seed, f"day {day}")], np.uint64), samples)[0] * len(before)).astype(int)]
    ids = flights.table["flight_id"].gather(today).to_list()
    luck = uniform(np.array([word(seed, f"donor {one}") for one in ids], np.uint64), samples)
    found = np.zeros((len(today), samples), np.int64)
    for one in np.unique(drawn):
        then = np.flatnonzero(flights.day == one)
        columns = drawn == one
        for group in np.unique(groups[0][today]):
            rows = np.flatnonzero(groups[0][today] == group)
            pool = _pool(groups, int(today[rows[0]]), then)
            found[np.ix_(rows, columns)] = pool[(luck[np.ix_(rows, columns)] * len(pool)).astype(int)]
    return found


def _pool(groups: tuple[Codes, ...], flight: int, then: Codes) -> Codes:
    """Flights `then` of the closest group that has enough."""
    for code in groups:
        close: Codes = then[code[then] == code[flight]]
        if len(close) >= LEAST_DONORS:
            return close
    return then


def _shares(flights: Flights, carried: Floats, usual: Floats) -> _Shares:
    left = departure_delay(flights)
    kept = np.where((carried > 0) & (left >= carried / 2), carried, 0.0)
    own = np.where(kept > 0, np.maximum(left - kept, 0.0), left)
    return _Shares(own, flights.arrival_delay_minutes - left - usual)


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


def _passed_on(chosen: Codes, plan: Plan, own: Floats, lost: Floats, recovered: Flags) -> Simulated:
    """Leg after leg: all first legs at once, then all second ones."""
    where = np.full(len(plan.before), -1)
    where[chosen] = np.arange(len(chosen))
    before = np.where(plan.before[chosen] >= 0, where[plan.before[chosen]], -1)
    departure, arrival = own.copy(), own + lost
    carried = np.zeros_like(own)
    waiting = np.flatnonzero(before >= 0)
    done = before < 0
    while len(waiting):
        ready = waiting[done[before[waiting]]]
        # Who did not land brings nothing along.
        brought = np.nan_to_num(np.maximum(arrival[before[ready]] - plan.slack[chosen[ready]][:, None], 0.0))
        carried[ready] = np.where(recovered[ready], 0.0, brought)
        late_too = np.maximum(own[ready], 0.0) + carried[ready]
        departure[ready] = np.where(carried[ready] > 0, late_too, own[ready])
        arrival[ready] = departure[ready] + lost[ready]
        departure[ready] = np.where(np.isnan(own[ready]), np.nan, departure[ready])
        done[ready] = True
        waiting = waiting[~np.isin(waiting, ready)]
    of_it = np.where(np.isnan(departure), 0.0, np.minimum(carried, np.maximum(departure, 0.0)))
    return Simulated(departure.astype(np.float32), arrival.astype(np.float32), of_it.astype(np.float32))
