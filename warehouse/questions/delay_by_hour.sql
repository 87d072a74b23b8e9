-- At which hour of the day do flights leave late?
-- Parameters: first, until (dates of flights, until not included).
-- One row per scheduled hour of departure, local time of the origin, 0 to 23.
select
  scheduled_hour_local,
  cast(count(*) as bigint) as flights,
  cast(sum(cancelled) as bigint) as cancelled,
  cast(sum(departures) as bigint) as departures,
  cast(sum(departures_on_time) as bigint) as departures_on_time,
  100 * cast(sum(departures_on_time) as double precision) / nullif(sum(departures), 0) as on_time_departure_pct,
  cast(sum(departure_delay_minutes) as bigint) as departure_delay_minutes,
  cast(sum(departure_delay_minutes) as double precision) / nullif(sum(departures), 0) as mean_departure_delay_minutes,
  cast(sum(arrivals) as bigint) as arrivals,
  cast(sum(arrivals_on_time) as bigint) as arrivals_on_time,
  100 * cast(sum(arrivals_on_time) as double precision) / count(*) as on_time_arrival_pct,
  cast(sum(arrival_delay_minutes) as bigint) as arrival_delay_minutes,
  cast(sum(arrival_delay_minutes) as double precision) / nullif(sum(arrivals), 0) as mean_arrival_delay_minutes
from star.flight_counts
where flight_date >= cast(:first as date) and flight_date < cast(:until as date)
group by scheduled_hour_local
order by scheduled_hour_local
