"""Closed-form answers that a simulation must agree with."""
