-- What does a season change: delays, cancellations, load and revenue against the rest of the period?
-- Parameters: first, until (dates of flights, until not included).
-- One row per season of `dim_date`, in order of its first day here; effects are points against all other seasons.
with summed as (
  select
    season,
    min(flight_date) as first_flight_date,
    cast(count(distinct flight_date) as bigint) as days,
    cast(count(*) as bigint) as flights,
    cast(sum(arrivals_on_time) as bigint) as arrivals_on_time,
    cast(sum(cancelled) as bigint) as cancelled,
    cast(sum(passenger_km) as bigint) as passenger_km,
    cast(sum(seat_km) as bigint) as seat_km,
    cast(sum(revenue_usd_cents) as bigint) as revenue_usd_cents,
    cast(sum(money_modelled_flights) as bigint) as money_modelled_flights
  from star.flight_counts
  inner join star.dim_date on flight_counts.flight_date = dim_date.date_day
  where flight_date >= cast(:first as date) and flight_date < cast(:until as date)
  group by season
),

whole as (
  select
    sum(flights) as flights,
    sum(arrivals_on_time) as arrivals_on_time,
    sum(cancelled) as cancelled,
    sum(passenger_km) as passenger_km,
    sum(seat_km) as seat_km
  from summed
)

select
  summed.season,
  summed.days,
  summed.flights,
  cast(summed.flights as double precision) / summed.days as flights_per_day,
  summed.arrivals_on_time,
  100 * cast(summed.arrivals_on_time as double precision) / summed.flights as on_time_arrival_pct,
  100 * cast(summed.arrivals_on_time as double precision) / summed.flights
    - 100 * cast(whole.arrivals_on_time - summed.arrivals_on_time as double precision)
    / nullif(whole.flights - summed.flights, 0) as on_time_arrival_effect_points,
  summed.cancelled,
  100 * cast(summed.flights - summed.cancelled as double precision) / summed.flights as completion_pct,
  100 * cast(whole.cancelled - summed.cancelled as double precision) / nullif(whole.flights - summed.flights, 0)
    - 100 * cast(summed.cancelled as double precision) / summed.flights as completion_effect_points,
  summed.passenger_km,
  summed.seat_km,
  100 * cast(summed.passenger_km as double precision) / nullif(summed.seat_km, 0) as load_factor_pct,
  100 * cast(summed.passenger_km as double precision) / nullif(summed.seat_km, 0)
    - 100 * cast(whole.passenger_km - summed.passenger_km as double precision)
    / nullif(whole.seat_km - summed.seat_km, 0) as load_factor_effect_points,
  summed.revenue_usd_cents,
  cast(summed.revenue_usd_cents as double precision) / summed.days as revenue_usd_cents_per_day,
  summed.money_modelled_flights
from summed
cross join whole
order by summed.first_flight_date, summed.season
