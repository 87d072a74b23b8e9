-- What does one event add to each measure?
--
-- One row per admitted event, one column per measure of `schemas/measures.py`. A correction adds what holds now less
-- what had been said, without any state. Minutes are whole and of the late part only; limits are compared in ms.
CREATE TEMPORARY FUNCTION us_cents AS 'semaforo.flink.UsCents';

CREATE TEMPORARY VIEW facts AS
SELECT
    event_time,
    appended_at,
    origin,
    destination,
    flown_by,
    -- flights
    IF(now_arrived OR now_cancelled OR now_diverted, 1, 0) - IF(was_arrived OR was_cancelled OR was_diverted, 1, 0)
        AS flights,
    IF(now_arrived OR now_diverted, 1, 0) - IF(was_arrived OR was_diverted, 1, 0) AS operated,
    IF(now_cancelled, 1, 0) - IF(was_cancelled, 1, 0) AS cancelled,
    IF(now_diverted, 1, 0) - IF(was_diverted, 1, 0) AS diverted,
    IF(now_arrived, 1, 0) - IF(was_arrived, 1, 0) AS arrivals,
    IF(now_arrived AND now_arrival_late_ms < 15 * 60000, 1, 0)
        - IF(was_arrived AND was_arrival_late_ms < 15 * 60000, 1, 0) AS arrivals_on_time,
    IF(now_arrived AND now_arrival_late_ms <= 30 * 60000, 1, 0)
        - IF(was_arrived AND was_arrival_late_ms <= 30 * 60000, 1, 0) AS arrivals_within_30m,
    IF(now_arrived AND now_arrival_late_ms < 60 * 60000, 1, 0)
        - IF(was_arrived AND was_arrival_late_ms < 60 * 60000, 1, 0) AS arrivals_within_1h,
    IF(now_departed, 1, 0) - IF(was_departed, 1, 0) AS departures,
    IF(now_departed AND now_departure_late_ms < 15 * 60000, 1, 0)
        - IF(was_departed AND was_departure_late_ms < 15 * 60000, 1, 0) AS departures_on_time,
    IF(now_arrived AND now_arrival_late_ms > 0, now_arrival_late_ms / 60000, 0)
        - IF(was_arrived AND was_arrival_late_ms > 0, was_arrival_late_ms / 60000, 0) AS arrival_delay_minutes,
    IF(now_departed AND now_departure_late_ms > 0, now_departure_late_ms / 60000, 0)
        - IF(was_departed AND was_departure_late_ms > 0, was_departure_late_ms / 60000, 0) AS departure_delay_minutes,
    IF(now_arrived, now_block_ms / 60000, 0) - IF(was_arrived, was_block_ms / 60000, 0) AS block_minutes,
    IF(now_arrived, scheduled_block_ms / 60000, 0) - IF(was_arrived, scheduled_block_ms / 60000, 0)
        AS scheduled_block_minutes,
    -- delay minutes by cause, turnarounds, connections
    COALESCE(carrier_delay_minutes, 0) AS carrier_delay_minutes,
    COALESCE(weather_delay_minutes, 0) AS weather_delay_minutes,
    COALESCE(airspace_delay_minutes, 0) AS airspace_delay_minutes,
    COALESCE(security_delay_minutes, 0) AS security_delay_minutes,
    COALESCE(late_aircraft_delay_minutes, 0) AS late_aircraft_delay_minutes,
    IF(kind = 'TURNAROUND', 1, 0) AS turnarounds,
    IF(kind = 'TURNAROUND', turnaround_minutes, 0) AS turnaround_minutes,
    IF(kind = 'TURNAROUND', scheduled_turnaround_minutes, 0) AS scheduled_turnaround_minutes,
    COALESCE(connecting, 0) AS connecting,
    COALESCE(misconnected, 0) AS misconnected,
    -- capacity and traffic of flights performed
    IF(now_arrived OR now_diverted, now_seats, 0) - IF(was_arrived OR was_diverted, was_seats, 0) AS seats,
    IF(now_arrived OR now_diverted, now_passengers, 0) - IF(was_arrived OR was_diverted, was_passengers, 0)
        AS passengers,
    IF(now_arrived OR now_diverted, now_seats * distance_km, 0)
        - IF(was_arrived OR was_diverted, was_seats * distance_km, 0) AS seat_km,
    IF(now_arrived OR now_diverted, now_passengers * distance_km, 0)
        - IF(was_arrived OR was_diverted, was_passengers * distance_km, 0) AS passenger_km,
    IF(now_arrived OR now_diverted, now_cargo_kg * distance_km, 0)
        - IF(was_arrived OR was_diverted, was_cargo_kg * distance_km, 0) AS cargo_kg_km,
    -- money in US cents
    us_cents(ticket_revenue_minor, usd_per_unit_ppm) AS ticket_revenue,
    us_cents(ancillary_revenue_minor, usd_per_unit_ppm) AS ancillary_revenue,
    us_cents(cargo_revenue_minor, usd_per_unit_ppm) AS cargo_revenue,
    us_cents(fuel_cost_minor, usd_per_unit_ppm) AS fuel_cost,
    us_cents(crew_cost_minor, usd_per_unit_ppm) AS crew_cost,
    us_cents(maintenance_cost_minor, usd_per_unit_ppm) AS maintenance_cost,
    us_cents(airport_cost_minor, usd_per_unit_ppm) AS airport_cost,
    us_cents(compensation_exposure_minor, usd_per_unit_ppm) AS compensation_exposure,
    COALESCE(fuel_kg, 0) AS fuel_kg,
    COALESCE(fuel_reference_kg, 0) AS fuel_reference_kg,
    -- customers
    IF(satisfaction IS NOT NULL, 1, 0) AS responses,
    IF(satisfaction >= 4, 1, 0) AS satisfied,
    IF(recommend IS NOT NULL, 1, 0) AS nps_responses,
    IF(recommend >= 9, 1, 0) AS promoters,
    IF(recommend <= 6, 1, 0) AS detractors,
    IF(complaint, 1, 0) AS complaints,
    -- how much of the above a model made
    IF(has_modelled_traffic AND (now_arrived OR now_diverted), 1, 0)
        - IF(has_modelled_traffic AND (was_arrived OR was_diverted), 1, 0) AS modelled_traffic,
    IF(is_modelled AND record = 'FlightFinance', 1, 0) AS modelled_money,
    IF(is_modelled AND record = 'FlightOperation', 1, 0) AS modelled_operations
FROM admitted
