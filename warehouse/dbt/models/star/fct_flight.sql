{# By flight: those of new months, those that new money, operations or answers are about, and those that lost some. #}
{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='flight_id', dist='flight_id',
    sort=['flight_date', 'route'],
    post_hook="{{ forget_vanished('stg_flight', 'flight', ['flight_id'], 'scheduled_departure_at') }}",
) }}
{% set sources = {
    'stg_flight': 'flight', 'stg_flight_finance': 'flight_finance', 'stg_flight_operation': 'flight_operation',
    'stg_passenger_feedback': 'passenger_feedback',
} %}
{% set amounts = [
    'ticket_revenue', 'ancillary_revenue', 'cargo_revenue', 'fuel_cost', 'crew_cost', 'maintenance_cost',
    'airport_cost', 'compensation_exposure',
] %}
{% set operations = [
    'carrier_delay_minutes', 'weather_delay_minutes', 'airspace_delay_minutes', 'security_delay_minutes',
    'late_aircraft_delay_minutes', 'turnaround_minutes', 'scheduled_turnaround_minutes', 'turnarounds', 'connecting',
    'misconnected',
] %}
{% set chosen = '' if reads_all() else 'where flight_id in (select flight_id from touched_flight)' %}
with
{% if not reads_all() -%}
touched_flight as (
    {{ touched_flights(sources) }}
    union select told.flight_id
    from {{ this }} as told
    left join (
        select flight_id, count(*) as events
        from (
            select flight_id from {{ ref('stg_flight_finance') }}
            union all select flight_id from {{ ref('stg_flight_operation') }}
            union all select flight_id from {{ ref('stg_passenger_feedback') }}
        ) as event
        group by flight_id
    ) as counted on counted.flight_id = told.flight_id
    where told.events > coalesce(counted.events, 0)
),
{% endif -%}
flight as (
    select * from {{ ref('stg_flight') }} {{ chosen }}
),
finance as (
    select
        flight_id,
        {% for amount in amounts -%}
        cast(sum({{ amount }}_usd_cents) as bigint) as {{ amount }}_usd_cents,
        {% endfor -%}
        cast(sum(fuel_kg) as bigint) as fuel_kg,
        max(case when is_modelled then 1 else 0 end) = 1 as is_money_modelled,
        count(*) as events,
        max(known_at) as known_at
    from {{ ref('stg_flight_finance') }} {{ chosen }}
    group by flight_id
),
operation as (
    select
        flight_id,
        {% for name in operations -%}
        cast(sum({{ "case when kind = 'TURNAROUND' then 1 else 0 end" if name == 'turnarounds' else name }}) as bigint) as {{ name }},
        {% endfor -%}
        count(*) as events,
        max(known_at) as known_at
    from {{ ref('stg_flight_operation') }} {{ chosen }}
    group by flight_id
),
feedback as (
    select
        flight_id,
        count(satisfaction) as responses,
        cast(sum(case when satisfaction >= 4 then 1 else 0 end) as bigint) as satisfied,
        cast(sum(case when is_complaint then 1 else 0 end) as bigint) as complaints,
        count(*) as events,
        max(known_at) as known_at
    from {{ ref('stg_passenger_feedback') }} {{ chosen }}
    group by flight_id
),
timed as (
    select
        flight.*,
        {{ local_time('flight.scheduled_departure_at', "coalesce(airport.time_zone, 'UTC')") }} as scheduled_departure_local,
        airport.time_zone,
        {{ minutes_between('scheduled_departure_at', 'actual_departure_at') }} as departure_delay_minutes,
        case when state = 'ARRIVED' then {{ minutes_between('scheduled_arrival_at', 'actual_arrival_at') }} end
            as arrival_delay_minutes,
        case when state = 'ARRIVED' then {{ minutes_between('actual_departure_at', 'actual_arrival_at') }} end
            as block_minutes,
        {{ minutes_between('scheduled_departure_at', 'scheduled_arrival_at') }} as scheduled_block_minutes
    from flight
    left join {{ ref('dim_airport') }} as airport on airport.airport = flight.origin
)
select
    timed.flight_id, route, carrier, number, origin, destination, tail, aircraft_type, state,
    coalesce(
        try_cast(substring(timed.flight_id, length(timed.flight_id) - 13, 10) as date),
        cast(scheduled_departure_local as date)
    ) as flight_date,
    scheduled_departure_at, scheduled_arrival_at, actual_departure_at, actual_arrival_at,
    case when time_zone is not null then cast(extract(hour from scheduled_departure_local) as integer) end
        as scheduled_hour_local,
    departure_delay_minutes,
    arrival_delay_minutes,
    state = 'CANCELLED' as is_cancelled,
    state = 'DIVERTED' as is_diverted,
    case when is_closed or actual_departure_at is not null then coalesce(departure_delay_minutes < 15, false) end
        as is_departed_on_time,
    case when is_closed then coalesce(arrival_delay_minutes < 15, false) end as is_arrived_on_time,
    is_closed,
    seats, passengers, cargo_kg, distance_km,
    case when is_operated then seats * distance_km else 0 end as seat_km,
    case when is_operated then passengers * distance_km else 0 end as passenger_km,
    block_minutes, scheduled_block_minutes,
    {% for name in operations -%}
    coalesce(operation.{{ name }}, 0) as {{ name }},
    {% endfor -%}
    {% for amount in amounts -%}
    coalesce(finance.{{ amount }}_usd_cents, 0) as {{ amount }}_usd_cents,
    {% endfor -%}
    coalesce(finance.fuel_kg, 0) as fuel_kg,
    coalesce(feedback.responses, 0) as responses,
    coalesce(feedback.satisfied, 0) as satisfied,
    coalesce(feedback.complaints, 0) as complaints,
    coalesce(corrections, 0) as corrections,
    coalesce(is_traffic_modelled, false) as is_traffic_modelled,
    coalesce(finance.is_money_modelled, false) as is_money_modelled,
    coalesce(finance.events, 0) + coalesce(operation.events, 0) + coalesce(feedback.events, 0) as events,
    greatest(timed.known_at, finance.known_at, operation.known_at, feedback.known_at) as known_at
from timed
left join finance on finance.flight_id = timed.flight_id
left join operation on operation.flight_id = timed.flight_id
left join feedback on feedback.flight_id = timed.flight_id
