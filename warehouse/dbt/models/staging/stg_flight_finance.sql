{% set amounts = [
    'ticket_revenue', 'ancillary_revenue', 'cargo_revenue', 'fuel_cost', 'crew_cost', 'maintenance_cost',
    'airport_cost', 'compensation_exposure',
] %}
select
    event_id, event_at, flight_id,
    {% for amount in amounts -%}
    {{ usd_cents(amount ~ '_minor', 'usd_per_unit_ppm') }} as {{ amount }}_usd_cents,
    {% endfor -%}
    fuel_kg,
    fuel_reference_kg,
    source = 'modelled' as is_modelled,
    appended_at as known_at,
    month
from {{ source('clean', 'flight_finance') }}
