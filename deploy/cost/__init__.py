"""What a stage costs a month, part by part, by list prices of a dated file."""
