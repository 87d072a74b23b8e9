-- What delays flights, and how much of all delay is each cause's?
-- Parameters: first, until (dates of flights, until not included).
-- One row per IATA group of causes, most minutes first. A replay of 2013 models the causes: that year's data has none.
with flight as (
  select
    carrier_delay_minutes,
    weather_delay_minutes,
    airspace_delay_minutes,
    security_delay_minutes,
    late_aircraft_delay_minutes
  from star.fct_flight
  where is_closed and flight_date >= cast(:first as date) and flight_date < cast(:until as date)
),

by_cause as (
  select 'carrier' as cause, carrier_delay_minutes as delay_minutes from flight
  union all
  select 'weather' as cause, weather_delay_minutes as delay_minutes from flight
  union all
  select 'airspace' as cause, airspace_delay_minutes as delay_minutes from flight
  union all
  select 'security' as cause, security_delay_minutes as delay_minutes from flight
  union all
  select 'late aircraft' as cause, late_aircraft_delay_minutes as delay_minutes from flight
),

summed as (
  select
    cause,
    cast(coalesce(sum(delay_minutes), 0) as bigint) as delay_minutes,
    cast(sum(case when delay_minutes > 0 then 1 else 0 end) as bigint) as flights_delayed,
    cast(count(*) as bigint) as flights
  from by_cause
  group by cause
)

select
  cause,
  delay_minutes,
  cast(sum(delay_minutes) over () as bigint) as all_delay_minutes,
  100 * cast(delay_minutes as double precision) / nullif(sum(delay_minutes) over (), 0) as share_pct,
  flights_delayed,
  flights,
  100 * cast(flights_delayed as double precision) / nullif(flights, 0) as flights_delayed_pct,
  cast(delay_minutes as double precision) / nullif(flights_delayed, 0) as minutes_per_delayed_flight
from summed
order by delay_minutes desc, cause
