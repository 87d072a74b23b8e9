select band as pilot_experience_key, band, min(min_hours) as min_hours, max(max_hours) as max_hours
from {{ ref('stg_pilot_band') }}
group by band
