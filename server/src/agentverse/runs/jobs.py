"""Worker door of runs."""

from agentverse import tasks
from agentverse.runs import executing, lifecycle
from agentverse.tasks import Attempt, Store


@tasks.handles(lifecycle.RUNS)
def execute_run(attempt: Attempt) -> Store:
    return executing.execute_run(attempt)
