-- The star has the flights of the clean table, each once, and all of their money.
select counted.flights, counted.known, counted.cents, counted.known_cents
from (
    select
        (select count(*) from {{ ref('fct_flight') }}) as flights,
        (select count(*) from {{ ref('stg_flight') }}) as known,
        (select coalesce(sum(ticket_revenue_usd_cents), 0) from {{ ref('fct_flight') }}) as cents,
        (
            select coalesce(sum(finance.ticket_revenue_usd_cents), 0)
            from {{ ref('stg_flight_finance') }} as finance
            inner join {{ ref('stg_flight') }} as flight on flight.flight_id = finance.flight_id
        ) as known_cents
) as counted
where counted.flights <> counted.known or counted.cents <> counted.known_cents
