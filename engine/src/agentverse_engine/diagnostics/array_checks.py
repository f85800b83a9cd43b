"""What every diagnostic asks of its input: finite numbers, of a known shape, within a range."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import RequestError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def finite(field: str, values: ArrayLike, *, dimensions: int | None = 1) -> Floats:
    """Return float64, not empty and finite; `dimensions` None leaves the shape open."""
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise RequestError(
            "holds something that is not a number.", field=field, fix="Give numbers."
        ) from error
    if dimensions is not None and numbers.ndim != dimensions:
        raise RequestError(
            f"has {numbers.ndim} dimensions.", field=field, fix=f"Give an array of {dimensions}."
        )
    if numbers.size == 0:
        raise RequestError("is empty.", field=field, fix="Give at least one value.")
    bad = int((~np.isfinite(numbers)).sum())
    if bad:
        raise RequestError(
            f"holds {bad} values that are nan or infinite.",
            field=field,
            fix="Fill or drop them before.",
        )
    return numbers


def probabilities(field: str, values: ArrayLike, *, dimensions: int | None = 1) -> Floats:
    """Return float64 within [0, 1]."""
    numbers = finite(field, values, dimensions=dimensions)
    outside = numbers[(numbers < 0.0) | (numbers > 1.0)]
    if outside.size:
        raise RequestError(
            f"holds {outside[0]:g}, which is no probability.",
            field=field,
            fix="Use numbers from 0 to 1.",
        )
    return numbers


def binary(field: str, values: ArrayLike) -> Floats:
    """Return float64[n] of 0 (did not happen) and 1 (happened)."""
    numbers = finite(field, values)
    if not np.isin(numbers, (0.0, 1.0)).all():
        raise RequestError("holds more than 0 and 1.", field=field, fix="Use 0 for no, 1 for yes.")
    return numbers


def same_shape(
    field: str, values: NDArray[np.generic], other_field: str, other: NDArray[np.generic]
) -> None:
    """Refuse arrays that do not belong together."""
    if values.shape != other.shape:
        raise RequestError(
            f"has shape {values.shape}, {other_field} {other.shape}.",
            field=field,
            fix=f"Give one value per value of {other_field}.",
        )


def above_zero(field: str, value: float) -> float:
    """Return a finite number above 0."""
    if not (math.isfinite(value) and value > 0):
        raise RequestError(f"is {value}.", field=field, fix="Use a finite number above 0.")
    return value


def between_zero_and_one(field: str, value: float) -> float:
    """Return a number strictly between 0 and 1, such as a level of confidence."""
    if not 0.0 < value < 1.0:
        raise RequestError(f"is {value}.", field=field, fix="Use a number between 0 and 1.")
    return value
