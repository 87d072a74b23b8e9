-- What does the money of a flight add, in US cents?
CREATE TEMPORARY FUNCTION us_cents AS 'semaforo.flink.UsCents';
CREATE TEMPORARY FUNCTION is_currency AS 'semaforo.flink.IsCurrency';

CREATE TEMPORARY VIEW flight_finance AS
SELECT
    message,
    CASE
        WHEN usd_per_unit_ppm <= 0 THEN 'usd_per_unit_ppm is not positive'
        WHEN currency = ${text_USD} AND usd_per_unit_ppm <> 1000000 THEN 'US dollar amounts need usd_per_unit_ppm 1000000'
        WHEN NOT is_currency(currency) THEN 'currency is not an ISO 4217 code'
    END AS problem,
    us_cents(ticket_revenue_minor, usd_per_unit_ppm) AS ticket_revenue,
    us_cents(ancillary_revenue_minor, usd_per_unit_ppm) AS ancillary_revenue,
    us_cents(cargo_revenue_minor, usd_per_unit_ppm) AS cargo_revenue,
    us_cents(fuel_cost_minor, usd_per_unit_ppm) AS fuel_cost,
    us_cents(crew_cost_minor, usd_per_unit_ppm) AS crew_cost,
    us_cents(maintenance_cost_minor, usd_per_unit_ppm) AS maintenance_cost,
    us_cents(airport_cost_minor, usd_per_unit_ppm) AS airport_cost,
    us_cents(compensation_exposure_minor, usd_per_unit_ppm) AS compensation_exposure,
    fuel_kg,
    fuel_reference_kg,
    IF(source = ${text_modelled}, 1, 0) AS modelled_money
FROM FlightFinance
