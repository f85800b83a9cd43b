"""What every generator refuses: sizes that are no size, numbers out of range, bad weights."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.errors import NetworkError
from agentverse_engine.numerics.number_checks import finite, whole

MOST_PERSONAS = 2**31 - 1  # a neighbour is an int32


def whole_number(field: str, value: object, *, least: int, most: int = MOST_PERSONAS) -> int:
    """Return the value, a whole number from least to most, or raise NetworkError."""
    return whole(value, field=field, least=least, most=most, error=NetworkError)


def probability(field: str, value: float) -> float:
    """Return the value, a number from 0 to 1, or raise NetworkError."""
    if not 0 <= finite(value, field=field, error=NetworkError) <= 1:
        raise NetworkError(f"is {value}.", field=field, fix="Use a number from 0 to 1.")
    return float(value)


def number_of_neighbours(field: str, value: float) -> float:
    """Return the value, a mean degree of 0 or more, or raise NetworkError."""
    if finite(value, field=field, error=NetworkError) < 0:
        raise NetworkError(f"is {value}.", field=field, fix="Use a number of 0 or more.")
    return float(value)


def numbers(field: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return float64, finite numbers of 0 or more in any shape, or raise NetworkError."""
    try:
        given = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as reason:
        raise NetworkError(
            "is not an array of numbers.", field=field, fix="Give rows of the same length."
        ) from reason
    wrong = np.argwhere(~(np.isfinite(given) & (given >= 0)))
    if wrong.size:
        position = tuple(int(index) for index in wrong[0])
        raise NetworkError(
            f"holds {given[position]} at {position}.",
            field=field,
            fix="Use finite numbers of 0 or more.",
        )
    return given


def persona_weights(field: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return float64[n], finite numbers of 0 or more for n >= 1 personas, or raise NetworkError."""
    weights = numbers(field, values)
    if weights.ndim != 1 or weights.size == 0:
        raise NetworkError(
            f"has the shape {weights.shape}.", field=field, fix="Give one number per persona."
        )
    return weights
