"""Threshold adoption: a persona acts once enough of its neighbours have acted."""

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.rules.bass import ADOPTED
from agentverse_engine.rules.rule import Rule


@inlined
def joins(new_choice: int, share_adopted: float, threshold: float) -> int:
    """Return ADOPTED where the share of neighbours, 0 to 1, reaches the persona's threshold.

    A threshold of 0 is an instigator's: it acts whatever the others do, and without neighbours.
    """
    return ADOPTED if share_adopted >= threshold else new_choice


THRESHOLD = Rule(
    name="threshold_adoption",
    function=joins,
    writes=("choice",),
    social=True,
    equation="adopt where the share of neighbours who have adopted >= threshold",
    source="Granovetter 1978; on networks Watts 2002",
)
