{# By alert: a decision about an old one may come months later, but it changes that month's file. #}
{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='alert_id', dist='alert_id', sort=['decided_at'],
    post_hook="{{ forget_vanished('stg_light_change', 'light_change', ['alert_id'], 'true_at') }}",
) }}
with change as (
    select *, row_number() over (partition by scope, entity, rule, true_at order by revision, known_at, alert_id) as turn
    from {{ ref('stg_light_change') }}
    where {{ touched('light_change') }}
)
select
    alert_id, scope, entity, rule, rule_version, true_at, from_light, to_light, decision,
    known_at as decided_at,
    sent_at,
    {{ milliseconds_between('ingested_at', 'sent_at') }} as event_to_alert_ms,
    case when decision = 'group' then 'summary' when turn > 1 then 'amendment' else 'alert' end as kind,
    held_by,
    audience,
    usd_per_hour
from change
where decision = 'send' or sent_at is not null
