"""Whether a population has changed: stability index and KS per column, and a verdict on all."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.diagnostics.array_checks import (
    Floats,
    Integers,
    between_zero_and_one,
    finite,
)
from agentverse_engine.diagnostics.distances import kolmogorov_smirnov
from agentverse_engine.errors import RequestError
from agentverse_engine.inputs.population import Population
from agentverse_engine.numerics.number_checks import at_least

Band = Literal["stable", "moderate", "major"]
MODERATE = 0.1  # the bands of credit scoring (Siddiqi 2006)
MAJOR = 0.25
PSEUDO_COUNT = 0.5  # per bin and side (Jeffreys), so that an empty bin is not an infinite change


def population_stability_index(expected: ArrayLike, actual: ArrayLike) -> float:
    """Return PSI = sum (p - q) ln(p / q), 0 for no change (Siddiqi 2006; Jeffreys 1946).

    expected, actual: int64[bins] counts of people, 0 or more. Half a person is added to every bin
    of both. Without any change its mean is near (bins - 1) (1/n + 1/m) (Yurdakul 2018): in small
    samples the bands are passed by chance. RequestError: fractions, counts below 0 or all 0, or
    other bins in one than in the other.
    """
    reference, current = _counts("expected", expected), _counts("actual", actual)
    if reference.shape != current.shape:
        raise RequestError(
            f"has {current.size} bins, the expected {reference.size}.",
            field="actual",
            fix="Count both in the same bins.",
        )
    p, q = _smoothed(current), _smoothed(reference)
    return float(((p - q) * np.log(p / q)).sum())


def _counts(field: str, counts: ArrayLike) -> Floats:
    given = finite(field, counts)
    if (given < 0).any() or (given != np.floor(given)).any() or given.sum() == 0:
        raise RequestError(
            "must hold whole numbers of 0 or more that do not sum to 0.",
            field=field,
            fix="Give how many fall into each bin.",
        )
    return given


def _smoothed(counts: Floats) -> Floats:
    return (counts + PSEUDO_COUNT) / (counts.sum() + PSEUDO_COUNT * counts.size)


def stability_band(index: float) -> Band:
    """Return stable below 0.1, moderate up to 0.25, and major above (Siddiqi 2006).

    Raises RequestError for what is no index: nan, or below 0.
    """
    if not index >= 0.0:
        raise RequestError(f"is {index}.", field="index", fix="Give an index of 0 or more.")
    if index < MODERATE:
        return "stable"
    return "moderate" if index <= MAJOR else "major"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDrift:
    """The change of one column.

    chance_index: the index to expect without any change, in samples of this size; ks_statistic,
    ks_p_value: for columns of numbers, None for labels; significant: whether the p-value, by Holm's
    procedure over all columns, is an alarm.
    """

    column: str
    index: float
    chance_index: float
    band: Band
    ks_statistic: float | None
    ks_p_value: float | None
    significant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """Columns in their order; worst: the one with the largest index; mean_index: over columns.

    drifted: some column is in the band major, or significant. By chance alone `significant` comes
    up anywhere at most at the rate `false_alarm_rate`; the band has no such rate, but compare
    chance_index.
    """

    columns: tuple[ColumnDrift, ...]
    worst: ColumnDrift
    mean_index: float
    false_alarm_rate: float
    drifted: bool


def drift_report(
    reference: Mapping[str, ArrayLike],
    current: Mapping[str, ArrayLike],
    *,
    bins: int = 10,
    false_alarm_rate: float = 0.01,
) -> DriftReport:
    """Compare the columns of two samples of people, which must have the same names.

    reference, current: one value per person in each column, reals, whole numbers, labels or truth
    values. Reals, float64[n], are cut at the quantiles of the reference, where a value at two of
    them has a bin of its own, and compared by Kolmogorov-Smirnov as well; others are categories.
    Raises RequestError for unlike columns or kinds, empty ones, and numbers that are not finite.
    """
    at_least("bins", bins, 2)
    between_zero_and_one("false_alarm_rate", false_alarm_rate)
    if not len(reference) or set(reference) != set(current):
        raise RequestError(
            f"has the columns {', '.join(current) or '(none)'}; the reference "
            f"{', '.join(reference) or '(none)'}.",
            field="current",
            fix="Give both the same columns, and at least one.",
        )
    compared = [
        _column_drift(name, _column(reference[name]), _column(current[name]), bins)
        for name in reference
    ]
    columns = _with_alarms(compared, false_alarm_rate)
    return DriftReport(
        columns=columns,
        worst=max(columns, key=lambda column: column.index),
        mean_index=sum(column.index for column in columns) / len(columns),
        false_alarm_rate=false_alarm_rate,
        drifted=any(column.significant or column.band == "major" for column in columns),
    )


def population_drift(
    reference: Population,
    current: Population,
    *,
    bins: int = 10,
    false_alarm_rate: float = 0.01,
) -> DriftReport:
    """Compare two populations: every attribute, and segment, region and choice by their labels.

    RequestError: other attributes in one than in the other, bins or a rate out of range.
    """
    return drift_report(
        _population_columns(reference),
        _population_columns(current),
        bins=bins,
        false_alarm_rate=false_alarm_rate,
    )


def _population_columns(population: Population) -> dict[str, ArrayLike]:
    return {
        "segment": np.asarray(population.segments)[population.segment],
        "region": np.asarray(population.regions)[population.region],
        "choice": population.choice,
        **population.attributes,
    }


def _column(values: ArrayLike) -> NDArray[np.generic]:
    """Return an array; text that comes as objects, as in a column of a frame, is text."""
    given: NDArray[np.generic] = np.asarray(values)
    if given.dtype.kind == "O" and all(isinstance(value, str) for value in given.flat):
        return given.astype(np.str_)
    return given


def _column_drift(
    name: str, reference: NDArray[np.generic], current: NDArray[np.generic], bins: int
) -> ColumnDrift:
    if reference.dtype.kind == "f" and current.dtype.kind in "fiu":
        one, other = finite(name, reference), finite(name, current)
        compared = kolmogorov_smirnov(one, other)
        expected, actual = _binned_counts(one, other, bins)
        statistic, p_value = compared.statistic, compared.p_value
    else:
        expected, actual = _label_counts(name, reference, current)
        statistic, p_value = None, None
    index = population_stability_index(expected, actual)
    return ColumnDrift(
        column=name,
        index=index,
        chance_index=(expected.size - 1) * float(1.0 / expected.sum() + 1.0 / actual.sum()),
        band=stability_band(index),
        ks_statistic=statistic,
        ks_p_value=p_value,
        significant=False,
    )


def _binned_counts(one: Floats, other: Floats, bins: int) -> tuple[Integers, Integers]:
    """Count both between the quantiles of the first, in the bins in which there is somebody.

    Equal quantiles are a value that many share: it has a bin of its own, or a move to anywhere
    above it would not show.
    """
    quantiles, times = np.unique(np.quantile(one, np.arange(1, bins) / bins), return_counts=True)
    above = np.nextafter(quantiles[times > 1], np.inf)
    edges: Floats = np.union1d(quantiles, above)
    expected, actual = (
        np.bincount(edges.searchsorted(values, side="right"), minlength=edges.size + 1)
        for values in (one, other)
    )
    somebody = expected + actual > 0
    return expected[somebody], actual[somebody]


def _label_counts(
    name: str, reference: NDArray[np.generic], current: NDArray[np.generic]
) -> tuple[Integers, Integers]:
    """Count every label that occurs in either."""
    for values in (reference, current):
        if values.ndim != 1 or values.size == 0 or values.dtype.kind not in "biuUS":
            raise RequestError(
                "is empty, or neither numbers nor labels in both samples.",
                field=name,
                fix="Give one number or one text per person, of the same kind in both.",
            )
    if (reference.dtype.kind in "US") != (current.dtype.kind in "US"):
        raise RequestError(
            "is text in one sample only.", field=name, fix="Give the same kind in both."
        )
    labels, codes = np.unique(np.concatenate([reference, current]), return_inverse=True)
    return (
        np.bincount(codes[: reference.size], minlength=labels.size),
        np.bincount(codes[reference.size :], minlength=labels.size),
    )


def _with_alarms(columns: list[ColumnDrift], rate: float) -> tuple[ColumnDrift, ...]:
    """Mark alarms so that one anywhere by chance has at most this rate (Holm 1979)."""
    tested = sorted(
        (column.ks_p_value, position)
        for position, column in enumerate(columns)
        if column.ks_p_value is not None
    )
    alarms: set[int] = set()
    for step, (p_value, position) in enumerate(tested):
        if p_value > rate / (len(tested) - step):
            break
        alarms.add(position)
    return tuple(
        replace(column, significant=position in alarms) for position, column in enumerate(columns)
    )
