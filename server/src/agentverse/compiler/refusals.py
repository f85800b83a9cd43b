"""The way out of a clause that must not become a script."""

from agentverse.compiler.clauses import Problem
from agentverse.compiler.compilation import Reason


class Unmappable(Exception):
    """A clause that must not become a script."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def refuse(code: Reason, message: str) -> Unmappable:
    return Unmappable(Problem(code=code, message=message))
