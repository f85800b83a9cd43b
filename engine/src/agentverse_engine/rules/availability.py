"""Availability: what is withdrawn is chosen by nobody, and what is scarce by fewer."""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.numerics.mathematics import logarithm_inlined
from agentverse_engine.rules.rule import Rule

# So far below the least utility of what can be chosen, the exponential is exactly 0.
OUT_OF_REACH = 1000.0


@inlined
def withhold(availability: NDArray[np.float64], utilities: NDArray[np.float64]) -> None:
    """Multiply the odds of each alternative with its availability float64[alternatives], 0 to 1.

    At 1 an alternative is left as it is, bit for bit; at 0 its probability is exactly 0, in a plain
    and in a nested logit. Where all are at 0 utilities stay as they are: `check_choices_left`
    refuses such scripts before a run.
    """
    lowest = np.inf
    for alternative in range(utilities.size):
        if availability[alternative] > 0.0:
            if availability[alternative] < 1.0:
                utilities[alternative] += logarithm_inlined(availability[alternative])
            lowest = min(lowest, utilities[alternative])
    if lowest == np.inf:
        return
    for alternative in range(utilities.size):
        if availability[alternative] <= 0.0:
            utilities[alternative] = lowest - OUT_OF_REACH


AVAILABILITY = Rule(
    name="availability",
    function=withhold,
    equation="V_ij += log(availability_j); at 0 P_ij = 0",
    source="McFadden 1974, over what is offered; odds in proportion to it: an assumption",
)
