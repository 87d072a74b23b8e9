-- What is known of a flight, and what had been said before?
--
-- One row per message. `problem` is a breach of the rules that `schemas/events.py` sets for its own publishers, here for
-- foreign ones (those for the head, which all records share, are in `format/…/MessageReader.java`). The state is spelt
-- out as what holds now (`now_`) and, in a correction, what had been said (`was_`): as 1 or 0, and minutes late that are
-- null unless there was a departure or an arrival, so that measures are sums. (For AND and OR, which know three values,
-- Flink writes two pages of code each, and runs them for every event.)
CREATE TEMPORARY VIEW outcomes AS
SELECT
    message,
    CASE
        WHEN seats < 0 OR passengers < 0 OR cargo_kg < 0 OR distance_km < 0
            THEN 'seats, passengers, cargo_kg or distance_km is negative'
        WHEN passengers > seats THEN 'passengers exceed seats'
        WHEN actual_departure_at IS NULL AND state IN (${state_DEPARTED}, ${state_ARRIVED})
            THEN 'state DEPARTED or ARRIVED needs actual_departure_at'
        WHEN actual_arrival_at IS NULL AND state = ${state_ARRIVED} THEN 'state ARRIVED needs actual_arrival_at'
        WHEN (state = ${state_CORRECTED}) <> (`before`.state IS NOT NULL AND `after`.state IS NOT NULL)
            THEN 'state CORRECTED, and only it, carries before and after'
        WHEN ABS(actual_departure_at - scheduled_departure_at) > ${longest_deviation_ms}
            THEN 'actual_departure_at is more than 7 days from its schedule'
        WHEN ABS(actual_arrival_at - scheduled_arrival_at) > ${longest_deviation_ms}
            THEN 'actual_arrival_at is more than 7 days from its schedule'
        WHEN state = ${state_CORRECTED} THEN CASE
            WHEN `before`.seats < 0 OR `before`.passengers < 0 OR `before`.cargo_kg < 0
                OR `after`.seats < 0 OR `after`.passengers < 0 OR `after`.cargo_kg < 0
                THEN 'seats, passengers, cargo_kg or distance_km is negative'
            WHEN `before`.passengers > `before`.seats OR `after`.passengers > `after`.seats
                THEN 'passengers exceed seats'
            WHEN `before`.state = ${state_CORRECTED} OR `after`.state = ${state_CORRECTED}
                THEN 'a correction cannot replace or leave the state CORRECTED'
            WHEN `before`.state = ${state_ARRIVED}
                AND (`before`.actual_departure_at IS NULL OR `before`.actual_arrival_at IS NULL)
                OR `after`.state = ${state_ARRIVED}
                AND (`after`.actual_departure_at IS NULL OR `after`.actual_arrival_at IS NULL)
                THEN 'state ARRIVED in a correction needs actual_departure_at and actual_arrival_at'
        END
    END AS problem,
    IF(state = ${state_DEPARTED} OR `after`.actual_departure_at IS NOT NULL, 1, 0) AS now_departed,
    IF(COALESCE(`after`.state, state) = ${state_ARRIVED}, 1, 0) AS now_arrived,
    IF(COALESCE(`after`.state, state) = ${state_CANCELLED}, 1, 0) AS now_cancelled,
    IF(COALESCE(`after`.state, state) = ${state_DIVERTED}, 1, 0) AS now_diverted,
    COALESCE(`after`.actual_departure_at, CASE WHEN state = ${state_DEPARTED} THEN actual_departure_at END)
        - scheduled_departure_at AS now_departure_late_ms,
    CASE
        WHEN COALESCE(`after`.state, state) = ${state_ARRIVED}
            THEN COALESCE(`after`.actual_arrival_at, actual_arrival_at)
    END - scheduled_arrival_at AS now_arrival_late_ms,
    COALESCE(`after`.actual_arrival_at, actual_arrival_at)
        - COALESCE(`after`.actual_departure_at, actual_departure_at) AS now_block_ms,
    COALESCE(`after`.seats, seats) AS now_seats,
    COALESCE(`after`.passengers, passengers) AS now_passengers,
    COALESCE(`after`.cargo_kg, cargo_kg) AS now_cargo_kg,
    IF(`before`.actual_departure_at IS NOT NULL, 1, 0) AS was_departed,
    IF(`before`.state = ${state_ARRIVED}, 1, 0) AS was_arrived,
    IF(`before`.state = ${state_CANCELLED}, 1, 0) AS was_cancelled,
    IF(`before`.state = ${state_DIVERTED}, 1, 0) AS was_diverted,
    `before`.actual_departure_at - scheduled_departure_at AS was_departure_late_ms,
    CASE WHEN `before`.state = ${state_ARRIVED} THEN `before`.actual_arrival_at END - scheduled_arrival_at
        AS was_arrival_late_ms,
    `before`.actual_arrival_at - `before`.actual_departure_at AS was_block_ms,
    COALESCE(`before`.seats, 0) AS was_seats,
    COALESCE(`before`.passengers, 0) AS was_passengers,
    COALESCE(`before`.cargo_kg, 0) AS was_cargo_kg,
    scheduled_arrival_at - scheduled_departure_at AS scheduled_block_ms,
    CAST(distance_km AS BIGINT) AS km,
    IF(traffic_source = ${text_modelled}, 1, 0) AS has_modelled_traffic
FROM FlightStatus
