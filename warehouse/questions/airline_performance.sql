-- How punctual, complete, full and profitable is each airline?
-- Parameters: first, until (dates of flights, until not included).
-- One row per airline that flew or cancelled a flight, the most flights first.
with airline as (
  select
    carrier,
    cast(count(*) as bigint) as flights,
    cast(sum(cancelled) as bigint) as cancelled,
    cast(sum(diverted) as bigint) as diverted,
    cast(sum(arrivals) as bigint) as arrivals,
    cast(sum(arrivals_on_time) as bigint) as arrivals_on_time,
    cast(sum(departures) as bigint) as departures,
    cast(sum(departures_on_time) as bigint) as departures_on_time,
    cast(sum(arrival_delay_minutes) as bigint) as arrival_delay_minutes,
    cast(sum(passenger_km) as bigint) as passenger_km,
    cast(sum(seat_km) as bigint) as seat_km,
    cast(sum(revenue_usd_cents) as bigint) as revenue_usd_cents,
    cast(sum(cost_usd_cents) as bigint) as cost_usd_cents,
    cast(sum(traffic_modelled_flights) as bigint) as traffic_modelled_flights,
    cast(sum(money_modelled_flights) as bigint) as money_modelled_flights
  from star.flight_counts
  where flight_date >= cast(:first as date) and flight_date < cast(:until as date)
  group by carrier
)

select
  airline.carrier,
  dim_airline.name,
  flights,
  arrivals_on_time,
  100 * cast(arrivals_on_time as double precision) / flights as on_time_arrival_pct,
  departures,
  departures_on_time,
  100 * cast(departures_on_time as double precision) / nullif(departures, 0) as on_time_departure_pct,
  cancelled,
  diverted,
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
  traffic_modelled_flights,
  money_modelled_flights
from airline
left join star.dim_airline on airline.carrier = dim_airline.carrier
order by flights desc, airline.carrier
