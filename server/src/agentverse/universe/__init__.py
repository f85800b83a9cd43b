"""Universe: projects, questions, the map of world versions, and comparisons."""
