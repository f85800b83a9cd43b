"""From fractional weights to whole numbers of personas, each within one of its weight."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import RequestError
from agentverse_engine.numerics.mathematics import logarithms
from agentverse_engine.numerics.rng import INTEGERISATION_OFFSET, INTEGERISATION_RANK, uniforms
from agentverse_engine.synthesis.resampling import checked_weights

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]

WHOLE = 1e-6  # personas; sums of raked weights are off by rounding only
UNIT = 2**32  # of fixed-point fractions, so that no rounding can lose or add a persona
MOST_PERSONAS = 2**31


def truncate_replicate_sample(weights: ArrayLike, *, seed: int) -> Counts:
    """Return int64[rows], whole parts plus rows sampled by their fractions (TRS).

    weights: float64[rows], personas a row stands for; they sum to a whole number, and so do the
    counts. Rows for the missing personas are drawn without replacement, one after the other in
    proportion to the fractions (Lovelace & Ballas 2013): the largest fraction's logarithm plus
    Gumbel noise (Yellott 1977), drawn by counting row by row. Raises RequestError for weights
    that are negative, not finite, or sum to a fraction.
    """
    whole, fractions, missing = _truncated(weights)
    candidates = np.flatnonzero(fractions > 0)
    draw = uniforms(seed=seed, purpose=INTEGERISATION_RANK, identity=candidates)
    # 1 - draw is in (0, 1]: its logarithm is finite.
    noise = -logarithms(-logarithms(1.0 - draw))
    rank = np.argsort(-(logarithms(fractions[candidates]) + noise), kind="stable")
    whole[candidates[rank[:missing]]] += 1
    return whole


def systematic_counts(weights: ArrayLike, *, seed: int) -> Counts:
    """Return int64[rows], whole parts plus rows at equal steps along the summed fractions.

    weights as for `truncate_replicate_sample`. One draw in all (Madow & Madow 1944): any run of
    neighbouring rows gets its expected number of personas within one, so sorted rows are spread
    more evenly than by sampling. RequestError: weights that are below 0, not finite or do not sum
    to a whole number of personas.
    """
    whole, fractions, missing = _truncated(weights)
    candidates = np.flatnonzero(fractions > 0)
    offset = int(uniforms(seed=seed, purpose=INTEGERISATION_OFFSET, identity=0) * UNIT)
    steps = np.rint(np.cumsum(fractions[candidates]) * UNIT).astype(np.int64)
    np.minimum(steps, missing * UNIT, out=steps)
    steps[-1:] = missing * UNIT
    whole[candidates] += np.diff((steps + offset) // UNIT, prepend=0)
    return whole


def _truncated(weights: ArrayLike) -> tuple[Counts, Floats, int]:
    """Return the whole parts, the fractions, and how many personas the fractions stand for."""
    given = np.asarray(weights, dtype=np.float64)
    given = checked_weights(given, given.size)
    total = float(np.minimum(given, MOST_PERSONAS + 1).sum())  # capped, so that it stays finite
    if not 1 - WHOLE <= total <= MOST_PERSONAS or abs(total - round(total)) > WHOLE:
        raise RequestError(
            f"sum to {total:.12g}.",
            field="weights",
            fix=f"Scale them to the number of personas, whole, from 1 to {MOST_PERSONAS}.",
        )
    whole = np.floor(given).astype(np.int64)
    return whole, given - whole, round(total) - int(whole.sum())
