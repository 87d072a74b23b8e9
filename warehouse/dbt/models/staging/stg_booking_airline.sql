select carrier, name, country from {{ source('clean', 'booking_airline') }}
