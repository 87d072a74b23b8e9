-- What does a flight's new state add?
--
-- A measure is f(now) - f(was), so that a correction needs no state. Minutes are whole and of the late part only; limits
-- are compared in ms.
CREATE TEMPORARY VIEW flight_status AS
SELECT
    message,
    problem,
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
    -- capacity and traffic of flights performed
    IF(now_arrived OR now_diverted, now_seats, 0) - IF(was_arrived OR was_diverted, was_seats, 0) AS seats,
    IF(now_arrived OR now_diverted, now_passengers, 0) - IF(was_arrived OR was_diverted, was_passengers, 0)
        AS passengers,
    IF(now_arrived OR now_diverted, now_seats * km, 0) - IF(was_arrived OR was_diverted, was_seats * km, 0)
        AS seat_km,
    IF(now_arrived OR now_diverted, now_passengers * km, 0)
        - IF(was_arrived OR was_diverted, was_passengers * km, 0) AS passenger_km,
    IF(now_arrived OR now_diverted, now_cargo_kg * km, 0)
        - IF(was_arrived OR was_diverted, was_cargo_kg * km, 0) AS cargo_kg_km,
    -- how much of it a model made
    IF(has_modelled_traffic AND (now_arrived OR now_diverted), 1, 0)
        - IF(has_modelled_traffic AND (was_arrived OR was_diverted), 1, 0) AS modelled_traffic
FROM flight_outcomes
