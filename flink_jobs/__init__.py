"""Topics to KPI rows.

An event's way, in the order to read it: `sql/01_source.sql` (with the guarded Avro format that it names),
`02_checked.sql`, `AdmissionOperator.java` (late? duplicate? ahead of its time?), `03_dead_letters.sql` and
`04_late_events.sql` for what does not pass, `05_facts.sql`, `06_panes.sql`, `TrailingOperator.java`,
`kinesis_sink.py`. `route_kpis.py` puts them together.
"""
