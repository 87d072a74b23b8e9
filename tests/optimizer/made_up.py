"""Flights and weather that never were: small, seeded, with bad days, late aircraft and cancellations."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from optimizer.delay.weather import WEATHER_SCHEMA
from optimizer.flights import FLIGHT_SCHEMA

FIRST: Final = date(2013, 5, 1)
MINUTE: Final = timedelta(minutes=1)
BLOCK_MINUTES: Final = {"LAX": 360, "MIA": 180, "BOS": 60}


def instant(day: int, clock: str) -> datetime:
    """So many days after FIRST, at HH:MM."""
    hours, minutes = clock.split(":")
    return datetime(FIRST.year, FIRST.month, FIRST.day, int(hours), int(minutes), tzinfo=UTC) + timedelta(days=day)


def flight(
    out: str,
    left: int | None = 0,
    landed: int | None = 0,
    *,
    day: int = 0,
    carrier: str = "AA",
    origin: str = "JFK",
    destination: str = "BOS",
    tail: str | None = "N1",
    number: str = "1",
    block: int = 60,
) -> dict[str, Any]:
    """A row: scheduled at `out` (HH:MM), and how many minutes late it left and landed, None if it did not."""
    departs = instant(day, out)
    arrives = departs + block * MINUTE
    return {
        "flight_id": f"{carrier}-{number}-{departs:%Y-%m-%d}-{origin}-{out}",
        "carrier": carrier,
        "number": number,
        "origin": origin,
        "destination": destination,
        "tail": tail,
        "day": departs.date(),
        "distance_km": block * 12,
        "departs_local_minute": departs.hour * 60 + departs.minute,
        "arrives_local_minute": arrives.hour * 60 + arrives.minute,
        "departs_at": departs,
        "arrives_at": arrives,
        "departed_at": None if left is None else departs + left * MINUTE,
        "arrived_at": None if left is None or landed is None else arrives + landed * MINUTE,
    }


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    """As FLIGHT_SCHEMA."""
    return pl.DataFrame(list(rows), schema=FLIGHT_SCHEMA)


def weather_row(known: str, *, day: int = 0, airport: str = "JFK", **measured: float | None) -> dict[str, Any]:
    """Known at HH:MM; calm and clear but for what is said."""
    calm = {"wind_kt": 5.0, "gust_kt": None, "wind_direction_deg": 90.0, "visibility_km": 16.0}
    calm |= {"precipitation_mm": 0.0, "humidity_percent": 50.0, "pressure_hpa": 1013.0}
    return {"airport": airport, "known_at": instant(day, known)} | calm | measured


def weather(*rows: dict[str, Any]) -> pl.DataFrame:
    """As WEATHER_SCHEMA."""
    return pl.DataFrame(list(rows), schema=WEATHER_SCHEMA)


def season(days: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Some 45 flights a day of three carriers from two airports, and the weather of every hour."""
    luck = np.random.default_rng(seed)
    rows, hours = [], []
    for day in range(days):
        bad = luck.gamma(0.8)
        for hour in range(24):
            for airport in ("JFK", "EWR"):
                wind = 10 * bad * luck.random()
                hours.append(weather_row(f"{hour:02}:00", day=day, airport=airport, wind_kt=wind, gust_kt=2 * wind))
        for number in range(45):
            destination = ("LAX", "MIA", "BOS")[number % 3]
            carrier, origin = ("AA", "UA", "B6")[number % 5 % 3], ("JFK", "EWR")[number % 2]
            minute = 600 + 16 * number + int(luck.integers(16))
            left = int(luck.exponential(25 * bad)) - 5
            cancelled, diverted = luck.random() < 0.02 * (1 + bad), luck.random() < 0.01
            rows.append(
                flight(
                    f"{minute // 60:02}:{minute % 60:02}",
                    None if cancelled else left,
                    None if diverted else left + int(luck.normal(-4, 8)),
                    day=day,
                    carrier=carrier,
                    origin=origin,
                    destination=destination,
                    tail=None if cancelled and luck.random() < 0.5 else f"N{carrier}{int(luck.integers(5))}",
                    number=str(number),
                    block=BLOCK_MINUTES[destination],
                )
            )
    return table(*rows), weather(*hours)
