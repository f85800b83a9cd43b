"""Nested logit: alternatives that resemble each other compete more than others do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import PackError, RequestError
from agentverse_engine.numerics.compiled import compiled, inlined
from agentverse_engine.numerics.mathematics import exponential_inlined, logarithm_inlined
from agentverse_engine.rules.choice import exponentiate
from agentverse_engine.rules.rule import Rule

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nest:
    """Alternatives that resemble each other; dissimilarity: above 0 (the same) to 1 (no nest).

    PackError: a dissimilarity out of range.
    """

    alternatives: tuple[str, ...]
    dissimilarity: float

    def __post_init__(self) -> None:
        if not 0.0 < self.dissimilarity <= 1.0:
            raise PackError(
                f"is {self.dissimilarity}.",
                field="nest.dissimilarity",
                fix="Use a number above 0 and at most 1; 1 is a plain logit.",
            )


def nesting_constants(alternatives: Sequence[str], nests: Sequence[Nest]) -> dict[str, Floats]:
    """Return nest_of and dissimilarity as NESTING reads them; who is in no nest is its own.

    Raises a PackError where a nest names an unknown alternative, or two name the same one.
    """
    named = [name for nest in nests for name in nest.alternatives]
    for name in named:
        if name not in alternatives or named.count(name) > 1:
            raise PackError(
                f"name '{name}', which is unknown or in two nests.",
                field="nests",
                fix=f"Name each of {', '.join(alternatives)} at most once.",
            )
    # The first nest holds who is in none: at dissimilarity 1 each is left as it is.
    nest_of = np.zeros(len(alternatives))
    for number, nest in enumerate(nests, start=1):
        nest_of[[alternatives.index(name) for name in nest.alternatives]] = number
    scales = np.array([1.0, *(nest.dissimilarity for nest in nests)])
    return {"nest_of": nest_of, "dissimilarity": scales}


@inlined
def nested(nest_of: Floats, dissimilarity: Floats, utilities: Floats) -> None:
    """Replace utilities float64[alternatives] by those whose plain logit is the nested logit.

    nest_of: float64[alternatives], the index of each one's nest; dissimilarity: float64[nests],
    above 0 to 1. A nest of 1 is left as it is, bit for bit.
    """
    for one in range(dissimilarity.size):
        scale = dissimilarity[one]
        if scale == 1.0:
            continue
        highest = -np.inf
        for alternative in range(utilities.size):
            if nest_of[alternative] == one:
                highest = max(highest, utilities[alternative])
        total = 0.0
        for alternative in range(utilities.size):
            if nest_of[alternative] == one:
                total += exponential_inlined((utilities[alternative] - highest) / scale)
        if total == 0.0:  # an empty nest
            continue
        inclusive = highest + (scale - 1.0) * logarithm_inlined(total)
        for alternative in range(utilities.size):
            if nest_of[alternative] == one:
                utilities[alternative] = inclusive + (utilities[alternative] - highest) / scale


@compiled
def _replace_by_probabilities(nest_of: Floats, dissimilarity: Floats, rows: Floats) -> None:
    for row in range(rows.shape[0]):
        nested(nest_of, dissimilarity, rows[row])
        total = exponentiate(rows[row])
        for alternative in range(rows.shape[1]):
            rows[row, alternative] /= total


def nested_logit_probabilities(
    utilities: ArrayLike, nest_of: ArrayLike, dissimilarity: ArrayLike
) -> Floats:
    """Return float64[..., alternatives], choice probabilities of a nested logit (McFadden 1978).

    utilities: float64[..., alternatives]; nest_of: int[alternatives], indices of dissimilarity;
    dissimilarity: float64[nests], above 0 to 1: 1 is a multinomial logit, near 0 a nest counts
    as one alternative. Raises a RequestError naming what is out of range.
    """
    given = np.array(utilities, dtype=np.float64, order="C")
    nests = np.array(nest_of, dtype=np.float64)
    scales = np.array(dissimilarity, dtype=np.float64)
    _check(given, nests, scales)
    rows = given.reshape(-1, nests.size)
    _replace_by_probabilities(nests, scales, rows)
    return rows.reshape(given.shape)


def _check(utilities: Floats, nest_of: Floats, dissimilarity: Floats) -> None:
    if not np.isfinite(utilities).all():
        raise RequestError("are not finite.", field="utilities", fix="Give finite numbers.")
    if dissimilarity.ndim != 1 or not ((dissimilarity > 0.0) & (dissimilarity <= 1.0)).all():
        raise RequestError(
            "is not above 0 and at most 1 throughout.",
            field="dissimilarity",
            fix="Give one number a nest; 1 is a plain logit.",
        )
    if nest_of.ndim != 1 or utilities.shape[-1:] != nest_of.shape or not nest_of.size:
        raise RequestError(
            f"has shape {nest_of.shape} for utilities of shape {utilities.shape}.",
            field="nest_of",
            fix="Give one index for each alternative.",
        )
    if not np.isin(nest_of, np.arange(dissimilarity.size)).all():
        raise RequestError(
            f"holds what is no index of {dissimilarity.size} nests.",
            field="nest_of",
            fix=f"Use 0 to {dissimilarity.size - 1}.",
        )


NESTING = Rule(
    name="nesting",
    function=nested,
    equation="V_ij <- V_ij / d_k + (d_k - 1) log sum_{l in k} exp(V_il / d_k), k the nest of j",
    source="McFadden 1978; as a logit with a correction term: Train 2009, section 4.2",
)
