"""Weighted least squares with a constant, small and plain: to compare signs, not to publish."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.errors import EstimationError, UnidentifiedError

Floats = NDArray[np.float64]

COLLINEAR = 1e-8  # spread left of a predictor, against its own, once the others are known


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeastSquares:
    """coefficients, standard_errors: float64[predictors], outcome per unit of the predictor."""

    coefficients: Floats
    standard_errors: Floats


def least_squares(
    predictors: Floats, outcome: Floats, weights: Floats, *, names: Sequence[str]
) -> LeastSquares:
    """Fit outcome = constant + predictors by weighted least squares (Gauss 1809), through QR.

    predictors: float64[n, predictors]; outcome, weights: float64[n], weights above 0 and of mean
    1, counted as people in the standard errors. Raises UnidentifiedError for a predictor that
    does not vary or follows from those before it, EstimationError for too few rows.
    """
    rows, size = predictors.shape
    if rows < size + 2:
        raise EstimationError(
            f"has {rows} rows for {size} predictors.",
            field="regression",
            fix="Use fewer predictors, or more rows.",
        )
    root = np.sqrt(weights)
    deviation = (predictors - _mean(predictors, weights)) * root[:, None]
    spread = np.sqrt((deviation**2).sum(axis=0))
    _check_spread(predictors, names)
    orthogonal, triangle = np.linalg.qr(deviation / spread)
    _check_identified(np.abs(np.diag(triangle)), names)
    response = (outcome - _mean(outcome, weights)) * root
    scaled = np.linalg.solve(triangle, orthogonal.T @ response)
    residual = response - orthogonal @ (orthogonal.T @ response)
    variance = float((residual**2).sum()) / (rows - size - 1)
    inverse = np.linalg.inv(triangle)
    errors = np.sqrt(variance * (inverse**2).sum(axis=1))
    return LeastSquares(coefficients=scaled / spread, standard_errors=errors / spread)


def _mean(values: Floats, weights: Floats) -> Floats:
    return np.tensordot(weights, values, axes=1) / weights.sum()


def _check_spread(predictors: Floats, names: Sequence[str]) -> None:
    for position, name in enumerate(names):
        if predictors[:, position].min() == predictors[:, position].max():
            raise UnidentifiedError(
                "is the same in every row.", field=name, fix="Leave it out of the regression."
            )


def _check_identified(left: Floats, names: Sequence[str]) -> None:
    """left: float64[predictors], the spread of each once those before it are known, at most 1."""
    for position in np.flatnonzero(left < COLLINEAR).tolist():
        raise UnidentifiedError(
            f"follows from {', '.join(names[:position])}.",
            field=names[position],
            fix="Remove one of them: their effects cannot be told apart.",
        )
