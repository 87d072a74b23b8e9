-- What do the topics say, and what time is it there?
--
-- One row per message of any topic that feeds KPIs, whatever its record: a column that the record lacks is null, a
-- message that cannot be read has only `problem`, `raw` and where it stood. One source over all topics, so that "late"
-- is judged by the very watermark that closes the panes.
--
-- Only clock beats move the clock ("no older event of mine follows on this partition"): a fact with a wrong date cannot,
-- and a partition whose leader is down holds it. A beat itself may not run ahead of the brokers' clock by more than
-- the ahead limit. One millisecond less, because facts of the beat's own millisecond may follow it.
CREATE TEMPORARY FUNCTION epoch_ms AS 'semaforo.flink.EpochMs';

CREATE TEMPORARY TABLE messages (
    record STRING,
    problem STRING,
    `raw` BYTES,
    clock_beat_at BIGINT,
    event_id STRING,
    event_at BIGINT,
    carrier STRING,
    origin STRING,
    destination STRING,
    carriers ARRAY<STRING>,
    -- what the SQL of a record may ask for, in one column: the source copies every column for every message
    FlightStatus ROW<
        state STRING,
        scheduled_departure_at BIGINT,
        scheduled_arrival_at BIGINT,
        actual_departure_at BIGINT,
        actual_arrival_at BIGINT,
        seats INT,
        passengers INT,
        cargo_kg INT,
        distance_km INT,
        traffic_source STRING,
        `before` ROW<
            state STRING, actual_departure_at BIGINT, actual_arrival_at BIGINT, seats INT, passengers INT, cargo_kg INT
        >,
        `after` ROW<
            state STRING, actual_departure_at BIGINT, actual_arrival_at BIGINT, seats INT, passengers INT, cargo_kg INT
        >
    >,
    FlightFinance ROW<
        source STRING,
        currency STRING,
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
        source STRING,
        kind STRING,
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
    source_topic STRING NOT NULL METADATA FROM 'topic' VIRTUAL,
    source_partition INT NOT NULL METADATA FROM 'partition' VIRTUAL,
    source_offset BIGINT NOT NULL METADATA FROM 'offset' VIRTUAL,
    appended_at TIMESTAMP_LTZ(3) NOT NULL METADATA FROM 'timestamp' VIRTUAL,
    beat_at AS CASE
        WHEN clock_beat_at IS NULL THEN NULL
        WHEN clock_beat_at - epoch_ms(appended_at) <= ${ahead_ms} THEN TO_TIMESTAMP_LTZ(clock_beat_at, 3)
    END,
    WATERMARK FOR beat_at AS beat_at - INTERVAL '0.001' SECOND - ${bound}
) WITH (
    'connector' = 'kafka',
    'topic' = '${topics}',
    'scan.startup.mode' = 'earliest-offset',
    'format' = 'guarded-avro',
    'guarded-avro.schemas' = '${schemas}',
    ${source_options}
)
