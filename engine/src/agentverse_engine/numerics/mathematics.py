"""exp and log in one fixed order of IEEE operations, so that every CPU gives the same bits.

Library versions differ between CPUs by several units in the last place (ULP); these stay within
2 ULP of the true value (tested against mpmath) and use only + - * / and exact scalings.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agentverse_engine.numerics.compiled import compiled, inlined

LN2 = 0.6931471805599453
INVERSE_LN2 = 1.4426950408889634
# ln 2 in two parts (Cody & Waite 1980): the upper has 21 trailing zero bits, so k * LN2_HIGH is
# exact for every exponent k of a double.
LN2_HIGH = 0.6931471803691238
LN2_LOW = 1.9082149292705877e-10
SQRT_HALF = 0.7071067811865476
LARGEST_EXPONENT = 709.782712893384
SMALLEST_EXPONENT = -745.1332191019412
LOWEST_POWER = -1022
POWERS_OF_TWO: NDArray[np.float64] = np.array([math.ldexp(1.0, k) for k in range(-1022, 1024)])


def exponential(x: float) -> float:
    """Return e**x: x = k ln 2 + r, Taylor polynomial of degree 13 in r, |r| <= ln(2)/2."""
    if x != x:
        return x
    if x > LARGEST_EXPONENT:
        return math.inf
    if x < SMALLEST_EXPONENT:
        return 0.0
    k = math.floor(x * INVERSE_LN2 + 0.5)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    p = 1.0 / 6227020800.0
    p = p * r + 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = 1.0 + (r + r * r * p)
    half = k >> 1  # two scalings: 2**k itself may be out of range where the result is not
    return p * POWERS_OF_TWO[half - LOWEST_POWER] * POWERS_OF_TWO[k - half - LOWEST_POWER]


def logarithm(x: float) -> float:
    """Return the natural logarithm: x = 2**k m, then the series of 2 atanh((m-1)/(m+1))."""
    if x != x or x < 0.0:
        return math.nan
    if x == 0.0:
        return -math.inf
    if x == math.inf:
        return x
    m, k = math.frexp(x)
    if m < SQRT_HALF:
        m, k = m * 2.0, k - 1
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    p = 2.0 / 23.0
    p = p * z + 2.0 / 21.0
    p = p * z + 2.0 / 19.0
    p = p * z + 2.0 / 17.0
    p = p * z + 2.0 / 15.0
    p = p * z + 2.0 / 13.0
    p = p * z + 2.0 / 11.0
    p = p * z + 2.0 / 9.0
    p = p * z + 2.0 / 7.0
    p = p * z + 2.0 / 5.0
    p = p * z + 2.0 / 3.0
    half_square = 0.5 * f * f
    # log(1+f) = f - f²/2 + s (f²/2 + z p): f is exact and the rest is small beside it.
    return k * LN2_HIGH - ((half_square - (s * (half_square + z * p) + k * LN2_LOW)) - f)


exponential_inlined = inlined(exponential)
logarithm_inlined = inlined(logarithm)


@compiled
def _exponentials(values: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    for position in range(values.size):
        out[position] = exponential_inlined(values[position])


@compiled
def _logarithms(values: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    for position in range(values.size):
        out[position] = logarithm_inlined(values[position])


def exponentials(values: ArrayLike) -> NDArray[np.float64]:
    """Return e**values, float64 of the same shape."""
    given = np.array(values, dtype=np.float64, order="C")
    out = np.empty_like(given)
    _exponentials(given.reshape(-1), out.reshape(-1))
    return out


def logarithms(values: ArrayLike) -> NDArray[np.float64]:
    """Return the natural logarithms, float64 of the same shape."""
    given = np.array(values, dtype=np.float64, order="C")
    out = np.empty_like(given)
    _logarithms(given.reshape(-1), out.reshape(-1))
    return out
