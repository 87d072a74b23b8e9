select carrier, band, min_hours, max_hours, pilots from {{ source('clean', 'pilot_band') }}
