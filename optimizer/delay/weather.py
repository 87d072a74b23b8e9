"""The weather at the origin, as known when the flight is predicted."""

from typing import Final

import numpy as np
import polars as pl

from optimizer.flights import Flights, Floats

WEATHER_SCHEMA: Final = pl.Schema(
    {
        "airport": pl.String(),
        "known_at": pl.Datetime("ms", "UTC"),
        "wind_kt": pl.Float64(),
        "gust_kt": pl.Float64(),
        "wind_direction_deg": pl.Float64(),
        "visibility_km": pl.Float64(),
        "precipitation_mm": pl.Float64(),
        "humidity_percent": pl.Float64(),
        "pressure_hpa": pl.Float64(),
    }
)
"""One row per airport and hour, `known_at` when the hour is over; null where nothing was measured."""

KEPT_UP: Final = ("wind_kt", "visibility_km", "humidity_percent", "pressure_hpa")
"""Of these the last measurement stands for one that is missing; gusts and rain are not reported when there are none."""
HOURS: Final = 3
UNKNOWN: Final = -99.0


def weather_features(flights: Flights, weather: pl.DataFrame) -> dict[str, Floats]:
    """The newest row of the origin, and the HOURS up to it. Temperature and pressure as such are left out: they tell
    the day and the season more than the delay, and the trees learn them by heart."""
    direction = pl.col("wind_direction_deg").radians()
    rolling = {
        "visibility_lowest_km": pl.col("visibility_km").rolling_min(HOURS, min_samples=1).over("airport"),
        "precipitation_3h_mm": pl.col("precipitation_mm").rolling_sum(HOURS, min_samples=1).over("airport"),
        "pressure_change_hpa": pl.col("pressure_hpa") - pl.col("pressure_hpa").shift(HOURS).over("airport"),
    }
    hours = (
        weather.sort("known_at", "airport")
        .with_columns(
            pl.col("wind_kt", "visibility_km", "humidity_percent", "pressure_hpa").forward_fill().over("airport")
        )
        .with_columns(
            pl.col("gust_kt", "precipitation_mm").fill_null(0.0),
            wind_east_kt=direction.sin() * pl.col("wind_kt"),
            wind_north_kt=direction.cos() * pl.col("wind_kt"),
        )
        .with_columns(**rolling)
    )
    wanted = ("wind_kt", "gust_kt", "wind_east_kt", "wind_north_kt", "visibility_km", "humidity_percent", *rolling)
    asked = pl.DataFrame(
        {
            "place": np.arange(len(flights)),
            "airport": flights.table["origin"],
            "known_at": pl.Series(flights.at * 60_000).cast(pl.Datetime("ms", "UTC")),
        }
    ).sort("known_at")
    # Both are in order of time as a whole, so within each airport too; polars cannot see the latter.
    found = asked.join_asof(hours, on="known_at", by="airport", check_sortedness=False).sort("place")
    return {f"weather_{name}": found[name].fill_null(UNKNOWN).to_numpy() for name in wanted}
