"""AgentVerse engine: deterministic simulation of populations."""
