-- How punctual are departures from, and arrivals at, each airport?
-- Parameters: first, until (dates of flights, until not included).
-- One row per airport, the most movements first; an arrival's date is that of its flight.
with flight as (
  select
    origin,
    destination,
    case when is_cancelled then 1 else 0 end as is_cancelled,
    case when actual_departure_at is null then 0 else 1 end as is_departed,
    case when is_departed_on_time then 1 else 0 end as is_departed_on_time,
    case when is_arrived_on_time then 1 else 0 end as is_arrived_on_time
  from star.fct_flight
  where is_closed and flight_date >= cast(:first as date) and flight_date < cast(:until as date)
),

movement as (
  select
    origin as airport, 1 as flights_out, is_cancelled as cancelled_out, is_departed as departures,
    is_departed_on_time as departures_on_time, 0 as flights_in, 0 as cancelled_in, 0 as arrivals_on_time
  from flight
  union all
  select destination, 0, 0, 0, 0, 1, is_cancelled, is_arrived_on_time
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
