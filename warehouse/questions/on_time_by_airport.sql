-- How punctual are departures from, and arrivals at, each airport?
-- Parameters: first, until (dates of flights, until not included).
-- One row per airport, the most movements first; an arrival's date is that of its flight.
with flight as (
  select origin, destination, flights, cancelled, departures, departures_on_time, arrivals_on_time
  from star.flight_counts
  where flight_date >= cast(:first as date) and flight_date < cast(:until as date)
),

movement as (
  select
    origin as airport, flights as flights_out, cancelled as cancelled_out, departures, departures_on_time,
    0 as flights_in, 0 as cancelled_in, 0 as arrivals_on_time
  from flight
  union all
  select destination, 0, 0, 0, 0, flights, cancelled, arrivals_on_time
  from flight
),

summed as (
  select
    airport,
    cast(sum(flights_out) as bigint) as flights_out,
    cast(sum(cancelled_out) as bigint) as cancelled_out,
    cast(sum(departures) as bigint) as departures,
    cast(sum(departures_on_time) as bigint) as departures_on_time,
    cast(sum(flights_in) as bigint) as flights_in,
    cast(sum(cancelled_in) as bigint) as cancelled_in,
    cast(sum(arrivals_on_time) as bigint) as arrivals_on_time
  from movement
  group by airport
)

select
  summed.airport,
  dim_airport.name,
  flights_out,
  cancelled_out,
  departures,
  departures_on_time,
  100 * cast(departures_on_time as double precision) / nullif(departures, 0) as on_time_departure_pct,
  flights_in,
  cancelled_in,
  arrivals_on_time,
  100 * cast(arrivals_on_time as double precision) / nullif(flights_in, 0) as on_time_arrival_pct
from summed
left join star.dim_airport on summed.airport = dim_airport.airport
order by flights_out + flights_in desc, summed.airport
