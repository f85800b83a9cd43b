"""Joint attributes from their marginals and rank correlations: the Gaussian copula, or NORTA.

Correlated normal numbers become uniform ones, and these the attributes (Cario & Nelson 1997).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import CorrelationError, RequestError
from agentverse_engine.numerics.compiled import compiled
from agentverse_engine.numerics.rng import COPULA_NORMAL, fine_uniform, philox, seed_key
from agentverse_engine.synthesis.coding import numeric_column
from agentverse_engine.synthesis.normal import normal_probabilities, normal_quantile
from agentverse_engine.synthesis.tied_ranks import TiedRanks, normal_correlation, tied_ranks

Floats = NDArray[np.float64]
QuantileFunction = Callable[[Floats], Floats]

SINGULAR = 1e-10  # share of an attribute's variance that the others before it leave unexplained
MOST_SIZE = 2**32  # personas that a draw's counter can tell apart
MOST_SURVEY_ROWS = 2**20  # so that sums of products of ranks are exact in int64
FINEST = 2.0**-53


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Copula:
    """Attributes of a survey, to be drawn with `gaussian_copula`.

    marginals: per attribute float64[rows], ascending; correlation: float64[attributes,
    attributes], Spearman's rank correlations in [-1, 1], in the order of marginals.
    """

    marginals: dict[str, Floats]
    correlation: Floats


def gaussian_copula(
    marginals: Mapping[str, ArrayLike | QuantileFunction],
    correlation: ArrayLike,
    *,
    size: int,
    seed: int,
) -> dict[str, Floats]:
    """Draw float64[size] per attribute, with the given marginals and rank correlations.

    marginals: per attribute a sample, of which the draws are observed values (the inverse of its
    empirical distribution), or a function from shares, float64[size] in (0, 1), to quantiles.
    correlation: float64[attributes, attributes], Spearman's (mid-ranks for ties), in the order of
    marginals; the normal numbers correlate by r = 2 sin(pi rho / 6) (Pearson 1907) for continuous
    marginals, and by as much more as ties take away for samples of 32 values or fewer, such as
    ordinal and binary ones. Raises CorrelationError for a matrix that no attributes have, and for a
    correlation that ties keep two attributes from; RequestError for an unusable marginal.
    """
    names = list(marginals)
    _check_size(names, size)
    ranks = [
        tied_ranks(None if callable(marginal) else numeric_column(name, marginal))
        for name, marginal in marginals.items()
    ]
    lower = _cholesky(_normal_correlation(_checked(correlation, names), names, ranks), names)
    deviations = np.empty((size, len(names)))
    _draw_normals(*seed_key(seed), deviations)
    _correlate(deviations, lower)
    shares = np.minimum(normal_probabilities(deviations), 1.0 - FINEST)  # 1 by rounding only
    return {
        name: _attribute(name, marginal, shares[:, position])
        for position, (name, marginal) in enumerate(marginals.items())
    }


def fit_copula(columns: Mapping[str, ArrayLike]) -> Copula:
    """Take marginals and Spearman's rank correlations (mid-ranks for ties) from a survey.

    columns: float64[rows] per attribute. Of a weighted survey, give rows resampled by weight.
    Raises RequestError for missing values, fewer than 2 rows, or an attribute without variety.
    """
    if not columns:
        raise RequestError("hold nothing.", field="columns", fix="Give one attribute or more.")
    samples = {name: numeric_column(name, values) for name, values in columns.items()}
    rows = next(iter(samples.values())).size
    for name, sample in samples.items():
        _check_survey_column(name, sample, rows)
    ranks = np.stack([_centred_ranks(sample) for sample in samples.values()])
    products = np.einsum("ir,jr->ij", ranks, ranks).astype(np.float64)
    spread = np.sqrt(np.diag(products))
    correlation = products / np.outer(spread, spread)
    np.fill_diagonal(correlation, 1.0)
    return Copula(
        marginals={name: np.sort(sample) for name, sample in samples.items()},
        correlation=np.clip(correlation, -1.0, 1.0),  # beyond it by rounding only
    )


def _check_size(names: Sequence[str], size: int) -> None:
    if not names:
        raise RequestError("hold nothing.", field="marginals", fix="Give one attribute or more.")
    if not 1 <= size <= MOST_SIZE:
        raise RequestError(f"is {size}.", field="size", fix=f"Use 1 to {MOST_SIZE} personas.")


def _checked(correlation: ArrayLike, names: Sequence[str]) -> Floats:
    matrix = np.asarray(correlation, dtype=np.float64)
    if matrix.shape != (len(names), len(names)):
        raise CorrelationError(
            f"has shape {matrix.shape} for {len(names)} marginals.",
            field="correlation",
            fix="Give one row and one column per marginal.",
        )
    for row, column in product(range(len(names)), repeat=2):
        value = float(matrix[row, column])
        if row == column and value != 1.0:
            raise CorrelationError(
                f"is {value} with itself.", field=names[row], fix="Set the diagonal to 1."
            )
        if not -1.0 <= value <= 1.0 or value != matrix[column, row]:
            raise CorrelationError(
                f"is {value} one way and {matrix[column, row]} the other.",
                field=f"{names[row]} × {names[column]}",
                fix="Use the same number from -1 to 1 both ways.",
            )
    return matrix


def _normal_correlation(
    spearman: Floats, names: Sequence[str], ranks: Sequence[TiedRanks]
) -> Floats:
    """Return the correlations of the normal numbers behind rank correlations."""
    normal = 2.0 * _sines(spearman * (math.pi / 6.0))
    np.fill_diagonal(normal, 1.0)
    for row, column in combinations(range(len(names)), 2):
        rho, one, other = float(spearman[row, column]), ranks[row], ranks[column]
        if rho != 0.0 and not (one.continuous and other.continuous):
            underlying = normal_correlation(rho, one, other, f"{names[row]} × {names[column]}")
            normal[row, column] = normal[column, row] = underlying
    return normal


def _sines(angles: Floats) -> Floats:
    """Taylor to the 17th power for |angle| <= pi/6: libraries' sines differ between CPUs."""
    square = angles * angles
    series = np.ones_like(angles)
    for power in range(16, 0, -2):
        series = 1.0 - square / (power * (power + 1.0)) * series
    return angles * series


