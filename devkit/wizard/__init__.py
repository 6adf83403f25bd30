"""The door for the first day: questions become answers; it asks, and does nothing else."""
