-- Do fuller aircraft take longer to turn around?
-- Parameters: first, until (dates of flights, until not included).
-- One row per band of 25 passengers; the last columns say it of all flights at once: the straight line's slope and r.
with flight as (
  select
    cast(passengers as double precision) as passengers,
    turnaround_minutes,
    scheduled_turnaround_minutes,
    turnarounds,
    cast(turnaround_minutes as double precision) / turnarounds as minutes,
    case when is_traffic_modelled then 1 else 0 end as is_traffic_modelled
  from star.fct_flight
  where turnarounds > 0 and passengers is not null
    and flight_date >= cast(:first as date) and flight_date < cast(:until as date)
),

mean as (
  select
    avg(passengers) as passengers,
    avg(minutes) as minutes
  from flight
),

spread as (
  select
    sum((flight.passengers - mean.passengers) * (flight.minutes - mean.minutes)) as together,
    sum((flight.passengers - mean.passengers) * (flight.passengers - mean.passengers)) as of_passengers,
    sum((flight.minutes - mean.minutes) * (flight.minutes - mean.minutes)) as of_minutes
  from flight
  cross join mean
),

band as (
  select
    25 * cast(floor(passengers / 25) as bigint) as passengers_from,
    cast(count(*) as bigint) as flights,
    cast(sum(passengers) as bigint) as passengers,
    cast(sum(turnarounds) as bigint) as turnarounds,
    cast(sum(turnaround_minutes) as bigint) as turnaround_minutes,
    cast(sum(scheduled_turnaround_minutes) as bigint) as scheduled_turnaround_minutes,
    cast(sum(is_traffic_modelled) as bigint) as traffic_modelled_flights
  from flight
  group by 1
)

select
  passengers_from,
  passengers_from + 24 as passengers_to,
  flights,
  passengers,
  turnarounds,
  turnaround_minutes,
  cast(turnaround_minutes as double precision) / turnarounds as mean_turnaround_minutes,
  scheduled_turnaround_minutes,
  cast(turnaround_minutes - scheduled_turnaround_minutes as double precision) / turnarounds as mean_overrun_minutes,
  traffic_modelled_flights,
  60 * spread.together / nullif(spread.of_passengers, 0) as seconds_per_passenger,
  spread.together / nullif(sqrt(spread.of_passengers * spread.of_minutes), 0) as correlation
from band
cross join spread
order by passengers_from
