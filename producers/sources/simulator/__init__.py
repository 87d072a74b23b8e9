"""A seeded Mexican airline network with injectable incidents; read network, timetable, operations, facts, source."""
