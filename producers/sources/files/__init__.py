"""Flights from files; read fields (the mapping), reading, line, facts, source."""
