{# What DuckDB and Redshift say differently. #}

{# Whole milliseconds from one instant to another; signed. #}
{% macro milliseconds_between(first, second) %}{{ return(adapter.dispatch('milliseconds_between', 'semaforo')(first, second)) }}{% endmacro %}
{% macro default__milliseconds_between(first, second) -%} (epoch_ms({{ second }}) - epoch_ms({{ first }})) {%- endmacro %}
{% macro redshift__milliseconds_between(first, second) -%} datediff(millisecond, {{ first }}, {{ second }}) {%- endmacro %}

{# Whole minutes, of which a part counts as none late and as one early: never later than it was. #}
{% macro minutes_between(first, second) -%}
    cast(floor({{ milliseconds_between(first, second) }} / 60000.0) as bigint)
{%- endmacro %}

{# The local time of a UTC instant in an IANA zone. #}
{% macro local_time(instant, zone) %}{{ return(adapter.dispatch('local_time', 'semaforo')(instant, zone)) }}{% endmacro %}
{% macro default__local_time(instant, zone) -%} timezone({{ zone }}, timezone('UTC', {{ instant }})) {%- endmacro %}
{% macro redshift__local_time(instant, zone) -%} convert_timezone('UTC', {{ zone }}, {{ instant }}) {%- endmacro %}

{# Division of integers without a rest, for what is not negative. #}
{% macro whole(dividend, divisor) %}{{ return(adapter.dispatch('whole', 'semaforo')(dividend, divisor)) }}{% endmacro %}
{% macro default__whole(dividend, divisor) -%} (({{ dividend }}) // {{ divisor }}) {%- endmacro %}
{% macro redshift__whole(dividend, divisor) -%} (({{ dividend }}) / {{ divisor }}) {%- endmacro %}

{# US$ cents of minor units of a currency: half away from zero, in integers, as warehouse/facts.py has it. #}
{% macro usd_cents(minor, ppm) -%}
    (case when {{ minor }} < 0 then -1 else 1 end * {{ whole('abs(' ~ minor ~ ') * ' ~ ppm ~ ' + 500000', 1000000) }})
{%- endmacro %}

{# A text inside a JSON text, by its path. #}
{% macro json_text(column, path) %}{{ return(adapter.dispatch('json_text', 'semaforo')(column, path)) }}{% endmacro %}
{% macro default__json_text(column, path) -%} json_extract_string({{ column }}, '$.{{ path | join(".") }}') {%- endmacro %}
{% macro redshift__json_text(column, path) -%}
    nullif(json_extract_path_text({{ column }}, '{{ path | join("', '") }}', true), '')
{%- endmacro %}

{% macro weekday(day) %}{{ return(adapter.dispatch('weekday', 'semaforo')(day)) }}{% endmacro %}
{% macro default__weekday(day) -%} cast(isodow({{ day }}) as integer) {%- endmacro %}
{% macro redshift__weekday(day) -%} cast(case date_part(dow, {{ day }}) when 0 then 7 else date_part(dow, {{ day }}) end as integer) {%- endmacro %}

{% macro iso_week(day) %}{{ return(adapter.dispatch('iso_week', 'semaforo')(day)) }}{% endmacro %}
{% macro default__iso_week(day) -%} cast(weekofyear({{ day }}) as integer) {%- endmacro %}
{% macro redshift__iso_week(day) -%} cast(date_part(week, {{ day }}) as integer) {%- endmacro %}

{# A date of year, month and day. #}
{% macro date_of(year, month, day) -%}
    cast(cast({{ year }} as varchar) || '-' || lpad(cast({{ month }} as varchar), 2, '0') || '-' || lpad(cast({{ day }} as varchar), 2, '0') as date)
{%- endmacro %}
