"""Simulated weather, hour by hour: the season's and the day's course, smooth luck, and injected storms.

For display and the warehouse; flights meet a storm through the incident itself. An hour is known when it is over.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Final

from producers.airports import airport
from producers.sources.simulator.incidents import Incident
from producers.sources.simulator.noise import stream
from schemas.events import AirportWeather

HOUR: Final = timedelta(hours=1)
LAPSE_C_PER_1000_FT: Final = 1.98  # standard atmosphere
SMOOTHED_HOURS: Final = 6  # luck is the mean of so many hours' draws, so neighbours are alike


def hourly_weather(
    airport_code: str, hour_at: datetime, seed: int, incidents: Sequence[Incident], source: str
) -> AirportWeather:
    """The weather of the hour that starts at `hour_at`."""
    place = airport(airport_code)
    local = hour_at.astimezone(place.zone)
    luck = _luck(airport_code, hour_at, seed)
    season = -math.cos(2 * math.pi * (local.timetuple().tm_yday - 20) / 365) * math.copysign(1, place.latitude_deg)
    day = -math.cos(2 * math.pi * (local.hour - 3) / 24)
    at_sea_level = 29 - 0.28 * max(0.0, abs(place.latitude_deg) - 15) + season * 0.28 * abs(place.latitude_deg)
    temperature = at_sea_level - LAPSE_C_PER_1000_FT * place.elevation_ft / 1000 + 5 * day + 2 * luck[0]
    wind = max(0.0, 7 + 3 * day + 4 * luck[1])
    stormy = any(
        each.kind == "storm"
        and each.target == airport_code
        and each.start_at < hour_at + HOUR
        and each.end_at > hour_at
        for each in incidents
    )
    raining = luck[2] > 1.6
    return AirportWeather(
        event_id=f"sim{seed}:weather:{airport_code}:{hour_at:%Y-%m-%dT%H}",
        event_at=hour_at + HOUR,
        source=source,
        airport=airport_code,
        observed_at=hour_at,
        temperature_c=round(temperature - (4 if stormy else 0), 1),
        wind_kt=round(wind + (18 if stormy else 0), 1),
        gust_kt=round(wind * 1.6 + 30, 1) if stormy else None,
        wind_direction_deg=float(round((180 + 60 * luck[3]) % 360 / 10) % 36 * 10),
        visibility_km=round(1.5 + 0.5 * abs(luck[4]), 1) if stormy else 6.0 if raining else 16.0,
        precipitation_mm=round(14 + 4 * abs(luck[2]), 1) if stormy else round(luck[2] - 1, 1) if raining else 0.0,
        pressure_hpa=round(1013 + 4 * luck[5] - (5 if stormy else 0), 1),
    )


@lru_cache(maxsize=20_000)  # a month's, which is counted before it is sent
def _luck(airport_code: str, hour_at: datetime, seed: int) -> list[float]:
    number = int(hour_at.astimezone(UTC).timestamp()) // 3600
    draws = [_draw(airport_code, number - back, seed) for back in range(SMOOTHED_HOURS)]
    # The sum of n independent draws over sqrt(n) is standard normal again.
    return [sum(values) / math.sqrt(SMOOTHED_HOURS) for values in zip(*draws, strict=True)]


@cache
def _draw(airport_code: str, hour_number: int, seed: int) -> list[float]:
    return stream(seed, "weather", airport_code, hour_number).standard_normal(6).tolist()  # type: ignore[no-any-return]
