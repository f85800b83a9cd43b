"""Plans: target mode, what one decision maker should do."""

from agentverse.plans.lifecycle import cancel, read_plan, start
from agentverse.plans.models import Inquiry, inquiry_constraints

__all__ = ["Inquiry", "cancel", "inquiry_constraints", "read_plan", "start"]
