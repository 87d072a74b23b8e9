"""History: every event and every light, queryable, and equal to what the live path said."""
