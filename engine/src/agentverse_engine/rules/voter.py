"""Copying a neighbour drawn at random: the voter model."""

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.rules.rule import Rule


@inlined
def copied(peer_choice: int) -> int:
    """Return the choice that a random neighbour had; one's own without neighbours."""
    return peer_choice


VOTER = Rule(
    name="voter",
    function=copied,
    writes=("choice",),
    social=True,
    equation="c_i' = c_j, j drawn uniformly among the neighbours, all at once",
    source="Clifford & Sudbury 1973; Holley & Liggett 1975",
)
