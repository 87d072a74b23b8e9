"""Days of the past whose rest went as the delay model expects that of today to go, from all flights as known now.

On every ninth day of May to August, carriers of 20 flights and more, two to eleven hours into the day: of the share of
the next eight hours' flights that is disrupted the simulation misses 0.194 with all 28 days before, 0.181 with the
eight that were as late so far, 0.150 with these; log-loss of single flights 0.648, 0.656 and 0.630. On six days of
September to December, which the model was not fitted to: 0.194, 0.185 and 0.161; 0.556, 0.559 and 0.535.
"""

from typing import Final

import msgspec
import numpy as np

from optimizer.actions.day_plan import DayPlan, Known
from optimizer.day.past_days import PastDays
from optimizer.flights import NEVER, Codes, Flags, Flights
from optimizer.flights_2013 import NEW_YORK
from optimizer.live.delay_features import AHEAD_MINUTES, asked, offset_minutes_of
from optimizer.live.delay_model import LiveDelayModel, chance, shipped_model
from optimizer.live.flight import LiveFlight
from optimizer.planned_flights import planned_flights

ALIKE_DAYS: Final = 8
"""Not tuned."""
BACK_MINUTES: Final = 18 * 60


def alike(past: PastDays, plan: DayPlan, known: Known, days: Codes) -> Codes:
    """The ALIKE_DAYS of them that come closest; all, where nothing is expected."""
    expected = expected_share(shipped_model(), past, plan, known)
    if expected is None or len(days) <= ALIKE_DAYS:
        return days
    clock = int(known.at - plan.departs[0] + past.flights.column("departs_local_minute")[plan.place[0]])
    shares = share_of_days(past, plan.carrier, days, clock)
    told = np.array(sorted(shares), np.int64)
    apart = np.abs(np.array([shares[int(one)] for one in told]) - expected)
    found: Codes = np.sort(told[np.argsort(apart, kind="stable")[:ALIKE_DAYS]])
    return found if len(found) else days


def expected_share(model: LiveDelayModel, past: PastDays, plan: DayPlan, known: Known) -> float | None:
    """Of the carrier's flights of the next eight hours that have not left, the share that the model expects to be
    disrupted; None without any."""
    flights, at = past.flights, known.at
    near = (flights.departs >= at - BACK_MINUTES) & (flights.departs <= at + AHEAD_MINUTES)
    around = _as_known(flights, plan, known, near)
    minutes = offset_minutes_of(NEW_YORK, at)
    ours = set(plan.flight_id)
    chances = [
        chance(model, one.features)
        for airport in sorted(set(plan.origin))
        for one in asked(around, airport, at, minutes, ours)
    ]
    return sum(chances) / len(chances) if chances else None


def share_of_days(past: PastDays, carrier: str, days: Codes, clock: int) -> dict[int, float]:
    """What that share came to on each of these days, of the carrier's flights of as many hours from the same local
    minute on."""
    flights = past.flights
    minute, ours = flights.column("departs_local_minute"), (flights.table["carrier"] == carrier).to_numpy()
    rest = ours & (minute > clock) & (minute <= clock + AHEAD_MINUTES)
    return {
        int(day): float(flights.disrupted[rest & (flights.day == day)].mean())
        for day in days
        if (rest & (flights.day == day)).any()
    }


def _as_known(flights: Flights, plan: DayPlan, known: Known, near: Flags) -> list[LiveFlight]:
    mine = {int(place): leg for leg, place in enumerate(plan.place)}
    places = np.flatnonzero(near)
    kinds = [plan.designator[mine[place]] if place in mine else None for place in places.tolist()]
    found = []
    for place, planned in zip(places.tolist(), planned_flights(flights, places, kinds), strict=True):
        departed, arrived = int(flights.departed[place]), int(flights.arrived[place])
        never_left = departed == NEVER and planned.departs_minute <= known.at
        if place in mine:
            departed, arrived = int(known.departed[mine[place]]), int(known.arrived[mine[place]])
        found.append(
            msgspec.structs.replace(
                planned,
                departed_minute=departed if departed <= known.at else None,
                arrived_minute=arrived if arrived <= known.at else None,
                flies=not never_left,
            )
        )
    return found
