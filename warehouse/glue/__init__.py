"""What runs as a Glue job: entries that read a job's arguments."""
