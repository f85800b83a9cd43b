"""What a persona would say or vote: a stance by cut points, utilities of parties and abstaining."""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.rules.rule import Rule


@inlined
def stance_of(new_opinion: float, cut_points: NDArray[np.float64]) -> int:
    """Return how many of the cut points float64[stances-1], ascending, the opinion reaches."""
    stance = 0
    for position in range(cut_points.size):
        stance += new_opinion >= cut_points[position]
    return stance


@inlined
def write_appeal(appeal: NDArray[np.float64], utilities: NDArray[np.float64]) -> None:
    """Write what speaks for each alternative whatever one's opinion; both float64[alternatives]."""
    for alternative in range(utilities.size):
        utilities[alternative] = appeal[alternative]


@inlined
def add_proximity(
    new_opinion: float,
    new_salience: float,
    positions: NDArray[np.float64],
    issue_weight: float,
    utilities: NDArray[np.float64],
) -> None:
    """Add how near each party's position float64[parties], 0 to 1, is: nothing at the far end."""
    for party in range(positions.size):
        nearness = 1.0 - abs(new_opinion - positions[party])
        utilities[party] += issue_weight * new_salience * nearness


@inlined
def add_habit(choice: int, vote_habit: float, utilities: NDArray[np.float64]) -> None:
    """Add the pull of doing as at the tick before: the same party, or staying at home again."""
    utilities[choice] += vote_habit


STANCE = Rule(
    name="stance",
    function=stance_of,
    writes=("choice",),
    equation="the number of cut points that x_i reaches",
    source="ordered response: Aitchison & Silvey 1957, without noise",
)
PARTY_APPEAL = Rule(
    name="party_appeal",
    function=write_appeal,
    equation="V_ij = appeal_j, to which others add; of abstaining: cost of voting less the duty",
    source="Riker & Ordeshook 1968; valence: Stokes 1963",
)
PARTY_PROXIMITY = Rule(
    name="party_proximity",
    function=add_proximity,
    equation="V_ij += issue_weight salience_i (1 - |x_i - p_j|) for parties j, 0 for abstaining",
    source="Downs 1957; issue weights by salience: McCombs & Shaw 1972",
)
VOTE_HABIT = Rule(
    name="vote_habit",
    function=add_habit,
    equation="V_ij += vote_habit for what i did at the tick before",
    source="Gerber, Green & Shachar 2003; state dependence: Heckman 1981",
)
