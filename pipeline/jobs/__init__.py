"""One file a command: each job opens what it needs, lets a stage work, and says how it ended."""
