"""Ways in which opinions are influenced by others: rules, filters and variables of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agentverse_engine.errors import PackError
from agentverse_engine.inputs.variables import Variable, attribute, parameter
from agentverse_engine.rules import (
    ANCHORING,
    BIASED_ASSIMILATION,
    CONFIRMATION_BIAS,
    DEFFUANT_WEISBUCH,
    DEGROOT,
    FRIEDKIN_JOHNSEN,
    HEGSELMANN_KRAUSE,
    OPPOSED,
    TRUSTED,
    NeighbourFilter,
    Rule,
)

InfluenceName = Literal[
    "friedkin_johnsen",
    "confirmation_bias",
    "degroot",
    "bounded_confidence",
    "pairwise",
    "biased_assimilation",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """One way of being influenced, with the variables that its rules read."""

    rules: tuple[Rule, ...]
    filters: tuple[NeighbourFilter, ...] = ()
    variables: tuple[Variable, ...]


SUSCEPTIBILITY = attribute(
    "susceptibility",
    label="weight of other people's opinions against one's own first one",
    bounds=(0.0, 1.0),
    source="assumption: Beta(4, 2) over personas; Friedkin & Johnsen 1990 leave it to be estimated",
    synonyms=("openness to others", "susceptibility to influence", "peer influence"),
)
CONFIRMATION = parameter(
    "confirmation_bias",
    label="share of the weight that people of the other side lose",
    default=0.3,
    bounds=(0.0, 0.8),
    source="assumption: near the middle of the misreading of Rabin & Schrag 1999, 0 to 0.5",
    synonyms=("confirmation bias", "ignoring the other side", "echo chamber"),
)
SELF_WEIGHT = parameter(
    "self_weight",
    label="weight of one's own opinion against the neighbours' mean",
    default=0.5,
    bounds=(0.0, 1.0),
    source="assumption: half; DeGroot 1974 leaves weights to be assessed",
    synonyms=("self-confidence", "stubbornness"),
)
CONFIDENCE_BOUND = parameter(
    "confidence_bound",
    label="largest distance of opinions at which people still listen",
    default=0.3,
    bounds=(0.05, 0.6),
    source="assumption: between one camp and several; Deffuant et al. 2000, Hegselmann & Krause "
    "2002",
    synonyms=("tolerance", "open-mindedness", "bounded confidence"),
)
CONVERGENCE_RATE = parameter(
    "convergence_rate",
    label="share of the distance that each of two who talk gives up",
    default=0.5,
    bounds=(0.0, 0.5),
    source="assumption: meeting in the middle, the upper end in Deffuant et al. 2000",
    synonyms=("willingness to compromise",),
)
ASSIMILATION_BIAS = parameter(
    "assimilation_bias",
    label="how much evidence gains where it agrees with what one believes",
    default=1.0,
    bounds=(0.0, 5.0),
    source="assumption: where Dandekar, Goel & Lee 2013 find that opinions begin to polarise",
    synonyms=("biased assimilation", "polarisation", "motivated reasoning"),
)
OWN_WEIGHT = parameter(
    "own_weight",
    label="weight of one's own opinion beside that of a neighbour",
    default=1.0,
    bounds=(0.1, 100.0),
    source="assumption: as much as one neighbour; Dandekar, Goel & Lee 2013 ask for more than 0",
    synonyms=("stubbornness",),
)
INFLUENCES: Mapping[InfluenceName, Influence] = {
    "friedkin_johnsen": Influence(rules=(ANCHORING, FRIEDKIN_JOHNSEN), variables=(SUSCEPTIBILITY,)),
    "confirmation_bias": Influence(
        rules=(ANCHORING, CONFIRMATION_BIAS),
        filters=(OPPOSED,),
        variables=(SUSCEPTIBILITY, CONFIRMATION),
    ),
    "degroot": Influence(rules=(DEGROOT,), variables=(SELF_WEIGHT,)),
    "bounded_confidence": Influence(
        rules=(HEGSELMANN_KRAUSE,), filters=(TRUSTED,), variables=(CONFIDENCE_BOUND,)
    ),
    "pairwise": Influence(
        rules=(DEFFUANT_WEISBUCH,), variables=(CONFIDENCE_BOUND, CONVERGENCE_RATE)
    ),
    "biased_assimilation": Influence(
        rules=(BIASED_ASSIMILATION,), variables=(ASSIMILATION_BIAS, OWN_WEIGHT)
    ),
}


def influence_named(name: str) -> Influence:
    """Return one of INFLUENCES; PackError: no such name."""
    influences = {str(key): influence for key, influence in INFLUENCES.items()}
    if name not in influences:
        raise PackError(
            f"is '{name}'.", field="influence", fix=f"Use one of: {', '.join(influences)}."
        )
    return influences[name]
