"""The outside world becomes events on the topics: one source per upstream, one publisher for all of them."""
