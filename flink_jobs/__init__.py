"""Topics to KPI rows: the Flink job, its SQL and its sink. See README.md for the way an event takes."""
