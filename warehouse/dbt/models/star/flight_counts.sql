{# What the named questions add up, said once; they choose days and group. #}
{{ config(materialized='view') }}
select
    flight_id, flight_date, route, origin, destination, carrier, scheduled_hour_local,
    1 as flights,
    case when is_cancelled then 1 else 0 end as cancelled,
    case when is_diverted then 1 else 0 end as diverted,
    case when is_cancelled or is_diverted then 0 else 1 end as arrivals,
    case when is_arrived_on_time then 1 else 0 end as arrivals_on_time,
    case when actual_departure_at is null then 0 else 1 end as departures,
    case when is_departed_on_time then 1 else 0 end as departures_on_time,
    case when arrival_delay_minutes > 0 and not is_cancelled and not is_diverted then arrival_delay_minutes else 0 end
        as arrival_delay_minutes,
    case when actual_departure_at is not null and departure_delay_minutes > 0 then departure_delay_minutes else 0 end
        as departure_delay_minutes,
    coalesce(passenger_km, 0) as passenger_km,
    coalesce(seat_km, 0) as seat_km,
    coalesce(fuel_kg, 0) as fuel_kg,
    coalesce(ticket_revenue_usd_cents, 0) as ticket_revenue_usd_cents,
    coalesce(ancillary_revenue_usd_cents, 0) + coalesce(cargo_revenue_usd_cents, 0) as other_revenue_usd_cents,
    coalesce(ticket_revenue_usd_cents, 0) + coalesce(ancillary_revenue_usd_cents, 0)
        + coalesce(cargo_revenue_usd_cents, 0) as revenue_usd_cents,
    coalesce(fuel_cost_usd_cents, 0) as fuel_cost_usd_cents,
    coalesce(crew_cost_usd_cents, 0) + coalesce(maintenance_cost_usd_cents, 0)
        + coalesce(airport_cost_usd_cents, 0) as other_cost_usd_cents,
    coalesce(fuel_cost_usd_cents, 0) + coalesce(crew_cost_usd_cents, 0) + coalesce(maintenance_cost_usd_cents, 0)
        + coalesce(airport_cost_usd_cents, 0) as cost_usd_cents,
    case when is_traffic_modelled then 1 else 0 end as traffic_modelled_flights,
    case when is_money_modelled then 1 else 0 end as money_modelled_flights
from {{ ref('fct_flight') }}
where is_closed
