"""Where the variance of outcomes comes from: parameters, people, structure or mere chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from numpy.typing import ArrayLike

from agentverse_engine.diagnostics.array_checks import Floats, finite
from agentverse_engine.errors import RequestError

INTERACTION = "interaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceShare:
    """The variance that one source adds to an outcome (squared unit), and its share of all."""

    source: str
    variance: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceSplit:
    """Shares that sum to 1.

    negative: sources whose estimate fell below 0, as it does by chance for a source without
    effect; they count as 0 and are named here, so that nobody takes 0 for measured.
    """

    shares: tuple[VarianceShare, ...]
    total: float
    negative: tuple[str, ...]

    def share(self, source: str) -> float:
        """Return the share of one source; KeyError if there is none of that name."""
        return {entry.source: entry.share for entry in self.shares}[source]


def crossed_variance(
    outcomes: ArrayLike, factors: Sequence[str], *, replicate: str | None = None
) -> VarianceSplit:
    """Split the variance of a full factorial design, every level of a factor with all others.

    outcomes: float64[...], one axis per factor in their order, e.g. parameter, population, seed
    (seed crosses the others under common random numbers); with `replicate` a last axis of
    independent runs within each cell, e.g. of other seeds. Components of the random-effects model
    by the method of moments (Searle, Casella & McCulloch 1992), interactions of all orders pooled
    as "interaction". Raises RequestError for fewer than two levels or an outcome that never varies.
    """
    table = _table(outcomes, [*factors, *([replicate] if replicate else [])])
    runs = table.shape[-1] if replicate else 1
    cells = table.mean(axis=-1) if replicate else table
    squares, freedom = _main_effects(cells)
    rest = float(((cells - cells.mean()) ** 2).sum()) - sum(squares)
    rest_freedom = cells.size - 1 - sum(freedom)
    within = _mean_square_within(table) if replicate else 0.0
    if rest_freedom == 0 and not replicate:
        raise RequestError(
            "leaves nothing to judge it by.", field="factors", fix="Add a factor or replicates."
        )
    pooled = max(rest, 0.0) / rest_freedom if rest_freedom else within / runs
    variances = {
        factor: (square / degrees - pooled) * size / cells.size
        for factor, square, degrees, size in zip(
            factors, squares, freedom, cells.shape, strict=True
        )
    }
    if rest_freedom:
        variances[INTERACTION] = pooled - within / runs
    if replicate:
        variances[replicate] = within
    return _split(variances)


def _main_effects(cells: Floats) -> tuple[list[float], list[int]]:
    """Return the sum of squares (over cells) and degrees of freedom of each axis."""
    squares: list[float] = []
    for axis, size in enumerate(cells.shape):
        others = tuple(other for other in range(cells.ndim) if other != axis)
        effect = cells.mean(axis=others) - cells.mean()
        squares.append(float((effect**2).sum()) * cells.size / size)
    return squares, [size - 1 for size in cells.shape]


def _mean_square_within(table: Floats) -> float:
    return float(table.var(axis=-1, ddof=1).mean())


def nested_variance(outcomes: ArrayLike, factors: Sequence[str]) -> VarianceSplit:
    """Split the variance of a nested design: each level of a factor has levels of its own below.

    outcomes: float64[...], axes from the outermost factor to the innermost, e.g. population
    resamples, parameters drawn for each, seeds drawn for each of these. Method of moments (Searle,
    Casella & McCulloch 1992). Raises RequestError for fewer than two levels or an outcome without
    variance.
    """
    table = _table(outcomes, factors)
    variances: dict[str, float] = {}
    noise = 0.0  # variance of a mean that comes from the levels below it
    for factor in reversed(factors):
        spread = _mean_square_within(table)
        variances[factor] = spread - noise
        noise = spread / table.shape[-1]
        table = table.mean(axis=-1)
    return _split({factor: variances[factor] for factor in factors})


def _table(outcomes: ArrayLike, axes: Sequence[str]) -> Floats:
    if not axes or len(set(axes)) != len(axes) or INTERACTION in axes:
        raise RequestError(
            "must be names that differ from each other and from 'interaction'.",
            field="factors",
            fix="Name every axis once.",
        )
    table = finite("outcomes", outcomes, dimensions=len(axes))
    for axis, size in zip(axes, table.shape, strict=True):
        if size < 2:
            raise RequestError("has one level.", field=axis, fix="Run two levels or more of it.")
    return table


def _split(variances: Mapping[str, float]) -> VarianceSplit:
    kept = {source: max(variance, 0.0) for source, variance in variances.items()}
    total = sum(kept.values())
    if total == 0.0:
        raise RequestError(
            "do not vary.",
            field="outcomes",
            fix="Widen what is varied, or look at another outcome.",
        )
    return VarianceSplit(
        shares=tuple(
            VarianceShare(source=source, variance=variance, share=variance / total)
            for source, variance in kept.items()
        ),
        total=total,
        negative=tuple(source for source, variance in variances.items() if variance < 0.0),
    )
