-- What happened in each pane (s, s + pane]?
--
-- One row per origin, destination, carrier and pane in which anything happened, heartbeats included; `at` is the pane's end
-- in ms. Events are added up here once, before any of them crosses to another task; routes, airports and carriers, and
-- their windows, are made of these few rows (`format/…/TrailingOperator.java`). Panes are shifted by 1 ms, so that a
-- fact at 10:05:00.000 is in the pane that ends then. A heartbeat names several carriers: `flown_by` = 'B6,DL'.
CREATE TEMPORARY VIEW panes AS
SELECT
    epoch_ms(window_time) AS `at`,
    origin,
    destination,
    flown_by,
    COUNT(*) AS events,
    MAX(appended_at) AS ingested_at,
    ${sum_of_events}
FROM TUMBLE(TABLE facts, DESCRIPTOR(event_time), ${pane}, INTERVAL '0.001' SECOND)
GROUP BY window_start, window_end, window_time, origin, destination, flown_by
