"""Random small scenarios of each pack, for differential and determinism tests."""

from agentverse_engine import PlausibilityCheck

# Random scenarios have, and mean to have, whatever the engine defines.
ANYTHING: tuple[PlausibilityCheck, ...] = ("isolated_personas", "empty_groups", "idle_scripts")
