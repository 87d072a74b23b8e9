with used as (
    select carrier from {{ ref('stg_flight') }}
    union select carrier from {{ ref('stg_booking') }}
    union select carrier from {{ ref('stg_booking_airline') }}
)
select used.carrier, coalesce(booked.name, known.name, used.carrier) as name
from used
left join {{ ref('stg_booking_airline') }} as booked on booked.carrier = used.carrier
left join {{ ref('airline') }} as known on known.carrier = used.carrier
