"""The marts: one flat table each, counts beside every ratio so that Tableau sums and divides by itself."""

from collections.abc import Iterator
from typing import Final

import duckdb
import polars as pl

from warehouse.answer import has_table, rows

# By name the tables a mart needs and its query; what lacks a table is left out and said.
MARTS: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    # One row per route, carrier and date of flights.
    "flights_by_route_day": (
        ("fct_flight",),
        """
        select
          flight_date, route, origin, destination, carrier,
          cast(count(*) as bigint) as flights,
          cast(sum(case when is_cancelled then 1 else 0 end) as bigint) as cancelled,
          cast(sum(case when is_diverted then 1 else 0 end) as bigint) as diverted,
          cast(sum(case when is_cancelled or is_diverted then 0 else 1 end) as bigint) as arrivals,
          cast(sum(case when is_arrived_on_time then 1 else 0 end) as bigint) as arrivals_on_time,
          cast(sum(case when actual_departure_at is not null then 1 else 0 end) as bigint) as departures,
          cast(sum(case when is_departed_on_time then 1 else 0 end) as bigint) as departures_on_time,
          cast(sum(case when arrival_delay_minutes > 0 and not is_cancelled and not is_diverted
            then arrival_delay_minutes else 0 end) as bigint) as arrival_delay_minutes,
          cast(sum(carrier_delay_minutes) as bigint) as carrier_delay_minutes,
          cast(sum(weather_delay_minutes) as bigint) as weather_delay_minutes,
          cast(sum(airspace_delay_minutes) as bigint) as airspace_delay_minutes,
          cast(sum(security_delay_minutes) as bigint) as security_delay_minutes,
          cast(sum(late_aircraft_delay_minutes) as bigint) as late_aircraft_delay_minutes,
          cast(sum(passengers) as bigint) as passengers,
          cast(sum(passenger_km) as bigint) as passenger_km,
          cast(sum(seat_km) as bigint) as seat_km,
          cast(sum(coalesce(ticket_revenue_usd_cents, 0) + coalesce(ancillary_revenue_usd_cents, 0)
            + coalesce(cargo_revenue_usd_cents, 0)) as bigint) as revenue_usd_cents,
          cast(sum(coalesce(fuel_cost_usd_cents, 0) + coalesce(crew_cost_usd_cents, 0)
            + coalesce(maintenance_cost_usd_cents, 0) + coalesce(airport_cost_usd_cents, 0)) as bigint)
            as cost_usd_cents,
          cast(sum(case when is_traffic_modelled then 1 else 0 end) as bigint) as traffic_modelled_flights,
          cast(sum(case when is_money_modelled then 1 else 0 end) as bigint) as money_modelled_flights
        from star.fct_flight
        where is_closed
        group by flight_date, route, origin, destination, carrier
        order by flight_date, route, carrier
        """,
    ),
    # One row per scope, entity, window and day (UTC): the last row of the day as it stands now.
    "route_kpi_daily": (
        ("fct_route_kpi",),
        """
        select cast(date_trunc('day', true_at) as date) as day, kpi.* exclude (ingested_at, known_until, place)
        from (
          select *, row_number() over (
            partition by scope, entity, kpi_window, date_trunc('day', true_at)
            order by true_at desc, revision desc
          ) as place
          from star.fct_route_kpi
        ) as kpi
        where place = 1
        order by day, scope, entity, kpi_window
        """,
    ),
    # One row per change of a light.
    "lights": (
        ("fct_light",),
        """
        select alert_id, scope, entity, rule, rule_version, true_at, true_until, known_at, from_light, to_light, kpi,
          value, lower_bound, upper_bound, n, numerator, denominator, usd_per_hour, modelled, reason, place, decision,
          held_by, sent_at
        from star.fct_light order by true_at, scope, entity, rule
        """,
    ),
    # One row per alert.
    "alerts": (("fct_alert",), "select * from star.fct_alert order by decided_at, alert_id"),
    # One row per route, booking date, cabin and channel: no booking by itself leaves the warehouse.
    "bookings": (
        ("fct_booking",),
        """
        select route, carrier, cast(date_trunc('day', booked_at) as date) as booked_on, flight_date, cabin, channel,
          status, cast(count(*) as bigint) as bookings, cast(sum(passengers) as bigint) as passengers,
          cast(sum(fare_usd_cents) as bigint) as fare_usd_cents
        from star.fct_booking
        group by all
        order by route, booked_on, flight_date, carrier, cabin, channel, status
        """,
    ),
}


def marts(star: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, pl.DataFrame | None]]:
    """Each by name; None for one whose tables the star does not have."""
    for name, (needed, sql) in MARTS.items():
        yield name, rows(star, sql) if all(has_table(star, table) for table in needed) else None
