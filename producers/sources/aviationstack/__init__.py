"""AviationStack's `/v1/flights`: airlines, times and states of the world's flights, by the page and by quota."""
