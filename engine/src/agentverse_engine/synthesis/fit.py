"""How well a synthetic population fits its survey."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import RequestError
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.synthesis.coding import CROSS, CodedColumn, coded_columns, crossed
from agentverse_engine.synthesis.resampling import checked_weights

Floats = NDArray[np.float64]


def quantile_bins(values: ArrayLike, bins: int = 5) -> NDArray[np.int64]:
    """Return int64[n], the equal-count bin of each number, so that a fit report can count it.

    values: float64[n]. Raises RequestError where one is missing, or there is none.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.size == 0 or not np.isfinite(numbers).all():
        raise RequestError(
            "must be finite numbers.", field="values", fix="Fill or drop missing values first."
        )
    bins = at_least("bins", bins, 1)
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
class CrossFit:
    """The fit of a cross table. cells: those that the survey has; a persona can be in no other.

    tae: total absolute error in personas; srmse: root mean square error over the mean target of
    all cells of the table (Knudsen & Fotheringham 1986; 0 is perfect); worst: the cell that is
    furthest from its target relative to it.
    """

    columns: tuple[str, ...]
    cells: tuple[CategoryFit, ...]
    tae: float
    srmse: float
    worst: CategoryFit


@dataclass(frozen=True, slots=True, kw_only=True)
class FitReport:
    """The fit of a synthetic population to its survey.

    tae: total absolute error, sum |achieved - target| over all categories, in personas; srmse:
    root mean square error over the mean target (0 is perfect); worst: the category that is
    furthest from its target relative to it; crosses: the same for cross tables.
    """

    rows: int
    personas: int
    categories: tuple[CategoryFit, ...]
    tae: float
    srmse: float
    worst: CategoryFit
    crosses: tuple[CrossFit, ...] = ()


def fit_report(
    columns: Mapping[str, ArrayLike],
    chosen: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    cross: Sequence[Sequence[str]] = (),
) -> FitReport:
    """Compare each column of the survey (labels or whole numbers) with the rows `chosen`.

    chosen: int[personas], row numbers; weights: float64[rows], people a row stands for, e.g.
    raked (default: all alike); cross: names of columns whose cross tables to compare as well.
    RequestError: columns of different lengths, of fractions or with missing values, rows outside
    the survey, unknown names.
    """
    coded = coded_columns(columns)
    length = next(iter(coded.values())).codes.size
    rows = _row_numbers(chosen, length)
    share = np.ones(length) if weights is None else checked_weights(weights, length)
    share = share / share.max()  # so that sums of extreme weights stay finite
    categories = tuple(
        category for column in coded.values() for category in _column_fit(column, rows, share)
    )
    tae, srmse = _errors(categories, len(categories))
    return FitReport(
        rows=length,
        personas=rows.size,
        categories=categories,
        tae=tae,
        srmse=srmse,
        worst=max(categories, key=_relative_error),
        crosses=tuple(_cross_fit(coded, names, rows, share) for names in cross),
    )


def _row_numbers(chosen: ArrayLike, length: int) -> NDArray[np.int64]:
    rows = np.asarray(chosen)
    if rows.size == 0 or rows.dtype.kind not in "iu" or rows.ndim != 1:
        raise RequestError(
            "must hold row numbers.", field="chosen", fix="Give the survey row of each persona."
        )
    if rows.min() < 0 or rows.max() >= length:
        raise RequestError(
            f"holds row numbers outside 0 to {length - 1}.",
            field="chosen",
            fix="Count the survey's rows from 0.",
        )
    return rows.astype(np.int64)


def _cross_fit(
    coded: Mapping[str, CodedColumn],
    names: Sequence[str],
    rows: NDArray[np.int64],
    share: Floats,
) -> CrossFit:
    table = crossed(coded, names)
    cells = tuple(_column_fit(table, rows, share))
    tae, srmse = _errors(cells, math.prod(len(coded[name].labels) for name in names))
    return CrossFit(
        columns=table.columns,
        cells=cells,
        tae=tae,
        srmse=srmse,
        worst=max(cells, key=_relative_error),
    )


def _column_fit(column: CodedColumn, rows: NDArray[np.int64], share: Floats) -> list[CategoryFit]:
    size = len(column.labels)
    target = np.bincount(column.codes, weights=share, minlength=size) * (rows.size / share.sum())
    achieved = np.bincount(column.codes[rows], minlength=size)
    return [
        CategoryFit(
            column=column.name,
            category=CROSS.join(labels),
            target=float(target[position]),
            achieved=int(achieved[position]),
        )
        for position, labels in enumerate(column.labels)
    ]


def _errors(categories: Sequence[CategoryFit], cells: int) -> tuple[float, float]:
    """Return (tae, srmse); of `cells` in all, those that are not listed are met."""
    errors = np.array([category.achieved - category.target for category in categories])
    mean_target = sum(category.target for category in categories) / cells
    return float(np.abs(errors).sum()), math.sqrt(float((errors**2).sum()) / cells) / mean_target


def _relative_error(category: CategoryFit) -> float:
    error = abs(category.achieved - category.target)
    return error / category.target if category.target > 0 else error
