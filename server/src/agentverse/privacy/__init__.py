"""Privacy: what is kept of whom, exports and deletions of a person and of an organization."""
