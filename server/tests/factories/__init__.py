"""Makers of test data, one module per context."""
