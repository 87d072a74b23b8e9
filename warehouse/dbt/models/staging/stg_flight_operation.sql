select
    event_id, event_at, flight_id, kind,
    carrier_delay_minutes, weather_delay_minutes, airspace_delay_minutes, security_delay_minutes,
    late_aircraft_delay_minutes, turnaround_minutes, scheduled_turnaround_minutes, connecting, misconnected,
    source = 'modelled' as is_modelled,
    appended_at as known_at,
    month
from {{ source('clean', 'flight_operation') }}
