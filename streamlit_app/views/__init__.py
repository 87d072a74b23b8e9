"""Pages: each module draws one, and decides nothing."""
