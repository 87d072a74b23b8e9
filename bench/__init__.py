"""Side-by-side measurements; the outputs are checked equal before a time counts."""
