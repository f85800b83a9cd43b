"""Numbers that lie far from the rest of their column: a code for no answer, a slip, or real."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

# A lone end value is far when it lies this many times the spread of the rest away from it.
FAR_SPREADS: Final = 3.0
# What looks like a code need only stand clear of the spacing of its neighbours.
CODE_SPACINGS: Final = 4.0
CODE_SPREADS: Final = 0.2
MOST_ON_A_SIDE: Final = 3
FEWEST_VALUES: Final = 3
FEWEST_ROWS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Far:
    """A value with the number of rows that hold it; is_code: it looks like a code, as -99 does."""

    value: float
    rows: int
    is_code: bool


def find_far_values(numbers: NDArray[np.float64]) -> list[Far]:
    """Return what lies far below or above the rest, ascending. numbers: float64[n], all there."""
    values, counts = np.unique(numbers, return_counts=True)
    if numbers.size < FEWEST_ROWS or values.size < FEWEST_VALUES:
        return []
    low = _at_the_end(-values[::-1], counts[::-1], numbers=-numbers)
    high = _at_the_end(values, counts, numbers=numbers)
    below = [Far(value=-far.value, rows=far.rows, is_code=far.is_code) for far in low]
    return sorted([*below, *high], key=lambda far: far.value)


def _at_the_end(
    values: NDArray[np.float64], counts: NDArray[np.int64], *, numbers: NDArray[np.float64]
) -> list[Far]:
    """Peel the largest values off; what stops standing clear ends it, and nothing counts then."""
    for number in range(min(MOST_ON_A_SIDE, values.size - FEWEST_VALUES + 1), 0, -1):
        rest, far = values[:-number], values[-number:]
        codes = [_looks_like_code(value) for value in far.tolist()]
        if _stands_clear(rest, float(far[0]), numbers, is_code=all(codes)):
            return [
                Far(value=value, rows=rows, is_code=code)
                for value, rows, code in zip(
                    far.tolist(), counts[-number:].tolist(), codes, strict=True
                )
            ]
    return []


def _stands_clear(
    rest: NDArray[np.float64], far: float, numbers: NDArray[np.float64], *, is_code: bool
) -> bool:
    inside = numbers[numbers <= rest[-1]]
    spread = float(np.ptp(np.quantile(inside, (0.01, 0.99)))) or float(np.ptp(rest)) or 1.0
    distance = far - float(rest[-1])
    if distance > FAR_SPREADS * spread and inside.size > FEWEST_ROWS // 2:
        return True
    if not is_code:
        return False
    # -99 among numbers that are never negative (seen from below, signs are turned).
    if far > 0 >= rest[-1]:
        return True
    spacing = float(np.diff(rest).max())
    return far >= 10 and distance > max(CODE_SPACINGS * spacing, CODE_SPREADS * spread)


def _looks_like_code(value: float) -> bool:
    """-9, 99, 9999, -77, 88, -98 and a round million: what surveys write for no answer."""
    size = abs(value)
    if size != round(size):
        return False
    digits = str(int(size))
    repeated = len(set(digits)) == 1 and digits[0] in "6789"
    nines = len(digits) > 1 and set(digits[:-1]) == {"9"} and digits[-1] in "6789"
    round_million = size >= 1e6 and set(digits[1:]) == {"0"} and digits[0] == "1"
    return repeated or nines or round_million
