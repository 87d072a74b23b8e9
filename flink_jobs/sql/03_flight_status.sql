-- What does a flight's new state add?
--
-- A measure is f(now) - f(was), so that a correction needs no state. Minutes are whole and of the late part only; limits
-- are compared in ms.
CREATE TEMPORARY VIEW flight_status AS
SELECT
    message,
    problem,
    -- flights
    now_arrived + now_cancelled + now_diverted - was_arrived - was_cancelled - was_diverted AS flights,
    now_arrived + now_diverted - was_arrived - was_diverted AS operated,
    now_cancelled - was_cancelled AS cancelled,
    now_diverted - was_diverted AS diverted,
    now_arrived - was_arrived AS arrivals,
    IF(now_arrival_late_ms < 15 * 60000, 1, 0) - IF(was_arrival_late_ms < 15 * 60000, 1, 0) AS arrivals_on_time,
    IF(now_arrival_late_ms <= 30 * 60000, 1, 0) - IF(was_arrival_late_ms <= 30 * 60000, 1, 0) AS arrivals_within_30m,
    IF(now_arrival_late_ms < 60 * 60000, 1, 0) - IF(was_arrival_late_ms < 60 * 60000, 1, 0) AS arrivals_within_1h,
    now_departed - was_departed AS departures,
    IF(now_departure_late_ms < 15 * 60000, 1, 0) - IF(was_departure_late_ms < 15 * 60000, 1, 0) AS departures_on_time,
    IF(now_arrival_late_ms > 0, now_arrival_late_ms / 60000, 0)
        - IF(was_arrival_late_ms > 0, was_arrival_late_ms / 60000, 0) AS arrival_delay_minutes,
    IF(now_departure_late_ms > 0, now_departure_late_ms / 60000, 0)
        - IF(was_departure_late_ms > 0, was_departure_late_ms / 60000, 0) AS departure_delay_minutes,
    IF(now_arrived = 1, now_block_ms / 60000, 0) - IF(was_arrived = 1, was_block_ms / 60000, 0) AS block_minutes,
    (now_arrived - was_arrived) * (scheduled_block_ms / 60000) AS scheduled_block_minutes,
    -- capacity and traffic of flights performed
    (now_arrived + now_diverted) * now_seats - (was_arrived + was_diverted) * was_seats AS seats,
    (now_arrived + now_diverted) * now_passengers - (was_arrived + was_diverted) * was_passengers AS passengers,
    ((now_arrived + now_diverted) * now_seats - (was_arrived + was_diverted) * was_seats) * km AS seat_km,
    ((now_arrived + now_diverted) * now_passengers - (was_arrived + was_diverted) * was_passengers) * km
        AS passenger_km,
    ((now_arrived + now_diverted) * now_cargo_kg - (was_arrived + was_diverted) * was_cargo_kg) * km AS cargo_kg_km,
    -- how much of it a model made
    has_modelled_traffic * (now_arrived + now_diverted - was_arrived - was_diverted) AS modelled_traffic
FROM flight_outcomes
