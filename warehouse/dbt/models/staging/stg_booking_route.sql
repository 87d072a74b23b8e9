select origin, destination, distance_km from {{ source('clean', 'booking_route') }}
