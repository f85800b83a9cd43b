"""Random small scenarios of each pack, for differential and determinism tests."""
