"""Complex contagion: one source convinces hardly anybody, several confirm each other."""

from agentverse_engine.numerics.compiled import inlined
from agentverse_engine.numerics.rng import EXPOSURE
from agentverse_engine.rules.bass import ADOPTED
from agentverse_engine.rules.hazard import chance_of_any
from agentverse_engine.rules.rule import Rule


@inlined
def is_convinced(
    new_choice: int,
    count_adopted: int,
    first_exposure: float,
    reinforcement: float,
    sources_needed: float,
    draw: float,
) -> int:
    """Return ADOPTED where the exposures of a tick convince; sources_needed: 1 or more.

    Nobody is convinced by more than certainty: reinforcement * first_exposure counts up to 1.
    """
    if new_choice == ADOPTED or count_adopted < sources_needed:
        return new_choice
    later = min(1.0, reinforcement * first_exposure)
    doubt = (1.0 - first_exposure) * (1.0 - chance_of_any(later, count_adopted - 1.0))
    return ADOPTED if draw < 1.0 - doubt else new_choice


COMPLEX_CONTAGION = Rule(
    name="complex_contagion",
    function=is_convinced,
    writes=("choice",),
    social=True,
    purpose=int(EXPOSURE),
    equation="P(adopt in a tick) = 1 - prod_k (1 - p_k) over the k adopted neighbours, "
    "p_1 = first_exposure, p_k = reinforcement p_1 for k > 1; 0 below sources_needed of them",
    source="Centola & Macy 2007; Centola 2010",
)
