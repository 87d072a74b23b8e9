with flown as (
    select
        tail, aircraft_type, seats, carrier, flight_date,
        row_number() over (partition by tail order by scheduled_departure_at desc, flight_id desc) as turn,
        min(flight_date) over (partition by tail) as first_flight_on,
        max(flight_date) over (partition by tail) as last_flight_on
    from {{ ref('fct_flight') }}
    where tail is not null and not is_cancelled
)
select tail, aircraft_type, seats, carrier, first_flight_on, last_flight_on from flown where turn = 1
