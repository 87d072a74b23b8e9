-- Which messages make sense, and what do they say about a flight?
--
-- One row per message. `problem` says why a message is a dead letter: what the format found, or a breach of the rules
-- that `schemas/events.py` sets for its own records, here for foreign publishers. The state of a flight is spelt out
-- as what holds now (`now_`) and, in a correction, what had been said (`was_`), so that a measure is f(now) - f(was).
CREATE TEMPORARY VIEW checked AS
SELECT
    CASE
        WHEN problem IS NOT NULL THEN problem
        WHEN event_id = '' THEN 'event_id is empty'
        WHEN event_at < 0 THEN 'event_at is before 1970'
        WHEN record = 'RouteHeartbeat' THEN CASE
            WHEN (origin IS NULL) <> (destination IS NULL) THEN 'a heartbeat has both origin and destination, or neither'
            WHEN origin IS NULL AND event_at - epoch_ms(appended_at) > ${ahead_ms}
                THEN 'a clock beat further ahead of its append time than the ahead limit'
            WHEN NOT REGEXP(origin, '^[A-Z]{3}\z') THEN 'origin is not an IATA airport code'
            WHEN NOT REGEXP(destination, '^[A-Z]{3}\z') THEN 'destination is not an IATA airport code'
            WHEN NOT REGEXP(ARRAY_JOIN(carriers, ','), '^([A-Z0-9]{2}(,[A-Z0-9]{2})*)?\z')
                THEN 'carriers are not IATA airline codes'
        END
        WHEN NOT REGEXP(origin, '^[A-Z]{3}\z') THEN 'origin is not an IATA airport code'
        WHEN NOT REGEXP(destination, '^[A-Z]{3}\z') THEN 'destination is not an IATA airport code'
        WHEN origin = destination THEN 'destination equals origin'
        WHEN NOT REGEXP(carrier, '^[A-Z0-9]{2}\z') THEN 'carrier is not an IATA airline code'
        WHEN record = 'FlightStatus' THEN CASE
            WHEN seats < 0 OR passengers < 0 OR cargo_kg < 0 OR distance_km < 0
                OR `before`.seats < 0 OR `before`.passengers < 0 OR `before`.cargo_kg < 0
                OR `after`.seats < 0 OR `after`.passengers < 0 OR `after`.cargo_kg < 0
                THEN 'seats, passengers, cargo_kg or distance_km is negative'
            WHEN passengers > seats OR `before`.passengers > `before`.seats OR `after`.passengers > `after`.seats
                THEN 'passengers exceed seats'
            WHEN state IN ('DEPARTED', 'ARRIVED') AND actual_departure_at IS NULL
                THEN 'state DEPARTED or ARRIVED needs actual_departure_at'
            WHEN state = 'ARRIVED' AND actual_arrival_at IS NULL THEN 'state ARRIVED needs actual_arrival_at'
            WHEN (state = 'CORRECTED') <> (`before`.state IS NOT NULL AND `after`.state IS NOT NULL)
                THEN 'state CORRECTED, and only it, carries before and after'
            WHEN `before`.state = 'CORRECTED' OR `after`.state = 'CORRECTED'
                THEN 'a correction cannot replace or leave the state CORRECTED'
            WHEN `before`.state = 'ARRIVED'
                AND (`before`.actual_departure_at IS NULL OR `before`.actual_arrival_at IS NULL)
                OR `after`.state = 'ARRIVED'
                AND (`after`.actual_departure_at IS NULL OR `after`.actual_arrival_at IS NULL)
                THEN 'state ARRIVED in a correction needs actual_departure_at and actual_arrival_at'
            WHEN ABS(actual_departure_at - scheduled_departure_at) > ${longest_deviation_ms}
                THEN 'actual_departure_at is more than 7 days from its schedule'
            WHEN ABS(actual_arrival_at - scheduled_arrival_at) > ${longest_deviation_ms}
                THEN 'actual_arrival_at is more than 7 days from its schedule'
        END
        WHEN record = 'FlightFinance' THEN CASE
            WHEN usd_per_unit_ppm <= 0 THEN 'usd_per_unit_ppm is not positive'
            WHEN currency = 'USD' AND usd_per_unit_ppm <> 1000000 THEN 'US dollar amounts need usd_per_unit_ppm 1000000'
            WHEN currency <> 'USD' AND NOT REGEXP(currency, '^[A-Z]{3}\z') THEN 'currency is not an ISO 4217 code'
        END
        WHEN record = 'FlightOperation' THEN CASE
            WHEN carrier_delay_minutes < 0 OR weather_delay_minutes < 0 OR airspace_delay_minutes < 0
                OR security_delay_minutes < 0 OR late_aircraft_delay_minutes < 0
                OR turnaround_minutes < 0 OR scheduled_turnaround_minutes < 0 THEN 'minutes are negative'
            WHEN connecting < 0 OR misconnected < 0 THEN 'connecting or misconnected is negative'
            WHEN misconnected > connecting THEN 'misconnected exceed connecting'
        END
        WHEN record = 'PassengerFeedback' THEN CASE
            WHEN satisfaction NOT BETWEEN 1 AND 5 THEN 'satisfaction is not 1 to 5'
            WHEN recommend NOT BETWEEN 0 AND 10 THEN 'recommend is not 0 to 10'
        END
        ELSE record || ' is not a record of the KPI topics'
    END AS problem,
    record = 'RouteHeartbeat' AND origin IS NULL AND destination IS NULL AS is_clock_beat,
    `raw`,
    event_id,
    event_at,
    source_topic,
    source_partition,
    source_offset,
    epoch_ms(appended_at) AS appended_at,
    origin,
    destination,
    COALESCE(carrier, ARRAY_JOIN(ARRAY_DISTINCT(carriers), ',')) AS flown_by,
    source = 'modelled' AS is_modelled,
    traffic_source = 'modelled' AS has_modelled_traffic,
    record,
    -- the outcome of a flight as known now
    state = 'DEPARTED' OR `after`.actual_departure_at IS NOT NULL AS now_departed,
    state = 'ARRIVED' OR `after`.state = 'ARRIVED' AS now_arrived,
    state = 'CANCELLED' OR `after`.state = 'CANCELLED' AS now_cancelled,
    state = 'DIVERTED' OR `after`.state = 'DIVERTED' AS now_diverted,
    COALESCE(`after`.actual_departure_at, actual_departure_at) - scheduled_departure_at AS now_departure_late_ms,
    COALESCE(`after`.actual_arrival_at, actual_arrival_at) - scheduled_arrival_at AS now_arrival_late_ms,
    COALESCE(`after`.actual_arrival_at, actual_arrival_at) - COALESCE(`after`.actual_departure_at, actual_departure_at)
        AS now_block_ms,
    COALESCE(`after`.seats, seats) AS now_seats,
    COALESCE(`after`.passengers, passengers) AS now_passengers,
    COALESCE(`after`.cargo_kg, cargo_kg) AS now_cargo_kg,
    -- and, in a correction, as reported before
    `before`.actual_departure_at IS NOT NULL AS was_departed,
    `before`.state = 'ARRIVED' AS was_arrived,
    `before`.state = 'CANCELLED' AS was_cancelled,
    `before`.state = 'DIVERTED' AS was_diverted,
    `before`.actual_departure_at - scheduled_departure_at AS was_departure_late_ms,
    `before`.actual_arrival_at - scheduled_arrival_at AS was_arrival_late_ms,
    `before`.actual_arrival_at - `before`.actual_departure_at AS was_block_ms,
    `before`.seats AS was_seats,
    `before`.passengers AS was_passengers,
    `before`.cargo_kg AS was_cargo_kg,
    scheduled_arrival_at - scheduled_departure_at AS scheduled_block_ms,
    CAST(distance_km AS BIGINT) AS distance_km,
    usd_per_unit_ppm,
    ticket_revenue_minor,
    ancillary_revenue_minor,
    cargo_revenue_minor,
    fuel_cost_minor,
    crew_cost_minor,
    maintenance_cost_minor,
    airport_cost_minor,
    compensation_exposure_minor,
    fuel_kg,
    fuel_reference_kg,
    kind,
    carrier_delay_minutes,
    weather_delay_minutes,
    airspace_delay_minutes,
    security_delay_minutes,
    late_aircraft_delay_minutes,
    turnaround_minutes,
    scheduled_turnaround_minutes,
    connecting,
    misconnected,
    satisfaction,
    recommend,
    complaint
FROM messages
