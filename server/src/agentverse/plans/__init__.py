"""Plans: target mode, what one decision maker should do."""

from agentverse.plans.lifecycle import cancel, read_plan, start

__all__ = ["cancel", "read_plan", "start"]
