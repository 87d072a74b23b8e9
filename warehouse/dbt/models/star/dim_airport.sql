with used as (
    select origin as airport from {{ ref('stg_flight') }}
    union select destination from {{ ref('stg_flight') }}
    union select origin from {{ ref('stg_booking_route') }}
    union select destination from {{ ref('stg_booking_route') }}
    union select airport from {{ ref('stg_booking_airport') }}
)
select
    used.airport,
    coalesce(booked.name, known.name) as name,
    coalesce(booked.city, known.city) as city,
    coalesce(booked.country, known.country) as country,
    coalesce(booked.latitude, known.latitude) as latitude,
    coalesce(booked.longitude, known.longitude) as longitude,
    coalesce(booked.time_zone, known.time_zone) as time_zone
from used
left join {{ ref('stg_booking_airport') }} as booked on booked.airport = used.airport
left join {{ ref('airport') }} as known on known.airport = used.airport
