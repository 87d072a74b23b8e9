-- What do the topics say, and what time is it there?
--
-- One row per message of any topic that feeds KPIs, whatever its record: a column that the record lacks is null, a
-- message that cannot be read has only `problem`, `raw` and where it stood. One source over all topics, so that "late"
-- is judged by the very watermark that closes the panes.
--
-- Codes of airports and airlines, states, kinds, sources and currencies are numbers here (`Iata.java`; a symbol's place
-- in its schema, so that ARRIVED is ${state_ARRIVED}; `ShortText.java`): SQL copies every string of a row it touches.
--
-- The source (`format/…/MessageTable.java`) decodes them and tells the time by their clock beats (`BeatWatermarks.java`).
CREATE TEMPORARY TABLE messages (
    record STRING,
    problem STRING,
    `raw` BYTES,
    clock_beat_at BIGINT,
    event_id STRING,
    event_at BIGINT,
    carrier INT,
    origin INT,
    destination INT,
    carriers ARRAY<STRING>,
    -- what the SQL of a record may ask for, in one column: the source copies every column for every message
    FlightStatus ROW<
        state INT,
        scheduled_departure_at BIGINT,
        scheduled_arrival_at BIGINT,
        actual_departure_at BIGINT,
        actual_arrival_at BIGINT,
        seats INT,
        passengers INT,
        cargo_kg INT,
        distance_km INT,
        traffic_source BIGINT,
        `before` ROW<
            state INT, actual_departure_at BIGINT, actual_arrival_at BIGINT, seats INT, passengers INT, cargo_kg INT
        >,
        `after` ROW<
            state INT, actual_departure_at BIGINT, actual_arrival_at BIGINT, seats INT, passengers INT, cargo_kg INT
        >
    >,
    FlightFinance ROW<
        source BIGINT,
        currency BIGINT,
        usd_per_unit_ppm BIGINT,
        ticket_revenue_minor BIGINT,
        ancillary_revenue_minor BIGINT,
        cargo_revenue_minor BIGINT,
        fuel_cost_minor BIGINT,
        crew_cost_minor BIGINT,
        maintenance_cost_minor BIGINT,
        airport_cost_minor BIGINT,
        compensation_exposure_minor BIGINT,
        fuel_kg BIGINT,
        fuel_reference_kg BIGINT
    >,
    FlightOperation ROW<
        source BIGINT,
        kind INT,
        carrier_delay_minutes INT,
        weather_delay_minutes INT,
        airspace_delay_minutes INT,
        security_delay_minutes INT,
        late_aircraft_delay_minutes INT,
        turnaround_minutes INT,
        scheduled_turnaround_minutes INT,
        connecting INT,
        misconnected INT
    >,
    PassengerFeedback ROW<
        satisfaction INT,
        recommend INT,
        complaint BOOLEAN
    >,
    -- where the message stood
    source_topic STRING,
    source_partition INT,
    source_offset BIGINT,
    appended_at BIGINT
) WITH (
    'connector' = 'kpi-topics',
    'topics' = '${topics}',
    'schemas' = '${schemas}',
    'ahead' = '${ahead_ms} ms',
    'bound' = '${bound_ms} ms',
    'idle-timeout' = '${idle_timeout_seconds} s',
    ${source_options}
)
