-- How do punctuality, completion, load and margin develop from month to month?
-- Parameters: first, until (dates of flights, until not included).
-- One row per month; changes are points against the month before, none for the first. A month may be cut short.
with flight as (
  select
    cast(date_trunc('month', flight_date) as date) as month_starts_on,
    flight_date,
    case when is_cancelled then 1 else 0 end as is_cancelled,
    case when is_cancelled or is_diverted then 0 else 1 end as is_arrived,
    case when is_arrived_on_time then 1 else 0 end as is_arrived_on_time,
    case when arrival_delay_minutes > 0 and not is_cancelled and not is_diverted
      then arrival_delay_minutes else 0 end as late_minutes,
    passenger_km,
    seat_km,
    coalesce(ticket_revenue_usd_cents, 0) + coalesce(ancillary_revenue_usd_cents, 0)
      + coalesce(cargo_revenue_usd_cents, 0) as revenue_usd_cents,
    coalesce(fuel_cost_usd_cents, 0) + coalesce(crew_cost_usd_cents, 0)
      + coalesce(maintenance_cost_usd_cents, 0) + coalesce(airport_cost_usd_cents, 0) as cost_usd_cents,
    case when is_money_modelled then 1 else 0 end as is_money_modelled
  from star.fct_flight
  where is_closed and flight_date >= cast(:first as date) and flight_date < cast(:until as date)
),

summed as (
  select
    month_starts_on,
    cast(count(distinct flight_date) as bigint) as days,
    cast(count(*) as bigint) as flights,
    cast(sum(is_cancelled) as bigint) as cancelled,
    cast(sum(is_arrived) as bigint) as arrivals,
    cast(sum(is_arrived_on_time) as bigint) as arrivals_on_time,
    cast(sum(late_minutes) as bigint) as arrival_delay_minutes,
    cast(sum(passenger_km) as bigint) as passenger_km,
    cast(sum(seat_km) as bigint) as seat_km,
    cast(sum(revenue_usd_cents) as bigint) as revenue_usd_cents,
    cast(sum(cost_usd_cents) as bigint) as cost_usd_cents,
    cast(sum(is_money_modelled) as bigint) as money_modelled_flights
  from flight
  group by month_starts_on
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
