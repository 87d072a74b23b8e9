-- Which good events came behind the watermark?
--
-- Their panes may have gone out, so they are in no live window; the warehouse adds them to history.
CREATE TEMPORARY TABLE late_events (
    topic STRING,
    event_id STRING,
    event_at BIGINT,
    source STRING,
    `partition` INT,
    `offset` BIGINT,
    payload BYTES,
    fact_at BIGINT
) WITH (
    'connector' = 'kafka',
    'topic' = '${late_events_topic}',
    'key.format' = 'raw',
    'key.fields' = 'topic',
    'value.format' = 'guarded-avro',
    'value.guarded-avro.schemas' = '${schemas}',
    'value.guarded-avro.record' = 'LateEvent',
    ${sink_options}
);

INSERT INTO late_events
SELECT
    source_topic,
    source_topic || '-' || CAST(source_partition AS STRING) || '-' || CAST(source_offset AS STRING),
    appended_at,
    'kpi-job',
    source_partition,
    source_offset,
    `raw`,
    event_at
FROM rejected
WHERE problem IS NULL
