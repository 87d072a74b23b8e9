select
    event_id, event_at, flight_id, satisfaction, recommend, complaint as is_complaint,
    appended_at as known_at,
    month
from {{ source('clean', 'passenger_feedback') }}
