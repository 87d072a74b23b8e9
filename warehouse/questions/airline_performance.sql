-- How punctual, complete, full and profitable is each airline?
-- Parameters: first, until (dates of flights, until not included).
-- One row per airline that flew or cancelled a flight, the most flights first.
with flight as (
  select
    carrier,
    case when is_cancelled then 1 else 0 end as is_cancelled,
    case when is_diverted then 1 else 0 end as is_diverted,
    case when is_cancelled or is_diverted then 0 else 1 end as is_arrived,
    case when is_arrived_on_time then 1 else 0 end as is_arrived_on_time,
    case when actual_departure_at is null then 0 else 1 end as is_departed,
    case when is_departed_on_time then 1 else 0 end as is_departed_on_time,
    case when arrival_delay_minutes > 0 and not is_cancelled and not is_diverted
      then arrival_delay_minutes else 0 end as late_minutes,
    passenger_km,
    seat_km,
    coalesce(ticket_revenue_usd_cents, 0) + coalesce(ancillary_revenue_usd_cents, 0)
      + coalesce(cargo_revenue_usd_cents, 0) as revenue_usd_cents,
    coalesce(fuel_cost_usd_cents, 0) + coalesce(crew_cost_usd_cents, 0)
      + coalesce(maintenance_cost_usd_cents, 0) + coalesce(airport_cost_usd_cents, 0) as cost_usd_cents,
    case when is_traffic_modelled then 1 else 0 end as is_traffic_modelled,
    case when is_money_modelled then 1 else 0 end as is_money_modelled
  from star.fct_flight
  where is_closed and flight_date >= cast(:first as date) and flight_date < cast(:until as date)
),

airline as (
  select
    carrier,
    cast(count(*) as bigint) as flights,
    cast(sum(is_cancelled) as bigint) as cancelled,
    cast(sum(is_diverted) as bigint) as diverted,
    cast(sum(is_arrived) as bigint) as arrivals,
    cast(sum(is_arrived_on_time) as bigint) as arrivals_on_time,
    cast(sum(is_departed) as bigint) as departures,
    cast(sum(is_departed_on_time) as bigint) as departures_on_time,
    cast(sum(late_minutes) as bigint) as arrival_delay_minutes,
    cast(sum(passenger_km) as bigint) as passenger_km,
    cast(sum(seat_km) as bigint) as seat_km,
    cast(sum(revenue_usd_cents) as bigint) as revenue_usd_cents,
    cast(sum(cost_usd_cents) as bigint) as cost_usd_cents,
    cast(sum(is_traffic_modelled) as bigint) as traffic_modelled_flights,
    cast(sum(is_money_modelled) as bigint) as money_modelled_flights
  from flight
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
