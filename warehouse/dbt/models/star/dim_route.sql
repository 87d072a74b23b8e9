with flown as (
    select route, origin, destination, max(distance_km) as distance_km
    from {{ ref('stg_flight') }}
    group by route, origin, destination
),
booked as (
    select origin || '-' || destination as route, origin, destination, distance_km from {{ ref('stg_booking_route') }}
),
used as (
    select route, origin, destination from flown union select route, origin, destination from booked
),
measured as (
    select
        used.route, used.origin, used.destination,
        {# As the flights say it; else on a sphere of the IUGG mean radius. #}
        cast(coalesce(
            nullif(flown.distance_km, 0),
            booked.distance_km,
            round(2 * 6371.0088 * asin(sqrt(
                power(sin(radians(there.latitude - here.latitude) / 2), 2)
                + cos(radians(here.latitude)) * cos(radians(there.latitude))
                * power(sin(radians(there.longitude - here.longitude) / 2), 2)
            )))
        ) as bigint) as distance_km
    from used
    left join flown on flown.route = used.route
    left join booked on booked.route = used.route
    left join {{ ref('dim_airport') }} as here on here.airport = used.origin
    left join {{ ref('dim_airport') }} as there on there.airport = used.destination
)
select
    route, origin, destination, distance_km,
    case when distance_km < 1500 then 'short' when distance_km < 4000 then 'medium' when distance_km >= 4000 then 'long' end
        as haul
from measured
