"""Which columns to choose: the one shape that both horizons are solved in."""
