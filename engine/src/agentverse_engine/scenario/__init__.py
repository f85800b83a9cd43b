"""A scenario: everything a run depends on, checked as a whole and content-hashed."""
