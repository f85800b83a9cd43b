"""Worker door of runs with actors."""

from agentverse import tasks
from agentverse.hybrids import executing, lifecycle
from agentverse.tasks import Attempt, Store


@tasks.handles(lifecycle.HYBRIDS)
def simulate_hybrid(attempt: Attempt) -> Store:
    return executing.simulate(attempt)
