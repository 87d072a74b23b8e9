"""The marts that Tableau reads, each one flat table of the star, as Parquet or as one Hyper file."""
