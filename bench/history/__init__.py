"""What compaction and the star save, and what a year of history takes."""
