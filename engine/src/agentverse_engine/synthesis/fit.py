"""How well a synthetic population fits its survey."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import RequestError
from agentverse_engine.synthesis.resampling import checked_weights


def quantile_bins(values: ArrayLike, bins: int = 5) -> NDArray[np.int64]:
    """Return int64[n], the equal-count bin of each number, so that a fit report can count it."""
    numbers = np.asarray(values, dtype=np.float64)
    edges: NDArray[np.float64] = np.unique(np.quantile(numbers, np.arange(1, bins) / bins))
    return np.searchsorted(edges, numbers, side="right").astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryFit:
    """How many personas of a category the survey implies, and how many there are."""

    column: str
    category: str
    target: float
    achieved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FitReport:
    """The fit of a synthetic population to its survey.

    tae: total absolute error, sum |achieved - target| over all categories, in personas; srmse:
    root mean square error over the mean target (0 is perfect); worst: the category that is
    furthest from its target relative to it.
    """

    rows: int
    personas: int
    categories: tuple[CategoryFit, ...]
    tae: float
    srmse: float
    worst: CategoryFit


def fit_report(
    columns: Mapping[str, ArrayLike], chosen: ArrayLike, *, weights: ArrayLike | None = None
) -> FitReport:
    """Compare each column of the survey (labels or whole numbers) with the rows `chosen`."""
    rows = np.asarray(chosen, dtype=np.int64)
    if not columns or rows.size == 0:
        raise RequestError("hold nothing.", field="columns", fix="Give a column and some rows.")
    length = np.asarray(next(iter(columns.values()))).size
    share = np.ones(length) if weights is None else checked_weights(weights, length)
    categories = tuple(
        category
        for name, values in columns.items()
        for category in _column_fit(name, np.asarray(values), rows, share)
    )
    errors = np.array([category.achieved - category.target for category in categories])
    targets = np.array([category.target for category in categories])
    return FitReport(
        rows=length,
        personas=rows.size,
        categories=categories,
        tae=float(np.abs(errors).sum()),
        srmse=float(np.sqrt((errors**2).mean()) / targets.mean()),
        worst=max(categories, key=_relative_error),
    )


def _column_fit(
    name: str, values: NDArray[np.generic], rows: NDArray[np.int64], share: NDArray[np.float64]
) -> list[CategoryFit]:
    if values.size != share.size:
        raise RequestError(
            f"has {values.size} values for {share.size} rows.",
            field=name,
            fix="Give every column one value per survey row.",
        )
    if values.dtype.kind == "f":
        raise RequestError(
            "holds continuous numbers.", field=name, fix="Bin them with synthesis.quantile_bins."
        )
    labels, codes = np.unique(values, return_inverse=True)
    codes = codes.reshape(-1)
    target = np.bincount(codes, weights=share, minlength=labels.size) * (rows.size / share.sum())
    achieved = np.bincount(codes[rows], minlength=labels.size)
    return [
        CategoryFit(
            column=name,
            category=str(label),
            target=float(target[position]),
            achieved=int(achieved[position]),
        )
        for position, label in enumerate(labels)
    ]


def _relative_error(category: CategoryFit) -> float:
    error = abs(category.achieved - category.target)
    return error / category.target if category.target > 0 else error
