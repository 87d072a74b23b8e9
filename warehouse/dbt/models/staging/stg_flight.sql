select
    flight_id,
    origin || '-' || destination as route,
    carrier, number, origin, destination, tail, aircraft_type, state,
    scheduled_departure_at, scheduled_arrival_at, actual_departure_at, actual_arrival_at,
    state in ('ARRIVED', 'DIVERTED') as is_operated,
    state in ('ARRIVED', 'DIVERTED', 'CANCELLED') as is_closed,
    seats, passengers, cargo_kg, distance_km, corrections,
    traffic_source = 'modelled' as is_traffic_modelled,
    event_at,
    appended_at as known_at,
    month
from {{ source('clean', 'flight') }}
