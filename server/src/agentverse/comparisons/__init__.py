"""Comparisons: what two nodes of a project differ in, and why."""
