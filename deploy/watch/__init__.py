"""What is watched: one list of alarms, from which AWS's are synthesised and by which the local stack is judged."""
