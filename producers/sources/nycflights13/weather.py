"""Hourly weather at the three origins as events; units converted, nothing added."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import polars as pl

from schemas.events import AirportWeather
from schemas.rows import to_ms

# A row holds maxima up to minute 51 of its hour: it is known when the hour is over.
KNOWN_AFTER: Final = timedelta(hours=1)
KT_PER_MPH: Final = 0.868976
KM_PER_MILE: Final = 1.609344
MM_PER_INCH: Final = 25.4


def weather_events(hours: pl.DataFrame, source: str) -> Iterator[AirportWeather]:
    """One event per row of `dataset.read_weather`."""
    for row in hours.iter_rows(named=True):
        yield AirportWeather(
            event_id=f"weather-{row['origin']}-{to_ms(row['observed_at'])}",
            event_at=row["observed_at"] + KNOWN_AFTER,
            source=source,
            airport=row["origin"],
            observed_at=row["observed_at"],
            temperature_c=None if row["temp"] is None else round((row["temp"] - 32) / 1.8, 1),
            wind_kt=_scaled(row["wind_speed"], KT_PER_MPH),
            gust_kt=_scaled(row["wind_gust"], KT_PER_MPH),
            wind_direction_deg=row["wind_dir"],
            visibility_km=_scaled(row["visib"], KM_PER_MILE),
            precipitation_mm=_scaled(row["precip"], MM_PER_INCH),
            pressure_hpa=row["pressure"],
        )


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else round(value * factor, 2)
