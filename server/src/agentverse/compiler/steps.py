"""How much work one question may cost: a budget in steps, whatever the clock says."""

from dataclasses import dataclass

from agentverse.compiler.errors import QuestionUnreadable

# A step is one comparison of words, some microseconds. The longest question of the corpora
# takes 5,000, and 2,000 characters of the dearest words found so far 220,000.
MOST_STEPS = 500_000
# At each place a few hundred short phrases of time, amount and effect are tried.
PLACE_STEPS = 50


@dataclass(slots=True)
class StepBudget:
    """Counts the steps of one question; raises QuestionUnreadable when they are used up."""

    limit: int = MOST_STEPS
    spent: int = 0

    def spend(self, steps: int) -> None:
        self.spent += steps
        if self.spent > self.limit:
            raise QuestionUnreadable(
                "The question says too much at once to be read. Ask about fewer changes, in a "
                "sentence or two."
            )
