-- Which flight numbers are chronically late (14 CFR 399.81(c))?
-- Parameters: first, until (dates of flights, until not included).
-- One row per flight number and month of at least 10 flights, over half of them more than 30 min late or cancelled.
with flight as (
  select
    carrier,
    number,
    route,
    cast(date_trunc('month', flight_date) as date) as month_starts_on,
    case when is_cancelled then 1 else 0 end as is_cancelled,
    case when is_cancelled or (not is_diverted and arrival_delay_minutes > 30) then 1 else 0 end as is_late,
    case when not is_cancelled and not is_diverted and arrival_delay_minutes > 30
      then arrival_delay_minutes else 0 end as late_minutes
  from star.fct_flight
  where is_closed and flight_date >= cast(:first as date) and flight_date < cast(:until as date)
),

summed as (
  select
    carrier,
    number,
    route,
    month_starts_on,
    cast(count(*) as bigint) as flights,
    cast(sum(is_late) as bigint) as late_or_cancelled,
    cast(sum(is_cancelled) as bigint) as cancelled,
    cast(sum(late_minutes) as bigint) as late_minutes
  from flight
  group by carrier, number, route, month_starts_on
)

select
  carrier,
  number,
  route,
  month_starts_on,
  flights,
  late_or_cancelled,
  100 * cast(late_or_cancelled as double precision) / flights as late_or_cancelled_pct,
  cancelled,
  late_minutes,
  cast(late_minutes as double precision) / nullif(late_or_cancelled - cancelled, 0) as minutes_per_late_flight
from summed
where flights >= 10 and 2 * late_or_cancelled > flights
order by late_or_cancelled_pct desc, flights desc, carrier, number, route, month_starts_on
