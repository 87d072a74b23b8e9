"""What to do about a route: actions, what each is expected to change, and why."""
