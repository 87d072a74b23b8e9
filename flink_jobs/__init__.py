"""Topics to KPI rows.

An event's way, in the order to read it: `sql/01_messages.sql` and `format/…/MessageTable.java`,
`format/…/SortingOperator.java` (which record is it, is its head sound, is it ahead of its time?), the SQL of its record
(`02_flight_outcomes.sql` to `07_route_heartbeat.sql`: what does it add to which measure?), `AdmissionOperator.java`
(late? duplicate?), `PaneOperator.java`, `TrailingOperator.java`, `kinesis_sink.py`. What does not pass is in
`08_dead_letters.sql` and `09_late_events.sql`. `route_kpis.py` puts them together.
"""
