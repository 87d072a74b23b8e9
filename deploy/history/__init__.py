"""`make history`: a replay, and all of it kept, cleaned, modelled and reported."""
