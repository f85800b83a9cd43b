"""Random small scenarios of each pack, for differential and determinism tests."""

from agentverse_engine import Doubt

# Random scenarios have, and mean to have, whatever the engine defines.
ANYTHING: tuple[Doubt, ...] = ("isolated_personas", "empty_groups", "idle_scripts")
