-- Which routes are the least punctual, and what do they earn?
-- Parameters: first, until (dates of flights, until not included).
-- One row per route, worst first by the share on time; routes of fewer than 10 flights prove little and come last.
with route as (
  select
    route,
    origin,
    destination,
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
  group by route, origin, destination
),

measured as (
  select
    route.*,
    case when flights >= 10 then 0 else 1 end as is_small,
    100 * cast(arrivals_on_time as double precision) / flights as on_time_arrival_pct
  from route
)

select
  row_number() over (order by is_small, on_time_arrival_pct, flights desc, route) as place,
  route,
  origin,
  destination,
  flights,
  arrivals_on_time,
  on_time_arrival_pct,
  cancelled,
  100 * cast(flights - cancelled as double precision) / flights as completion_pct,
  arrivals,
  arrival_delay_minutes,
  cast(arrival_delay_minutes as double precision) / nullif(arrivals, 0) as mean_arrival_delay_minutes,
  passenger_km,
  seat_km,
  100 * cast(passenger_km as double precision) / nullif(seat_km, 0) as load_factor_pct,
  revenue_usd_cents,
  cost_usd_cents,
  100 * cast(revenue_usd_cents - cost_usd_cents as double precision) / nullif(revenue_usd_cents, 0) as margin_pct,
  money_modelled_flights
from measured
order by place
