"""Why a flight was late: BTS's five causes, derived, because the data set does not say.

As with BTS, only arrivals 15 minutes late or more have causes, and the causes add up to the arrival delay:

1. `late_aircraft`: the tail's leg before came in late. The data set knows only departures from New York, so the
   aircraft is expected back a minimum turn, the leg's own scheduled block time and another minimum turn after it
   arrived; what the schedule left beyond that absorbs lateness. Never more than the departure delay.
2. `airspace`: what was lost after departure (taxi queues, holding): arrival delay beyond the departure delay.
3. The rest of the departure delay is `weather` if the origin's weather in the scheduled hour was adverse, else
   `airspace` if a large part of that airport's departures of that hour were late, else `carrier`.

`security` is never derived: 0.1 % of delay minutes in BTS's figures of 2013.
"""

from datetime import timedelta
from typing import Final

import polars as pl

LATE_MINUTES: Final = 15  # BTS
MINIMUM_TURN: Final = timedelta(minutes=40)  # narrow-bodies: 30-50 by the manufacturers' airport planning manuals
LONGEST_ROTATION: Final = timedelta(hours=24)
# The estimated return may miss the schedule by as much; more means that another aircraft was planned for the flight.
ROTATION_TOLERANCE: Final = timedelta(minutes=60)

# Adverse: below visual minima (3 statute miles, 14 CFR 91.155), moderate rain (0.10 in/h, NWS), freezing precipitation,
# or a wind advisory (31 mph sustained, 46 mph gusts, NWS).
VISIBILITY_MILES: Final = 3.0
RAIN_INCHES: Final = 0.10
FREEZING_F: Final = 32.0
WIND_MPH: Final = 31.0
GUST_MPH: Final = 46.0

BROAD_SHARE: Final = 0.5  # of an airport's departures of an hour; the year's mean is 0.22
BROAD_FLIGHTS: Final = 10

CAUSES: Final = ("carrier", "weather", "airspace", "late_aircraft")


def with_causes(table: pl.DataFrame, weather: pl.DataFrame) -> pl.DataFrame:
    """Adds `<cause>_minutes` for each of CAUSES, 0 where the flight has none."""
    hours = weather.select("origin", pl.col("observed_at").alias("hour"), _adverse().alias("adverse"))
    held_up = pl.col("dep_delay") >= LATE_MINUTES
    same_hour = ["origin", "hour"]
    judged = (
        with_previous_leg(table)
        .with_columns(hour=pl.col("departs_at").dt.truncate("1h"))
        .join(hours, on=same_hour, how="left")
        .with_columns(
            adverse=pl.col("adverse").fill_null(value=False),
            broad=(held_up.fill_null(value=True).mean().over(same_hour) >= BROAD_SHARE)
            & (pl.len().over(same_hour) >= BROAD_FLIGHTS),
            total=pl.when(pl.col("arr_delay") >= LATE_MINUTES).then("arr_delay").otherwise(0).fill_null(0),
        )
    )
    before_departure = pl.min_horizontal("total", pl.max_horizontal("dep_delay", 0)).fill_null(0)
    late = pl.min_horizontal(before_departure, _late_aircraft()).fill_null(0)
    rest = pl.col("before") - pl.col("late_aircraft_minutes")
    weather_part = pl.when("adverse").then(rest).otherwise(0)
    airspace_part = pl.when(pl.col("broad") & ~pl.col("adverse")).then(rest).otherwise(0)
    return (
        judged.with_columns(before=before_departure, late_aircraft_minutes=late)
        .with_columns(
            weather_minutes=weather_part,
            airspace_minutes=airspace_part + pl.col("total") - pl.col("before"),
            carrier_minutes=rest - weather_part - airspace_part,
        )
        .drop("hour", "adverse", "broad", "total", "before", "came_in_at", "came_in_late", "leg_minutes")
    )


def with_previous_leg(table: pl.DataFrame) -> pl.DataFrame:
    """Adds the tail's flight before, of the same carrier: scheduled arrival, minutes late, scheduled block; or null."""
    ordered = table.sort("carrier", "tailnum", "departs_at", "flight_id")
    leg = ["carrier", "tailnum"]
    return ordered.with_columns(
        pl.when(pl.col("tailnum").is_not_null()).then(pl.col(column).shift(1).over(leg)).alias(name)
        for column, name in (("arrives_at", "came_in_at"), ("arr_delay", "came_in_late"))
    ).with_columns(
        (pl.col("came_in_at") - pl.col("departs_at").shift(1).over(leg)).dt.total_minutes().alias("leg_minutes")
    )


def _late_aircraft() -> pl.Expr:
    back = pl.col("came_in_at") + 2 * MINIMUM_TURN + pl.duration(minutes="leg_minutes")
    slack = pl.col("departs_at") - back
    possible = (slack >= -ROTATION_TOLERANCE) & (slack <= LONGEST_ROTATION)
    carried_over = pl.col("came_in_late") - pl.max_horizontal(slack.dt.total_minutes(), 0)
    return pl.when(possible).then(pl.max_horizontal(carried_over, 0)).otherwise(0).fill_null(0)


def _adverse() -> pl.Expr:
    freezing = (pl.col("temp") <= FREEZING_F) & (pl.col("precip") > 0)
    return (
        (pl.col("visib") < VISIBILITY_MILES).fill_null(value=False)
        | (pl.col("precip") >= RAIN_INCHES).fill_null(value=False)
        | freezing.fill_null(value=False)
        | (pl.col("wind_speed") >= WIND_MPH).fill_null(value=False)
        | (pl.col("wind_gust") >= GUST_MPH).fill_null(value=False)
    )
