"""Survey rows chosen for personas → the engine's population."""

import numpy as np
from numpy.typing import NDArray

from agentverse.populations.survey import Survey
from agentverse_engine import Population
from agentverse_engine.packs.consumer_choice import NOT_OFFERED


def population_of(survey: Survey, chosen: NDArray[np.int64]) -> Population:
    """Return one persona per entry of `chosen` (int64[personas], rows of the survey)."""
    return Population(
        segments=tuple(label.name for label in survey.segments),
        regions=tuple(label.name for label in survey.regions),
        segment=survey.segment[chosen],
        region=survey.region[chosen],
        attributes={name: values[chosen] for name, values in survey.attributes.items()}
        | {
            f"{NOT_OFFERED}.{value}": (~flags[chosen]).astype(np.float64)
            for value, flags in survey.offered.items()
        },
        choice=survey.choice[chosen],
    )
