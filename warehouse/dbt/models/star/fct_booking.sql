{# By booking: those of new months, and those whose flight became known or vanished since. Deleted ones are left out. #}
{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='booking_key', dist='flight_id', sort=['flight_date'],
    post_hook="{{ forget_vanished('stg_booking', 'booking', ['booking_key'], 'booked_at') }}",
) }}
with booking as (
    select * from {{ ref('stg_booking') }}
    {% if not reads_all() -%}
    where (
        {{ touched('booking') }}
        or flight_id in ({{ touched_flights({'stg_flight': 'flight'}) }})
        or booking_key in (
            select told.booking_key from {{ this }} as told
            left join {{ ref('fct_flight') }} as flight on flight.flight_id = told.flight_id
            where told.flight_id is not null and flight.flight_id is null
        )
    )
    {%- endif %}
)
select
    booking_key,
    flight.flight_id,
    booking.route, booking.carrier, booking.flight_date, booked_at, days_ahead, cabin, channel,
    booking.passengers,
    fare_usd_cents, status, passenger_age_band, passenger_country, pilot_experience_key
from booking
left join {{ ref('fct_flight') }} as flight on flight.flight_id = booking.flight_id
