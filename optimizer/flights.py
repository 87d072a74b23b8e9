"""The flights that a prediction looks at, as columns of minutes, and when each thing about them is known.

A prediction is made AHEAD_MINUTES before the scheduled departure. Schedule and assigned aircraft are known then; of
what happens:

- a departure at the instant it happened; until then the flight only waits, and nobody can tell a late flight from one
  that will be cancelled;
- an arrival, and so its delay, at the instant it happened;
- a cancellation or diversion GIVEN_UP_MINUTES after the scheduled arrival, when whatever has not landed counts as
  disrupted. Both are announced much earlier, but the data do not say when, and a guess could only be too early.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

AHEAD_MINUTES: Final = 120
LATE_MINUTES: Final = 15
"""BTS: an arrival so late is not on time; disrupted is that, cancelled or diverted."""
GIVEN_UP_MINUTES: Final = 360
NEVER: Final = 2**40
"""The minute of what did not happen, or not yet."""

_INSTANT: Final = pl.Datetime("ms", "UTC")
FLIGHT_SCHEMA: Final = pl.Schema(
    {
        "flight_id": pl.String(),
        "carrier": pl.String(),
        "number": pl.String(),
        "origin": pl.String(),
        "destination": pl.String(),
        "tail": pl.String(),
        "day": pl.Date(),
        "distance_km": pl.Int32(),
        "departs_local_minute": pl.Int32(),
        "arrives_local_minute": pl.Int32(),
        "departs_at": _INSTANT,
        "arrives_at": _INSTANT,
        "departed_at": _INSTANT,
        "arrived_at": _INSTANT,
    }
)
"""One row per flight. `day` and the minutes of the day are on the clocks of the airport; `departed_at` and `arrived_at`
are null if that did not happen, or is not known yet."""

Floats = NDArray[np.float64]
Minutes = NDArray[np.int64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Flights:
    """In order of scheduled departure; the table also has `hour`, of the local scheduled departure.

    Minutes since the epoch: scheduled `departs` and `arrives`, actual `departed` and `arrived` (NEVER if not), `closed`
    when it is known whether the flight is disrupted, `at` when it is predicted; `day` counts local dates since then.
    """

    table: pl.DataFrame
    departs: Minutes
    arrives: Minutes
    departed: Minutes
    arrived: Minutes
    closed: Minutes
    at: Minutes
    day: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.departs)

    @property
    def landed(self) -> Flags:
        """Neither cancelled nor diverted."""
        return self.arrived < NEVER

    @property
    def arrival_delay_minutes(self) -> Floats:
        """NaN without an arrival."""
        return np.where(self.landed, self.arrived - self.arrives, np.nan)

    @property
    def disrupted(self) -> Flags:
        """LATE_MINUTES late or more, cancelled or diverted."""
        return self.arrived - self.arrives >= LATE_MINUTES

    def where(self, chosen: Flags) -> "Flights":
        """Those alone."""
        moments = (self.departs, self.arrives, self.departed, self.arrived, self.closed, self.at, self.day)
        return Flights(self.table.filter(pl.Series(chosen)), *(of[chosen] for of in moments))

    def codes(self, *columns: str) -> Codes:
        """A number from 0 on for each combination of these columns."""
        found = self.table.select(pl.struct(columns).rank("dense").cast(pl.Int64) - 1).to_series()
        return found.to_numpy()

    def column(self, name: str) -> Floats:
        """A numeric column."""
        return self.table[name].cast(pl.Float64).to_numpy()


def of_table(table: pl.DataFrame) -> Flights:
    """From rows of FLIGHT_SCHEMA in any order. Raises ValueError if columns are missing or of another type."""
    wrong = sorted(name for name, kind in FLIGHT_SCHEMA.items() if table.schema.get(name) != kind)
    if wrong:
        raise ValueError(f"no flights: missing or of another type: {', '.join(wrong)}")
    hour = (pl.col("departs_local_minute") // 60).alias("hour")
    ordered = table.select(*FLIGHT_SCHEMA, hour).sort("departs_at", "flight_id")
    departs, arrives = _minutes(ordered, "departs_at"), _minutes(ordered, "arrives_at")
    departed = _minutes(ordered, "departed_at")
    arrived = np.where(departed < NEVER, _minutes(ordered, "arrived_at"), NEVER)
    return Flights(
        table=ordered,
        departs=departs,
        arrives=arrives,
        departed=departed,
        arrived=arrived,
        closed=np.minimum(arrived, arrives + GIVEN_UP_MINUTES),
        at=departs - AHEAD_MINUTES,
        day=ordered["day"].cast(pl.Int32).cast(pl.Int64).to_numpy(),
    )


def _minutes(table: pl.DataFrame, column: str) -> Minutes:
    return (table[column].dt.epoch("ms") // 60_000).fill_null(NEVER).to_numpy()
