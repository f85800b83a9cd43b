"""From survey rows and margins to personas: rake, make whole, report the fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import RequestError
from agentverse_engine.synthesis.fit import FitReport, fit_report
from agentverse_engine.synthesis.integerising import (
    MOST_PERSONAS,
    systematic_counts,
    truncate_replicate_sample,
)
from agentverse_engine.synthesis.raking import Margin, rake

Integerisation = Literal["truncate_replicate_sample", "systematic"]
INTEGERISERS = {
    "truncate_replicate_sample": truncate_replicate_sample,
    "systematic": systematic_counts,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SyntheticRows:
    """rows: int64[personas], the survey row of each persona, ascending; weights: float64[survey
    rows], personas each should stand for; fit: against these weights, so against the margins."""

    rows: NDArray[np.int64]
    weights: NDArray[np.float64]
    rounds: int
    fit: FitReport


def synthesise(
    columns: Mapping[str, ArrayLike],
    margins: Sequence[Margin],
    *,
    personas: int,
    seed: int,
    weights: ArrayLike | None = None,
    integerisation: Integerisation = "truncate_replicate_sample",
    cross: Sequence[Sequence[str]] = (),
) -> SyntheticRows:
    """Choose the survey row of each persona so that they meet the margins, scaled to their number.

    columns: labels or whole numbers, one value per survey row; weights: float64[rows], design
    weights; cross: columns whose cross tables the fit report compares as well. Raises RequestError
    for columns, weights or a number of personas that cannot be used, and as `rake` does
    MarginError, StructuralZeroError and ContradictionError.
    """
    if not 1 <= personas <= MOST_PERSONAS:
        raise RequestError(
            f"is {personas}.", field="personas", fix=f"Ask for 1 to {MOST_PERSONAS}."
        )
    if integerisation not in INTEGERISERS:
        raise RequestError(
            f"is '{integerisation}'.",
            field="integerisation",
            fix=f"Use one of: {', '.join(INTEGERISERS)}.",
        )
    raked = rake(columns, margins, weights=weights)
    scaled = raked.weights * (personas / raked.weights.sum())
    counts = INTEGERISERS[integerisation](scaled, seed=seed)
    rows = np.repeat(np.arange(counts.size, dtype=np.int64), counts)
    return SyntheticRows(
        rows=rows,
        weights=scaled,
        rounds=raked.rounds,
        fit=fit_report(columns, rows, weights=scaled, cross=cross),
    )
