select
    scope, entity,
    "window" as kpi_window,
    "at" as true_at,
    known_at, revision, ingested_at, events,
    {{ measures() | join(', ') }},
    flown_by,
    month
from {{ source('clean', 'kpi_row') }}
