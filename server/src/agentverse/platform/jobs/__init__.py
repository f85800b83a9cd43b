"""Background work: a payload is queued in the caller's transaction and handled by a worker."""
