"""The normal correlation behind a rank correlation of attributes with ties: ordinal, binary.

For continuous attributes it is 2 sin(pi rho / 6). Ties bring the rank correlation of the draws
nearer to 0, so the normal numbers have to correlate more: as much as the polychoric correlation.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import CorrelationError
from agentverse_engine.numerics.compiled import compiled
from agentverse_engine.numerics.mathematics import exponential_inlined
from agentverse_engine.synthesis.normal import normal_quantiles

Floats = NDArray[np.float64]

MOST_CATEGORIES = 32  # of an attribute with ties; one with more values counts as continuous
PARTS = 64  # into which a continuous attribute is cut beside one with ties
LARGEST_CORRELATION = 0.995
STEPS = 200  # of Simpson's rule
HALVINGS = 50


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TiedRanks:
    """An attribute as steps of its mid-rank: cuts float64[c], standard normal deviates at which
    it rises; jumps float64[c], by how much of a rank from 0 to 1; deviation: of the ranks."""

    cuts: Floats
    jumps: Floats
    deviation: float
    continuous: bool


def tied_ranks(sample: Floats | None) -> TiedRanks:
    """Return the steps of a sample float64[rows]; None stands for a quantile function, which is
    taken as continuous, and so is a sample of more than 32 values."""
    if sample is None:
        return _steps(np.full(PARTS, 1.0 / PARTS), continuous=True)
    _, counts = np.unique(sample, return_counts=True)
    if counts.size > MOST_CATEGORIES or counts.size == 1:
        return _steps(np.full(PARTS, 1.0 / PARTS), continuous=True)
    return _steps(counts / sample.size, continuous=False)


def _steps(shares: Floats, *, continuous: bool) -> TiedRanks:
    heap = np.concatenate([[0.0], np.cumsum(shares)])
    ranks = (heap[1:] + heap[:-1]) / 2.0
    variance = math.fsum(shares * (ranks - 0.5) ** 2)
    return TiedRanks(
        cuts=normal_quantiles(heap[1:-1]),
        jumps=np.diff(ranks),
        deviation=math.sqrt(variance),
        continuous=continuous,
    )


def normal_correlation(spearman: float, one: TiedRanks, other: TiedRanks, field: str) -> float:
    """Return the correlation of normal numbers whose attributes have this rank correlation.

    Raises a CorrelationError naming `field` where ties keep the attributes from it.
    """
    wanted = spearman * one.deviation * other.deviation
    most = LARGEST_CORRELATION
    low, high = (_rank_covariance(end, *_arrays(one, other)) for end in (-most, most))
    if not low <= wanted <= high:
        scale = one.deviation * other.deviation
        raise CorrelationError(
            f"is {spearman:.3g}, but with their ties it lies between {low / scale:.3g} and "
            f"{high / scale:.3g}.",
            field=field,
            fix="Bring it nearer to 0, or give the attributes finer categories.",
        )
    return float(_inverted(wanted, most, *_arrays(one, other)))


def _arrays(one: TiedRanks, other: TiedRanks) -> tuple[Floats, Floats, Floats, Floats]:
    return one.cuts, one.jumps, other.cuts, other.jumps


@compiled
def _inverted(
    wanted: float, most: float, cuts: Floats, jumps: Floats, others: Floats, leaps: Floats
) -> float:
    low, high = -most, most
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        if _rank_covariance(middle, cuts, jumps, others, leaps) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


@compiled
def _rank_covariance(
    correlation: float, cuts: Floats, jumps: Floats, others: Floats, leaps: Floats
) -> float:
    """Return the covariance of mid-ranks of normal numbers that correlate so.

    Its derivative is the sum of jumps times leaps times the bivariate density at the cuts
    (Plackett 1954), integrated from 0 by Simpson's rule.
    """
    total = 0.0
    for step in range(STEPS + 1):
        at = correlation * step / STEPS
        weight = 1.0 if step == 0 or step == STEPS else (4.0 if step % 2 else 2.0)
        rest = 1.0 - at * at
        density = 0.0
        for row in range(cuts.size):
            for column in range(others.size):
                x, y = cuts[row], others[column]
                square = x * x - 2.0 * at * x * y + y * y
                share = exponential_inlined(-square / (2.0 * rest))
                density += jumps[row] * leaps[column] * share
        total += weight * density / (6.283185307179586 * math.sqrt(rest))
    return total * correlation / (3.0 * STEPS)
