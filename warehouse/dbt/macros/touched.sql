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
