-- How do punctuality, completion, load and margin develop from month to month?
-- Parameters: first, until (dates of flights, until not included).
-- One row per month; changes are points against the month before, none for the first. A month may be cut short.
with summed as (
  select
    cast(date_trunc('month', flight_date) as date) as month_starts_on,
    cast(count(distinct flight_date) as bigint) as days,
    cast(count(*) as bigint) as flights,
    cast(sum(cancelled) as bigint) as cancelled,
    cast(sum(arrivals) as bigint) as arrivals,
    cast(sum(arrivals_on_time) as bigint) as arrivals_on_time,
    cast(sum(arrival_delay_minutes) as bigint) as arrival_delay_minutes,
    cast(sum(passenger_km) as bigint) as passenger_km,
    cast(sum(seat_km) as bigint) as seat_km,
    cast(sum(revenue_usd_cents) as bigint) as revenue_usd_cents,
    cast(sum(cost_usd_cents) as bigint) as cost_usd_cents,
    cast(sum(money_modelled_flights) as bigint) as money_modelled_flights
  from star.flight_counts
  where flight_date >= cast(:first as date) and flight_date < cast(:until as date)
  group by 1
),

measured as (
  select
    summed.*,
    100 * cast(arrivals_on_time as double precision) / flights as on_time_arrival_pct,
    100 * cast(flights - cancelled as double precision) / flights as completion_pct,
    cast(arrival_delay_minutes as double precision) / nullif(arrivals, 0) as mean_arrival_delay_minutes,
    100 * cast(passenger_km as double precision) / nullif(seat_km, 0) as load_factor_pct,
    100 * cast(revenue_usd_cents - cost_usd_cents as double precision) / nullif(revenue_usd_cents, 0) as margin_pct
  from summed
)

select
  month_starts_on,
  days,
  flights,
  arrivals_on_time,
  on_time_arrival_pct,
  on_time_arrival_pct - lag(on_time_arrival_pct) over (order by month_starts_on) as on_time_arrival_change_points,
  cancelled,
  completion_pct,
  arrivals,
  arrival_delay_minutes,
  mean_arrival_delay_minutes,
  passenger_km,
  seat_km,
  load_factor_pct,
  load_factor_pct - lag(load_factor_pct) over (order by month_starts_on) as load_factor_change_points,
  revenue_usd_cents,
  cost_usd_cents,
  margin_pct,
  margin_pct - lag(margin_pct) over (order by month_starts_on) as margin_change_points,
  money_modelled_flights
from measured
order by month_starts_on
