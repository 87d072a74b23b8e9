{# By row: all revisions of an instant lie in the same month, so a month is complete in itself. #}
{% set key = ['scope', 'entity', 'kpi_window', 'true_at'] %}
{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key=key, dist='entity',
    sort=['scope', 'entity', 'kpi_window', 'true_at'],
    post_hook="{{ forget_vanished('stg_route_kpi', 'kpi_row', ['scope', 'entity', 'kpi_window', 'true_at', 'revision'], 'true_at') }}",
) }}
with kpi as (
    select * from {{ ref('stg_route_kpi') }} where {{ touched('kpi_row') }}
),
{# Few rows are ever revised: a join with those few in place of a window over 8 million wide rows. #}
later as (
    select {{ key | join(', ') }}, revision, known_at from kpi where revision > 0
),
superseded as (
    select earlier.{{ key | join(', earlier.') }}, earlier.revision, min(later.known_at) as known_until
    from kpi as earlier
    inner join later
        on {% for column in key %}later.{{ column }} = earlier.{{ column }} and {% endfor %}later.revision > earlier.revision
    group by earlier.{{ key | join(', earlier.') }}, earlier.revision
)
select
    kpi.scope, kpi.entity, kpi.kpi_window, kpi.true_at, kpi.known_at, superseded.known_until, kpi.revision,
    kpi.ingested_at, kpi.events,
    {% for measure in measures() -%}
    kpi.{{ measure }},
    {% endfor -%}
    kpi.flown_by
from kpi
left join superseded
    on {% for column in key %}superseded.{{ column }} = kpi.{{ column }} and {% endfor %}superseded.revision = kpi.revision
