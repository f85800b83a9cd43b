"""From a few survey rows to any number of personas, and how well the copy fits its source."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import RequestError
from agentverse_engine.rng import RESAMPLING, uniforms


def resample(
    rows: int, size: int, seed: int, *, weights: ArrayLike | None = None
) -> NDArray[np.int64]:
    """Return int64[size], ascending row numbers: systematic resampling from one counted draw.

    Each row appears its expected number of times, rounded down or up. weights: float64[rows],
    the share of people a row stands for (default: all alike).
    """
    if rows < 1:
        raise RequestError("holds no row.", field="rows", fix="Give at least one survey row.")
    if size < 1:
        raise RequestError(f"is {size}.", field="size", fix="Ask for at least one persona.")
    offset = float(uniforms(seed=seed, purpose=RESAMPLING, identity=0))
    if weights is None:
        # In whole numbers, so that size = rows gives every row exactly once.
        steps = np.arange(size, dtype=np.int64) * rows
        return (steps + math.floor(offset * rows)) // size
    heap: NDArray[np.float64] = np.cumsum(_weights(weights, rows))
    total = float(heap[-1])
    positions = (np.arange(size, dtype=np.float64) + offset) * (total / size)
    found = heap.searchsorted(positions, side="right")
    return np.minimum(found, heap.searchsorted(total, side="left"))  # never past the last weight


def _weights(weights: ArrayLike, rows: int) -> NDArray[np.float64]:
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (rows,) or not np.isfinite(given).all() or (given < 0).any():
        raise RequestError(
            "must be one finite number of 0 or more per row.",
            field="weights",
            fix="Fill or drop the rows without a usable weight.",
        )
    if given.sum() <= 0:
        raise RequestError("sum to 0.", field="weights", fix="Give some row a weight above 0.")
    return given


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
    share = np.ones(length) if weights is None else _weights(weights, length)
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
