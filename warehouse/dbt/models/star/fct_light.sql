{# By light: its chain of changes crosses months, so a touched light is told whole, one that lost a change too. #}
{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key=['scope', 'entity', 'rule'],
    dist='entity', sort=['scope', 'entity', 'rule', 'true_at'],
    post_hook="{{ forget_vanished('stg_light_change', 'light_change', ['alert_id'], 'true_at') }}",
) }}
with
{% if not reads_all() -%}
touched_light as (
    select scope, entity, rule from {{ ref('stg_light_change') }} where {{ touched('light_change') }}
    union select scope, entity, rule from {{ this }} where {{ of_touched_months('light_change', 'true_at') }}
),
{% endif -%}
change as (
    select one.* from {{ ref('stg_light_change') }} as one
    {% if not reads_all() -%}
    inner join touched_light
        on touched_light.scope = one.scope and touched_light.entity = one.entity and touched_light.rule = one.rule
    {%- endif %}
)
select
    alert_id, scope, entity, rule, rule_version, true_at,
    lead(true_at) over (partition by scope, entity, rule order by true_at, revision, known_at, alert_id) as true_until,
    known_at, from_light, to_light, kpi, "value", lower_bound, upper_bound, n, numerator, denominator, usd_per_hour,
    modelled, reason, place, decision, held_by, sent_at, "row", "transition",
    kpi_window, revision, ingested_at
from change
