with digit as (
    {% for digit in range(10) %}select {{ digit }} as d{% if not loop.last %} union all {% endif %}{% endfor %}
),
{# 2010 to 2039. #}
day as (
    select cast({{ dbt.dateadd('day', 'a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d', "cast('2010-01-01' as date)") }} as date) as date_day
    from digit as a cross join digit as b cross join digit as c cross join digit as e
    cross join (select d from digit where d < 2) as f
),
part as (
    select
        date_day,
        cast(extract(year from date_day) as integer) as year,
        cast(extract(month from date_day) as integer) as month,
        cast(extract(day from date_day) as integer) as day,
        {{ iso_week('date_day') }} as iso_week,
        {{ weekday('date_day') }} as weekday
    from day
    where date_day < cast('2040-01-01' as date)
)
select
    part.date_day, part.year, part.month, part.day, part.iso_week, part.weekday,
    part.weekday >= 6 as is_weekend,
    coalesce(season.season, 'low') as season
from part
left join {{ ref('season') }} as season
    on case
        when season.first_month * 100 + season.first_day <= season.last_month * 100 + season.last_day
            then part.month * 100 + part.day
                between season.first_month * 100 + season.first_day and season.last_month * 100 + season.last_day
        else part.month * 100 + part.day >= season.first_month * 100 + season.first_day
            or part.month * 100 + part.day <= season.last_month * 100 + season.last_day
    end
