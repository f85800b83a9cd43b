"""Worker door of questions."""

from agentverse import tasks
from agentverse.asks import asking
from agentverse.tasks import Attempt, Store


@tasks.handles(asking.ASKS)
def compile_ask(attempt: Attempt) -> Store:
    return asking.compile_ask(attempt)
