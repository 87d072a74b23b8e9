"""A day of flights as it may go: delays drawn from days that were, passed on from leg to leg."""
