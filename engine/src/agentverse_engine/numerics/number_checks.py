"""What is no number is refused with the name of its field: text, truth values, nan, fractions."""

import math
import operator
from typing import cast

import numpy as np

from agentverse_engine.errors import EngineError, RequestError


def whole(
    value: object, *, field: str, least: int, most: int | None, error: type[EngineError]
) -> int:
    """Return a whole number from least to most, or raise the error."""
    asked = f"from {least} to {most}" if most is not None else f"of {least} or more"
    fix = f"Use a whole number {asked}."
    if isinstance(value, bool | np.bool_):
        raise error(f"is {value}.", field=field, fix=fix)
    try:
        number = operator.index(value)  # pyright: ignore[reportArgumentType] # refused just below
    except TypeError as reason:
        raise error(f"is {value!r}.", field=field, fix=fix) from reason
    if number < least or (most is not None and number > most):
        raise error(f"is {number}.", field=field, fix=fix)
    return number


def at_least(field: str, value: object, least: int) -> int:
    """Return a whole number of `least` or more, or raise a RequestError."""
    return whole(value, field=field, least=least, most=None, error=RequestError)


def finite(value: object, *, field: str, error: type[EngineError]) -> float:
    """Return a finite number, or raise the error."""
    number = math.nan
    if isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_):
        try:
            number = float(cast("float", value))
        except (OverflowError, TypeError):  # more than a float holds, or complex
            number = math.inf
    if not math.isfinite(number):
        raise error(f"is {value!r:.40}.", field=field, fix="Give a finite number.")
    return number


def yes_or_no(value: object, *, field: str, error: type[EngineError]) -> bool:
    """Return a truth value, or raise the error: 'no' and None are none."""
    if not isinstance(value, bool | np.bool_):
        raise error(f"is {value!r}.", field=field, fix="Use True or False.")
    return bool(cast("bool", value))
