"""AgentVerse: what-if questions about a population."""
