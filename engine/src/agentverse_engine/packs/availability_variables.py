"""What can be chosen, as variables that scripts may change: of any pack with a logit choice."""

from collections.abc import Mapping, Sequence

from agentverse_engine.inputs.variables import Variable, parameter

FAMILY = "availability"


def availability_variables(
    labels: Mapping[str, str], alternatives: Sequence[str]
) -> tuple[Variable, ...]:
    """Return one variable per alternative, 1 at the start; labels: what people call each."""
    return tuple(
        parameter(
            f"{FAMILY}.{name}",
            label=f"availability of {labels[name]}",
            default=1.0,
            bounds=(0.0, 1.0),
            source="definition: 1 is as it is, at 0 nobody can choose it, between the odds of "
            "choosing it are multiplied with it",
            family=FAMILY,
            alternative=name,
        )
        for name in alternatives
    )
