-- The star has as many KPI rows as the clean table.
select counted.kept, counted.known
from (
    select
        (select count(*) from {{ ref('fct_route_kpi') }}) as kept,
        (select count(*) from {{ ref('stg_route_kpi') }}) as known
) as counted
where counted.kept <> counted.known
