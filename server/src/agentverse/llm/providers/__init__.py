"""Who answers: one adapter for every OpenAI-compatible server, and a scripted model."""
