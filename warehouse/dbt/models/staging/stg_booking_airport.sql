select airport, name, city, country, latitude, longitude, time_zone from {{ source('clean', 'booking_airport') }}
