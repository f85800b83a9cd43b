"""Iterative proportional fitting: weights of survey rows, or cells of a table, that meet margins.

Each round scales the weights to one margin after the other, which keeps all odds ratios that no
margin fixes (Deming & Stephan 1940; Ireland & Kullback 1968).
"""

import math
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import (
    ContradictionError,
    MarginError,
    RequestError,
    StructuralZeroError,
)
from agentverse_engine.numerics.number_checks import at_least
from agentverse_engine.synthesis.coding import CROSS, CodedColumn, coded_columns, crossed
from agentverse_engine.synthesis.resampling import checked_weights

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Targets = Mapping[str, float] | Mapping[tuple[str, ...], float]

TOLERANCE = 1e-6  # largest error of a margin's category, relative to its target
MOST_ROUNDS = 1000
EQUAL_TOTALS = 1e-9  # relative; totals further apart than rounding would never be met together


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Margin:
    """How many people each category of one column, or each cell of several, must stand for.

    targets: category -> 0 or more people; of several columns, a tuple with a category of each.
    Categories are the text of the column's labels. Every category that rows have needs a target.
    """

    columns: tuple[str, ...]
    targets: Targets


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Raking:
    """weights: float64[rows], people a row stands for; largest_error: relative to its target."""

    weights: Floats
    rounds: int
    largest_error: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TableFit:
    """cells: float64[...], shaped as the seed table; largest_error: relative to its target."""

    cells: Floats
    rounds: int
    largest_error: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Constraint:
    """labels: the name of each category; codes: int64[cells]; targets: float64[categories]."""

    name: str
    labels: tuple[str, ...]
    codes: Codes
    targets: Floats


def rake(
    columns: Mapping[str, ArrayLike],
    margins: Sequence[Margin],
    *,
    weights: ArrayLike | None = None,
    tolerance: float = TOLERANCE,
    most_rounds: int = MOST_ROUNDS,
) -> Raking:
    """Weight survey rows so that they meet the margins (Deming & Stephan 1940).

    columns: labels or whole numbers, one value per row; weights: float64[rows], the design
    weights to start from (default: all alike). Raises MarginError for a target that is missing,
    negative or not finite, StructuralZeroError for one that no row can meet, and
    ContradictionError when totals differ or the margins are not met within most_rounds.
    RequestError: columns, weights or numbers that cannot be used.
    """
    _check_request(margins, tolerance, most_rounds)
    coded = coded_columns(columns)
    rows = next(iter(coded.values())).codes.size
    start = np.ones(rows) if weights is None else checked_weights(weights, rows)
    start = start / start.max()  # so that sums of extreme weights stay finite
    cell, constraints = _shared_cells([_row_constraint(coded, margin) for margin in margins])
    masses: Floats = np.bincount(cell, weights=start).astype(np.float64)
    fitted, rounds, error = _fit(masses, constraints, tolerance, most_rounds)
    # Rows of a cell keep their shares of it: every scaling treats them alike.
    share = np.divide(start, masses[cell], out=np.zeros(rows), where=masses[cell] > 0)
    return Raking(weights=share * fitted[cell], rounds=rounds, largest_error=error)


def fit_table(
    seed_table: ArrayLike,
    margins: Mapping[tuple[int, ...], ArrayLike],
    *,
    tolerance: float = TOLERANCE,
    most_rounds: int = MOST_ROUNDS,
) -> TableFit:
    """Fit a contingency table of any dimension to its margins (Deming & Stephan 1940).

    seed_table: float64[...], 0 or more; cells of 0 stay 0. margins: axes -> float64 targets in
    people, shaped as those axes of the table. Raises RequestError for a table or numbers that
    cannot be used, and as `rake` does MarginError, StructuralZeroError and ContradictionError.
    """
    _check_request(margins, tolerance, most_rounds)
    table = _checked_table(seed_table)
    constraints = [_axis_constraint(table, axes, targets) for axes, targets in margins.items()]
    start = (table / table.max()).reshape(-1)
    cells, rounds, error = _fit(start, constraints, tolerance, most_rounds)
    return TableFit(cells=cells.reshape(table.shape), rounds=rounds, largest_error=error)


