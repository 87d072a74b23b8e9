{# By booking: those of new months, and those whose flight became known since. #}
{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='booking_key', dist='flight_id', sort=['flight_date'],
    post_hook="delete from {{ this }} where booking_key in (select booking_key from {{ ref('stg_booking') }} where is_deleted)",
) }}
with booking as (
    select * from {{ ref('stg_booking') }}
    where not is_deleted
    {% if not reads_all() -%}
    and ({{ touched('booking') }} or flight_id in ({{ touched_flights({'stg_flight': 'flight'}) }}))
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
