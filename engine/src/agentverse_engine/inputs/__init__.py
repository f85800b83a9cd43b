"""The parts of a scenario: personas, choice models, variables, event scripts, each checked."""