def _check_request(margins: Sized, tolerance: float, most_rounds: int) -> None:
    if len(margins) == 0:
        raise MarginError("hold nothing.", field="margins", fix="Give one margin or more.")
    if not (math.isfinite(tolerance) and tolerance > 0):
        raise RequestError(f"is {tolerance}.", field="tolerance", fix="Use a number above 0.")
    at_least("most_rounds", most_rounds, 1)


def _checked_table(seed_table: ArrayLike) -> Floats:
    table = np.asarray(seed_table, dtype=np.float64)
    if table.ndim == 0 or table.size == 0:
        raise RequestError("has no cell.", field="seed_table", fix="Give one axis or more.")
    if not np.isfinite(table).all() or (table < 0).any() or table.max() <= 0:
        raise RequestError(
            "must hold finite numbers of 0 or more, not all 0.",
            field="seed_table",
            fix="Replace negative and missing cells.",
        )
    return table


def _row_constraint(coded: Mapping[str, CodedColumn], margin: Margin) -> _Constraint:
    crossing = crossed(coded, margin.columns)
    targets = _targets_by_labels(margin)
    for labels in crossing.labels:
        if labels not in targets:
            raise MarginError(
                "has rows but no target.",
                field=_category(margin.columns, labels),
                fix="Add its target, 0 if nobody belongs to it.",
            )
    occurring = set(crossing.labels)
    for labels, target in targets.items():
        if target > 0 and labels not in occurring:
            raise _unreachable(_category(margin.columns, labels), target)
    return _Constraint(
        name=crossing.name,
        labels=tuple(_category(margin.columns, labels) for labels in crossing.labels),
        codes=crossing.codes,
        targets=np.array([targets[labels] for labels in crossing.labels]),
    )


def _targets_by_labels(margin: Margin) -> dict[tuple[str, ...], float]:
    targets: dict[tuple[str, ...], float] = {}
    for key, target in margin.targets.items():
        labels = (key,) if isinstance(key, str) else key
        if len(labels) != len(margin.columns):
            raise MarginError(
                f"has a target for {', '.join(labels)}.",
                field=CROSS.join(margin.columns),
                fix="Name one category of each of its columns.",
            )
        _check_target(_category(margin.columns, labels), target)
        targets[labels] = float(target)
    return targets


def _axis_constraint(table: Floats, axes: tuple[int, ...], targets: ArrayLike) -> _Constraint:
    name = f"axes {axes}"
    if not axes or len(set(axes)) < len(axes) or any(not 0 <= a < table.ndim for a in axes):
        raise MarginError(
            "are not distinct axes of the table.",
            field=name,
            fix=f"Use numbers from 0 to {table.ndim - 1}, each once.",
        )
    shape = tuple(table.shape[axis] for axis in axes)
    given = np.asarray(targets, dtype=np.float64)
    if given.shape != shape:
        raise MarginError(
            f"have targets of shape {given.shape} where {shape} is needed.",
            field=name,
            fix="Give one target per cell of the margin.",
        )
    names = tuple(f"axis {axis}" for axis in axes)
    labels = tuple(_category(names, [str(c) for c in cell]) for cell in np.ndindex(*shape))
    for label, target in zip(labels, given.reshape(-1).tolist(), strict=True):
        _check_target(label, target)
    positions = np.indices(table.shape)[list(axes)].reshape(len(axes), -1)
    codes = np.ravel_multi_index(tuple(positions), shape).astype(np.int64)
    return _Constraint(name=name, labels=labels, codes=codes, targets=given.reshape(-1))


def _category(columns: Sequence[str], labels: Sequence[str]) -> str:
    return ", ".join(f"{name}={label}" for name, label in zip(columns, labels, strict=True))


def _check_target(category: str, target: float) -> None:
    if not (math.isfinite(target) and target >= 0):
        raise MarginError(
            f"has the target {target}.", field=category, fix="Use a finite number of 0 or more."
        )


def _unreachable(category: str, target: float) -> StructuralZeroError:
    return StructuralZeroError(
        f"has the target {target:g}, but nobody who may count belongs to it.",
        field=category,
        fix="Add rows of it, merge it with another category, or set its target to 0.",
    )


