-- A closed flight arrived, was diverted or was cancelled: exactly one of them.
select flight_id
from {{ ref('fct_flight') }}
where is_closed <> (
    case when state = 'ARRIVED' then 1 else 0 end
    + case when is_diverted then 1 else 0 end
    + case when is_cancelled then 1 else 0 end = 1
)
