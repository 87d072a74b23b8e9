"""Today: which aircraft flies what, how late, and what is not flown at all."""
