-- What do delay minutes by cause, turnarounds and connections add?
CREATE TEMPORARY VIEW flight_operations AS
SELECT
    message,
    CASE
        WHEN carrier_delay_minutes < 0 OR weather_delay_minutes < 0 OR airspace_delay_minutes < 0
            OR security_delay_minutes < 0 OR late_aircraft_delay_minutes < 0
            OR turnaround_minutes < 0 OR scheduled_turnaround_minutes < 0 THEN 'minutes are negative'
        WHEN connecting < 0 OR misconnected < 0 THEN 'connecting or misconnected is negative'
        WHEN misconnected > connecting THEN 'misconnected exceed connecting'
    END AS problem,
    carrier_delay_minutes,
    weather_delay_minutes,
    airspace_delay_minutes,
    security_delay_minutes,
    late_aircraft_delay_minutes,
    IF(kind = ${kind_TURNAROUND}, 1, 0) AS turnarounds,
    IF(kind = ${kind_TURNAROUND}, turnaround_minutes, 0) AS turnaround_minutes,
    IF(kind = ${kind_TURNAROUND}, scheduled_turnaround_minutes, 0) AS scheduled_turnaround_minutes,
    connecting,
    misconnected,
    IF(source = ${text_modelled}, 1, 0) AS modelled_operations
FROM FlightOperation
