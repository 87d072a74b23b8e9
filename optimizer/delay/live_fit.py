"""Fits and judges the model that ships for the live path (`optimizer/live/delay_model.py`): features of each flight at
two of LEADS before its departure, as the flights table would have had them then.

A cancellation is known at the scheduled departure, as the replay publishes it; the table of an airline knows sooner.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from optimizer import flights_2013
from optimizer.airline.tails_2013 import designators
from optimizer.delay.fit import Progress
from optimizer.delay.forest import Forest, exported
from optimizer.delay.recent import HIGH, LOW, MIDDLE
from optimizer.delay.scores import ChanceScore, chance_score, pinball
from optimizer.flights import AHEAD_MINUTES, NEVER, Flights, of_table
from optimizer.live.delay_features import FEATURES, Asked, asked, offset_minutes_of
from optimizer.live.delay_model import LiveDelayModel
from optimizer.live.flight import LiveFlight
from optimizer.planned_flights import planned_flights

LEADS: Final = (-30, 15, 45, 90, 120, 240, 420)
"""Minutes before the scheduled departure; below 0 it is overdue."""
GRID_MINUTES: Final = 15
"""Of the instants at which anything is asked, so that flights share what is worked out."""
WARM_UP_DAYS: Final = 14
BACK_MINUTES, AHEAD_MINUTES_KEPT = 18 * 60, 9 * 60
TREES: Final = 100
LEAVES: Final = 12
LEAST_ROWS_A_LEAF: Final = 400


class Rows(NamedTuple):
    """`x[row, FEATURES]`, of which flight each is, and how many minutes before its departure it was asked."""

    x: NDArray[np.float32]
    flight: NDArray[np.int64]
    lead: NDArray[np.int64]


class Seen(NamedTuple):
    """A flight as it ended, as it was under way, and as nobody knew anything of it."""

    ended: LiveFlight
    under_way: LiveFlight
    planned: LiveFlight

    def at(self, minute: int) -> LiveFlight:
        """As known then."""
        end = self.ended
        if not end.flies and end.departed_minute is None:
            return end if end.departs_minute <= minute else self.planned
        if end.departed_minute is None or end.departed_minute > minute:
            return self.planned
        return end if end.arrived_minute is not None and end.arrived_minute <= minute else self.under_way


def train_live(folder: Path, until: date, trees: int, said: Progress) -> LiveDelayModel:
    """Fitted to flights before `until`, judged by those from then on. Raises OSError or ValueError."""
    flights = of_table(flights_2013.flights(folder))
    until_day = int(np.datetime64(until, "D").astype(np.int64))
    said("working out what the flights table knew")
    kinds = designators(folder, flights.table.select("carrier", "tail")).to_list()
    seen = seen_flights(flights, kinds)
    first = int(flights.day.min(initial=until_day)) + WARM_UP_DAYS
    two_of_leads = (np.arange(len(flights)) % len(LEADS), (np.arange(len(flights)) + 4) % len(LEADS))
    chosen = (flights.day >= first) & (flights.day < until_day)
    known = rows_of(flights, seen, [np.where(chosen, np.array(LEADS)[one], NEVER) for one in two_of_leads])
    held_out = rows_of(flights, seen, [np.where(flights.day >= until_day, AHEAD_MINUTES, NEVER)])
    if not len(known.x) or not len(held_out.x):
        raise ValueError(f"no flights before {until}, or none from then on")
    model = _fit(flights, known, trees, said)
    scores = live_scores(model, flights, held_out)
    content = msgspec.json.encode(model)
    return LiveDelayModel(
        version=hashlib.sha256(content).hexdigest()[:12],
        data=flights_2013.data_hash(folder),
        until=str(until),
        features=FEATURES,
        metrics=scores,
        **model,
    )


def seen_flights(flights: Flights, kinds: Sequence[str]) -> list[Seen]:
    """All of them as the table would hold them."""
    found = []
    for place, planned in enumerate(planned_flights(flights, np.arange(len(flights)), kinds)):
        departed, arrived = int(flights.departed[place]), int(flights.arrived[place])
        under_way = msgspec.structs.replace(planned, departed_minute=departed if departed < NEVER else None)
        landed = arrived if departed < NEVER and arrived < NEVER else None
        ended = msgspec.structs.replace(under_way, arrived_minute=landed, flies=departed < NEVER)
        found.append(Seen(ended, under_way, planned))
    return found


def rows_of(flights: Flights, seen: Sequence[Seen], leads: Sequence[NDArray[np.int64]]) -> Rows:
    """Of each flight at each of `leads` (minutes before its departure, NEVER where it is not asked)."""
    wanted: dict[tuple[str, int], dict[str, tuple[int, int]]] = {}
    origins, ids = flights.table["origin"].to_list(), flights.table["flight_id"].to_list()
    for lead in leads:
        for place in np.flatnonzero(lead < NEVER):
            at = (int(flights.departs[place]) - int(lead[place])) // GRID_MINUTES * GRID_MINUTES
            wanted.setdefault((origins[place], at), {})[ids[place]] = int(place), int(lead[place])
    x, flight, asked_at = [], [], []
    for mine, features in _asked(seen, wanted):
        for one in features:
            place, minutes = mine[one.flight.flight_id]
            x.append(one.features)
            flight.append(place)
            asked_at.append(minutes)
    columns = np.round(np.array(x, np.float64).reshape(len(x), len(FEATURES)), 4).astype(np.float32)
    return Rows(columns, np.array(flight, np.int64), np.array(asked_at, np.int64))


Wanted = dict[str, tuple[int, int]]
"""Flights of an airport and minute: which each is, and its lead."""


def _asked(seen: Sequence[Seen], wanted: Mapping[tuple[str, int], Wanted]) -> Iterator[tuple[Wanted, Iterator[Asked]]]:
    by_origin: dict[str, list[Seen]] = {}
    for one in seen:
        by_origin.setdefault(one.planned.origin, []).append(one)
    leave = {origin: [one.planned.departs_minute for one in all_of] for origin, all_of in by_origin.items()}
    for (origin, at), mine in sorted(wanted.items()):
        first = bisect_left(leave[origin], at - BACK_MINUTES)
        last = bisect_left(leave[origin], at + AHEAD_MINUTES_KEPT)
        around = [one.at(at) for one in by_origin[origin][first:last]]
        yield mine, asked(around, origin, at, offset_minutes_of(flights_2013.NEW_YORK, at), mine)


def live_scores(model: dict[str, Forest], flights: Flights, rows: Rows) -> dict[str, float]:
    """On those rows."""
    disrupted = flights.disrupted[rows.flight]
    chance = 1 / (1 + np.exp(-model["chance"].sums(rows.x)))
    score: ChanceScore = chance_score(chance, disrupted)
    landed = flights.landed[rows.flight]
    late = flights.arrival_delay_minutes[rows.flight][landed]
    low, middle, high = np.sort([model[name].sums(rows.x)[landed] for name in ("low", "middle", "high")], axis=0)
    losses = [pinball(late, low, LOW), pinball(late, middle, MIDDLE), pinball(late, high, HIGH)]
    found = score._asdict() | {
        "coverage": float(((late >= low) & (late <= high)).mean()),
        "pinball_minutes": sum(losses) / len(losses),
        "flights": float(len(rows.flight)),
    }
    return {name: round(value, 5) for name, value in found.items()}


def _fit(flights: Flights, rows: Rows, trees: int, said: Progress) -> dict[str, Forest]:
    disrupted, landed = flights.disrupted[rows.flight], flights.landed[rows.flight]
    late = flights.arrival_delay_minutes[rows.flight]
    settings: dict[str, Any] = {
        "max_iter": trees,
        "max_leaf_nodes": LEAVES,
        "min_samples_leaf": LEAST_ROWS_A_LEAF,
        "monotonic_cst": [int(_rises(name)) for name in FEATURES],
        "early_stopping": False,
        "random_state": 0,
    }
    found = {}
    with threadpool_limits(1):
        said("fitting the chance")
        fitted = HistGradientBoostingClassifier(**settings, learning_rate=0.1, l2_regularization=10.0)
        found["chance"] = exported(fitted.fit(rows.x, disrupted))
        for name, share in (("low", LOW), ("middle", MIDDLE), ("high", HIGH)):
            said(f"fitting the {share:.0%} quantile")
            quantile = HistGradientBoostingRegressor(
                loss="quantile", quantile=share, **settings, learning_rate=0.1, l2_regularization=1.0
            )
            found[name] = exported(quantile.fit(rows.x[landed], late[landed]))
    return found


def _rises(feature: str) -> bool:
    """Whether more of it can only be worse."""
    return feature in ("overdue", "leg_carries_over") or "_late" in feature or "_share" in feature