def _shared_cells(constraints: list[_Constraint]) -> tuple[Codes, list[_Constraint]]:
    """Merge rows that no margin distinguishes; return each row's cell and the margins of cells.

    A million rows make few cells, and each round costs no more than these.
    """
    cell = constraints[0].codes
    for other in constraints[1:]:
        key = cell * len(other.labels) + other.codes
        cell = np.unique(key, return_inverse=True)[1].reshape(-1)
    _, first, cell = np.unique(cell, return_index=True, return_inverse=True)
    return cell.reshape(-1), [replace(each, codes=each.codes[first]) for each in constraints]


def _fit(
    start: Floats, constraints: list[_Constraint], tolerance: float, most_rounds: int
) -> tuple[Floats, int, float]:
    """Return the fitted masses, the rounds it took, and the largest relative error that is left."""
    _check_totals(constraints)
    masses = _reachable(start, constraints)
    for rounds in range(1, most_rounds + 1):
        for constraint in constraints:
            masses = _scaled(masses, constraint)
        error = max(float(_errors(masses, constraint).max()) for constraint in constraints)
        if error < tolerance:
            return masses, rounds, error
    raise _unmet(masses, constraints, most_rounds)


def _check_totals(constraints: list[_Constraint]) -> None:
    # Summed exactly, so that the order of categories cannot matter.
    totals = [math.fsum(constraint.targets.tolist()) for constraint in constraints]
    for constraint, total in zip(constraints, totals, strict=True):
        if total <= 0:
            raise MarginError(
                "has targets that sum to 0.", field=constraint.name, fix="Raise one of them."
            )
        if abs(total - totals[0]) > EQUAL_TOTALS * totals[0]:
            raise ContradictionError(
                f"sums to {total:.12g}, but {constraints[0].name} to {totals[0]:.12g}.",
                field=constraint.name,
                fix="Scale both to the same number of people.",
            )


def _reachable(start: Floats, constraints: list[_Constraint]) -> Floats:
    """Empty the cells of which nobody may count; what then has a target must still have a cell."""
    counts = start > 0
    for constraint in constraints:
        counts &= constraint.targets[constraint.codes] > 0
    for constraint in constraints:
        left = np.bincount(constraint.codes[counts], minlength=constraint.targets.size)
        for category in np.flatnonzero((left == 0) & (constraint.targets > 0)).tolist():
            raise _unreachable(constraint.labels[category], float(constraint.targets[category]))
    return np.where(counts, start, 0.0)


def _scaled(masses: Floats, constraint: _Constraint) -> Floats:
    """Meet one margin. Shares before targets: a share is at most 1, so nothing overflows."""
    current = _sums(masses, constraint)[constraint.codes]
    share = np.divide(masses, current, out=np.zeros_like(masses), where=current > 0)
    return share * constraint.targets[constraint.codes]


def _sums(masses: Floats, constraint: _Constraint) -> Floats:
    size = constraint.targets.size
    return np.bincount(constraint.codes, weights=masses, minlength=size).astype(np.float64)


def _errors(masses: Floats, constraint: _Constraint) -> Floats:
    """Return float64[categories], relative to the target; 0 where the target is 0, as it is met."""
    gap = np.abs(_sums(masses, constraint) - constraint.targets)
    targets = constraint.targets
    return np.divide(gap, targets, out=np.zeros_like(gap), where=targets > 0)


def _unmet(masses: Floats, constraints: list[_Constraint], rounds: int) -> ContradictionError:
    worst = max(constraints, key=lambda constraint: float(_errors(masses, constraint).max()))
    errors = _errors(masses, worst)
    category = int(np.argmax(errors))
    achieved, target = _sums(masses, worst)[category], worst.targets[category]
    return ContradictionError(
        f"comes to {achieved:.6g} instead of {target:.6g} (off by {100 * errors[category]:.2g} %) "
        f"after {rounds} rounds: margin {worst.name} contradicts the others or the rows.",
        field=worst.labels[category],
        fix="Correct its target, drop a margin, or add rows of combinations that are missing.",
    )
