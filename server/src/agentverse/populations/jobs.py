"""Worker door of populations."""

from agentverse import tasks
from agentverse.populations import lifecycle
from agentverse.tasks import Attempt, Store


@tasks.handles(lifecycle.IMPORTS)
def build_population(attempt: Attempt) -> Store:
    return lifecycle.build_population(attempt)
