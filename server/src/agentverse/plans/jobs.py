"""Worker door of plans."""

from agentverse import tasks
from agentverse.plans import executing, lifecycle
from agentverse.tasks import Attempt, Store


@tasks.handles(lifecycle.PLANS)
def search_plan(attempt: Attempt) -> Store:
    return executing.search_plan(attempt)
