select
    entity_key, sk, alert_id, scope, entity, rule, rule_version,
    "window" as kpi_window,
    "at" as true_at,
    known_at, revision, ingested_at, sent_at, from_light, to_light, kpi, "value",
    lower as lower_bound,
    upper as upper_bound,
    n, numerator, denominator, usd_per_hour, modelled, reason,
    "where" as place,
    decision, held_by, audience, "row", "transition", rule_file,
    month
from {{ source('clean', 'light_change') }}
