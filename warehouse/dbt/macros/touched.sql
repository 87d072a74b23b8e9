{# Which months of a clean table are new since the last build: a condition on its partition column. #}
{% macro touched(table) -%}
    {%- set months = var('touched') -%}
    {%- if months is none -%}
        1 = 1
    {%- elif months.get(table) -%}
        month in ('{{ months[table] | join("', '") }}')
    {%- else -%}
        1 = 0
    {%- endif -%}
{%- endmacro %}

{# Whether everything is read: nothing then has to be looked up by what was touched. #}
{% macro reads_all() %}{{ return(var('touched') is none) }}{% endmacro %}

{# The flights of a clean table's new months. #}
{% macro touched_flights(models) -%}
    {%- for model, table in models.items() %}
    select flight_id from {{ ref(model) }} where {{ touched(table) }}
    {%- if not loop.last %} union {% endif -%}
    {%- endfor -%}
{%- endmacro %}

{# Which rows are of a clean table's new months, by the instant that its months go by. #}
{% macro of_touched_months(table, instant) -%}
    (
    {%- for month in (var('touched') or {}).get(table, []) -%}
        {%- set year, number = month.split('-') | map('int') -%}
        {%- set next = '%04d-%02d' % (year + number // 12, number % 12 + 1) -%}
        ({{ instant }} >= cast('{{ month }}-01' as timestamp) and {{ instant }} < cast('{{ next }}-01' as timestamp)) or {% endfor -%}
    1 = 0)
{%- endmacro %}

{# After a build: the rows of new months that the clean table has no more. #}
{% macro forget_vanished(model, table, key, instant) -%}
    {%- if (var('touched') or {}).get(table) -%}
    delete from {{ this }}
    where {{ of_touched_months(table, instant) }}
    and not exists (
        select 1 from {{ ref(model) }} as kept
        where {{ touched(table) }}
        {%- for column in key %} and kept.{{ column }} = {{ this.identifier }}.{{ column }}{% endfor %}
    )
    {%- endif -%}
{%- endmacro %}
