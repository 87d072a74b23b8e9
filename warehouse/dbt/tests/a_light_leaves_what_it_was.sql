-- Each change of a light starts where the one before it ended, in time and in light. A warning up to 20: of two changes
-- of a light to the same colour at one instant, by a correction and its correction, the log keeps the second.
{{ config(error_if='>20') }}
with chain as (
    select
        scope, entity, rule, true_at, true_until, from_light, to_light,
        lead(from_light) over (partition by scope, entity, rule order by true_at, revision, known_at, alert_id)
            as next_from,
        lead(true_at) over (partition by scope, entity, rule order by true_at, revision, known_at, alert_id) as next_at
    from {{ ref('fct_light') }}
)
select *
from chain
where true_until < true_at
    or (next_at is null) <> (true_until is null)
    or next_from <> to_light
