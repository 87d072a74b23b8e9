with first_change as (
    select rule, rule_version, min(true_at) as first_seen_at, min(alert_id) as alert_id
    from {{ ref('stg_light_change') }}
    group by rule, rule_version
),
{# A rule file is up to 40 KB: read once a version. #}
written as (
    select change.alert_id, change.rule, change.rule_version, max(change.rule_file) as rule_file
    from {{ ref('stg_light_change') }} as change
    inner join first_change on first_change.alert_id = change.alert_id
    group by change.alert_id, change.rule, change.rule_version
)
select
    first_change.rule, first_change.rule_version,
    {{ json_text('rule_file', ['scope']) }} as scope,
    {{ json_text('rule_file', ['kpi_name']) }} as kpi,
    {{ json_text('rule_file', ['window']) }} as kpi_window,
    cast({{ json_text('rule_file', ['thresholds', 'amber']) }} as double precision) as amber,
    cast({{ json_text('rule_file', ['thresholds', 'red']) }} as double precision) as red,
    first_change.first_seen_at,
    written.rule_file
from first_change
inner join written
    on written.alert_id = first_change.alert_id
    and written.rule = first_change.rule and written.rule_version = first_change.rule_version
