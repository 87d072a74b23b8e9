-- Which routes are on the schedule, whether anything happens or not?
--
-- A heartbeat adds nothing to any measure, but makes the rows of its route, airports and carriers go out, so that values
-- move when old flights drop out of their windows.
CREATE TEMPORARY VIEW route_heartbeat AS
SELECT
    message,
    CAST(NULL AS STRING) AS problem
FROM RouteHeartbeat
