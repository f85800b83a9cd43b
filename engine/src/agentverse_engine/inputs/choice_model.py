"""The fitted multinomial logit that personas choose by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import ModelError
from agentverse_engine.numerics.canonical import freeze, listed
from agentverse_engine.numerics.number_checks import finite

MOST_ALTERNATIVES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceModel:
    """Alternatives in index order, one coefficient per attribute family, one constant each.

    An alternative without a constant is a reference: its constant is zero. ModelError: fewer than 2
    alternatives or one named twice, a constant of no alternative, a value that is no finite number.
    """

    alternatives: tuple[str, ...]
    coefficients: Mapping[str, float]
    constants: Mapping[str, float]

    def __post_init__(self) -> None:
        alternatives = listed(self.alternatives, field="alternatives", of=str, error=ModelError)
        kept = {name: _numbers(name, getattr(self, name)) for name in ("coefficients", "constants")}
        freeze(self, {"alternatives": alternatives, **kept})
        if not 2 <= len(self.alternatives) <= MOST_ALTERNATIVES:
            raise ModelError(
                f"holds {len(self.alternatives)} alternatives.",
                field="alternatives",
                fix=f"Give 2 to {MOST_ALTERNATIVES}.",
            )
        if len(set(self.alternatives)) != len(self.alternatives):
            raise ModelError(
                "names an alternative twice.", field="alternatives", fix="Remove the repetition."
            )
        _check_constants(self)

    def coefficient_vector(self) -> NDArray[np.float64]:
        """Return float64[families], utility per unit of the attribute, in mapping order."""
        return np.array(list(self.coefficients.values()), dtype=np.float64)

    def constant_vector(self) -> NDArray[np.float64]:
        """Return float64[alternatives], utility."""
        return np.array(
            [self.constants.get(name, 0.0) for name in self.alternatives], dtype=np.float64
        )

    def attribute_names(self) -> tuple[tuple[str, ...], ...]:
        """Return the attribute of each family (outer) and alternative (inner)."""
        return tuple(
            tuple(f"{family}.{alternative}" for alternative in self.alternatives)
            for family in self.coefficients
        )


def _numbers(field: str, given: object) -> dict[str, float]:
    """Return a mapping of our own from names to finite numbers, or raise a ModelError."""
    if not isinstance(given, Mapping):
        raise ModelError(
            f"is {given!r:.60}.", field=field, fix="Give a mapping of names to numbers."
        )
    values = cast("Mapping[str, float]", given)
    for name, value in values.items():
        finite(value, field=name, error=ModelError)
    return dict(values)


def _check_constants(model: ChoiceModel) -> None:
    for name in model.constants:
        if name not in model.alternatives:
            raise ModelError(
                "has a constant but is not an alternative.",
                field=name,
                fix=f"Use one of: {', '.join(model.alternatives)}.",
            )
