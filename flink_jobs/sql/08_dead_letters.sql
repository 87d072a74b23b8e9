-- Which messages could not be processed, and why?
--
-- The message goes along whole, so that it can be sent again once its sender, or our schemas, are mended.
CREATE TEMPORARY TABLE dead_letters (
    topic STRING,
    event_id STRING,
    event_at BIGINT,
    source STRING,
    `partition` INT,
    `offset` BIGINT,
    payload BYTES,
    reason STRING
) WITH (
    'connector' = 'kafka',
    'topic' = '${dead_letters_topic}',
    'key.format' = 'raw',
    'key.fields' = 'topic',
    'value.format' = 'guarded-avro',
    'value.guarded-avro.schemas' = '${schemas}',
    'value.guarded-avro.record' = 'DeadLetter',
    ${sink_options}
);

INSERT INTO dead_letters
SELECT
    source_topic,
    source_topic || '-' || CAST(source_partition AS STRING) || '-' || CAST(source_offset AS STRING),
    appended_at,
    'kpi-job',
    source_partition,
    source_offset,
    `raw`,
    problem
FROM rejected
WHERE problem IS NOT NULL
