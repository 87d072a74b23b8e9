"""Decisions to people: lights stored, every transition logged, alerts sent once, and the operator's commands."""
