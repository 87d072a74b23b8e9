"""Everything that a prediction looks at, one number each, none of which is known later than the prediction is made."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from optimizer.delay.known_now import known_now_features
from optimizer.delay.past import past_features
from optimizer.delay.rotation import TAIL_FEATURES, rotation_features
from optimizer.delay.schedule import schedule_features
from optimizer.delay.weather import weather_features
from optimizer.flights import Flags, Flights


class Features(NamedTuple):
    """`x[flight, name]`."""

    names: tuple[str, ...]
    x: NDArray[np.float32]

    def where(self, chosen: Flags) -> "Features":
        """Of those flights alone."""
        return Features(self.names, self.x[chosen])

    def without_tails(self) -> "Features":
        """What is known if nobody says which aircraft flies."""
        kept = [place for place, name in enumerate(self.names) if name not in TAIL_FEATURES]
        return Features(tuple(self.names[place] for place in kept), self.x[:, kept])


def features(flights: Flights, weather: pl.DataFrame) -> Features:
    """Of each flight, AHEAD_MINUTES before it should depart; weather as WEATHER_SCHEMA."""
    found = (
        schedule_features(flights)
        | past_features(flights)
        | known_now_features(flights)
        | weather_features(flights, weather)
        | rotation_features(flights)
    )
    # Rounded as the trees see them, so that the last digit of a sum decides nothing.
    columns = [np.round(values, 4).astype(np.float32) for values in found.values()]
    return Features(tuple(found), np.stack(columns, axis=1))
