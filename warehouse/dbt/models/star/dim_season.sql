{# A stretch begins where the day before was of another season. #}
with day as (
    select date_day, season, lag(season) over (order by date_day) as before from {{ ref('dim_date') }}
),
stretch as (
    select
        date_day, season,
        sum(case when before is null or before <> season then 1 else 0 end) over (order by date_day rows unbounded preceding)
            as number
    from day
)
select season, min(date_day) as starts_on, max(date_day) as ends_on, season <> 'low' as is_high
from stretch
group by number, season