def _cholesky(matrix: Floats, names: Sequence[str]) -> Floats:
    """Factor in a fixed order of operations; name the attribute that the others contradict."""
    size = len(names)
    lower = [[0.0] * size for _ in range(size)]
    for row in range(size):
        for column in range(row + 1):
            rest = float(matrix[row, column])
            for k in range(column):
                rest -= lower[row][k] * lower[column][k]
            if row == column:
                _check_pivot(rest, names, row)
                lower[row][row] = math.sqrt(rest)
            else:
                lower[row][column] = rest / lower[column][column]
    return np.array(lower)


def _check_pivot(variance: float, names: Sequence[str], row: int) -> None:
    if variance > SINGULAR:
        return
    raise CorrelationError(
        f"has correlations that are not positive definite with {', '.join(names[:row])} "
        f"(variance left: {variance:.3g}).",
        field=names[row],
        fix="Bring them nearer to 0, or leave the attribute out.",
    )


@compiled
def _draw_normals(key_0: np.uint64, key_1: np.uint64, deviations: Floats) -> None:
    """Fill float64[personas, attributes]: each number counted by its persona and attribute."""
    for persona in range(deviations.shape[0]):
        for attribute in range(deviations.shape[1]):
            who, which = np.uint64(persona), np.uint64(attribute)
            words = philox(who, np.uint64(0), COPULA_NORMAL, which, key_0, key_1)
            # An odd multiple of 2**-53: never 0 or 1, whose quantiles are infinite.
            share = math.floor(fine_uniform(words[0], words[1]) * 2.0**52) * 2.0**-52 + FINEST
            deviations[persona, attribute] = normal_quantile(share)


@compiled
def _correlate(deviations: Floats, lower: Floats) -> None:
    """Turn independent rows into correlated ones, in place; sums in order of the attributes."""
    for persona in range(deviations.shape[0]):
        for attribute in range(deviations.shape[1] - 1, -1, -1):
            total = 0.0
            for k in range(attribute + 1):
                total += lower[attribute, k] * deviations[persona, k]
            deviations[persona, attribute] = total


def _attribute(name: str, marginal: ArrayLike | QuantileFunction, shares: Floats) -> Floats:
    if not callable(marginal):
        ordered = np.sort(numeric_column(name, marginal))
        index = np.floor(shares * ordered.size).astype(np.int64)
        return ordered[np.minimum(index, ordered.size - 1)]
    values = np.asarray(marginal(shares), dtype=np.float64)
    if values.shape != shares.shape or not np.isfinite(values).all():
        raise RequestError(
            "has a quantile function that does not give one finite number per share.",
            field=name,
            fix="Make it finite between 0 and 1.",
        )
    return values


def _check_survey_column(name: str, sample: Floats, rows: int) -> None:
    if sample.size != rows:
        raise RequestError(
            f"has {sample.size} values for {rows} rows.",
            field=name,
            fix="Give every attribute one value per survey row.",
        )
    if rows > MOST_SURVEY_ROWS:
        raise RequestError(
            f"has {rows} rows.", field=name, fix=f"Fit a sample of at most {MOST_SURVEY_ROWS}."
        )
    if sample.min() == sample.max():
        raise RequestError(
            "is the same in every row.", field=name, fix="Leave it out: it goes with nothing."
        )


def _centred_ranks(sample: Floats) -> NDArray[np.int64]:
    """Return int64[rows], twice the mid-rank less its mean: whole, so that sums are exact."""
    _, codes, counts = np.unique(sample, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (2 * last - counts + 1 - (sample.size + 1))[codes.reshape(-1)]
