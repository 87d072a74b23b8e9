"""Thin adapters: decode the event, call the core, answer as AWS expects. One handler per file."""
