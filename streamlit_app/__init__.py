"""The app: one look says which route needs you, and why. It reads the stores; what an operator does, alerts does."""
