"""What to do about a route that is red: what is going to happen, what can be done, what that is worth. Pure."""
