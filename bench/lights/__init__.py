"""Our late-arrival light beside other methods, on the same rows, by the same truth and prices."""
