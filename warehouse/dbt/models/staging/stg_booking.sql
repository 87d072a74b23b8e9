select
    booking_key,
    carrier || '-' || number || '-' || cast(departure_date as varchar) || '-' || origin as flight_id,
    origin || '-' || destination as route,
    carrier,
    departure_date as flight_date,
    booked_at,
    {{ dbt.datediff('booked_at', 'departure_date', 'day') }} as days_ahead,
    cabin, channel, passengers,
    {{ usd_cents('fare_minor', 'usd_per_unit_ppm') }} as fare_usd_cents,
    status, passenger_age_band, passenger_country,
    pilot_experience_band as pilot_experience_key,
    month
from {{ source('clean', 'booking') }}
where not is_deleted
