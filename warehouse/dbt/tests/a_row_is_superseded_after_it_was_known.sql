-- Two revisions in one record become known at the same instant; none is superseded before it is known.
select scope, entity, kpi_window, true_at, revision
from {{ ref('fct_route_kpi') }}
where known_until < known_at
