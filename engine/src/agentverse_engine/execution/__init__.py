"""Running scenarios tick by tick: batches, checkpoints, sweeps, and the executor on threads."""
