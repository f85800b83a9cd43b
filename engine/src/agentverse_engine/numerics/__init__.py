"""Numbers that are the same on every machine: draws, exp and log, hashes, compiled functions."""
