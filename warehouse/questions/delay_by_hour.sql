-- At which hour of the day do flights leave late?
-- Parameters: first, until (dates of flights, until not included).
-- One row per scheduled hour of departure, local time of the origin, 0 to 23.
with flight as (
  select
    scheduled_hour_local,
    case when is_cancelled then 1 else 0 end as is_cancelled,
    case when actual_departure_at is null then 0 else 1 end as is_departed,
    case when is_departed_on_time then 1 else 0 end as is_departed_on_time,
    case when actual_departure_at is not null and departure_delay_minutes > 0
      then departure_delay_minutes else 0 end as departure_late_minutes,
    case when is_cancelled or is_diverted then 0 else 1 end as is_arrived,
    case when is_arrived_on_time then 1 else 0 end as is_arrived_on_time,
    case when arrival_delay_minutes > 0 and not is_cancelled and not is_diverted
      then arrival_delay_minutes else 0 end as arrival_late_minutes
  from star.fct_flight
  where is_closed and flight_date >= cast(:first as date) and flight_date < cast(:until as date)
)

select
  scheduled_hour_local,
  cast(count(*) as bigint) as flights,
  cast(sum(is_cancelled) as bigint) as cancelled,
  cast(sum(is_departed) as bigint) as departures,
  cast(sum(is_departed_on_time) as bigint) as departures_on_time,
  100 * cast(sum(is_departed_on_time) as double precision) / nullif(sum(is_departed), 0) as on_time_departure_pct,
  cast(sum(departure_late_minutes) as bigint) as departure_delay_minutes,
  cast(sum(departure_late_minutes) as double precision) / nullif(sum(is_departed), 0) as mean_departure_delay_minutes,
  cast(sum(is_arrived) as bigint) as arrivals,
  cast(sum(is_arrived_on_time) as bigint) as arrivals_on_time,
  100 * cast(sum(is_arrived_on_time) as double precision) / count(*) as on_time_arrival_pct,
  cast(sum(arrival_late_minutes) as bigint) as arrival_delay_minutes,
  cast(sum(arrival_late_minutes) as double precision) / nullif(sum(is_arrived), 0) as mean_arrival_delay_minutes
from flight
group by scheduled_hour_local
order by scheduled_hour_local
