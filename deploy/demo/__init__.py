"""`make demo`: real flights through the whole system, watched by a subscriber of the alerts, and audited at the end."""
