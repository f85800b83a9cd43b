"""Our exp and log against 60 digits of mpmath, and scalar against vectorised, bit for bit."""

# mpmath has no type stubs: its numbers stay inside _ulps.
# pyright: reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import math
from typing import Any

import mpmath
import numpy as np
import pytest

from agentverse_engine.numerics.mathematics import exponential, exponentials, logarithm, logarithms

mpmath.mp.dps = 60


def _ulps(value: float, truth: Any) -> float:
    return float(abs(mpmath.mpf(value) - truth) / mpmath.mpf(math.ulp(float(truth))))


def test_exponential_is_within_two_ulp() -> None:
    draw = np.random.default_rng(1)
    points = np.concatenate(
        [
            draw.uniform(-745, 709.7, 3000),
            draw.uniform(-2, 2, 3000),
            draw.normal(0, 1e-8, 500),
            np.log(2) * (np.arange(-1000, 1000) + 0.5),
        ]
    )
    worst = max(
        _ulps(value, mpmath.exp(mpmath.mpf(float(x))))
        for x, value in zip(points, exponentials(points), strict=True)
    )
    assert worst <= 2.0


def test_logarithm_is_within_two_ulp() -> None:
    draw = np.random.default_rng(2)
    points = np.concatenate(
        [
            2.0 ** draw.uniform(-1074, 1023.9, 3000),
            draw.uniform(0.4, 2.5, 3000),
            1.0 + draw.normal(0, 1e-9, 500),
        ]
    )
    points = points[points != 1.0]
    worst = max(
        _ulps(value, mpmath.log(mpmath.mpf(float(x))))
        for x, value in zip(points, logarithms(points), strict=True)
    )
    assert worst <= 2.0


def test_compiled_and_plain_versions_give_the_same_bits() -> None:
    points = np.random.default_rng(3).uniform(-740, 700, 2000)
    assert exponentials(points).tolist() == [exponential(float(x)) for x in points]
    positive = np.abs(points)
    assert logarithms(positive).tolist() == [logarithm(float(x)) for x in positive]


@pytest.mark.parametrize(
    ("x", "expected"),
    [(0.0, 1.0), (-math.inf, 0.0), (math.inf, math.inf), (-746.0, 0.0), (710.0, math.inf)],
)
def test_exponential_of_special_values(x: float, expected: float) -> None:
    assert exponential(x) == expected
    assert exponentials(x) == expected


@pytest.mark.parametrize(("x", "expected"), [(1.0, 0.0), (0.0, -math.inf), (math.inf, math.inf)])
def test_logarithm_of_special_values(x: float, expected: float) -> None:
    assert logarithm(x) == expected
    assert logarithms(x) == expected


def test_not_a_number_stays_so() -> None:
    assert math.isnan(exponential(math.nan))
    assert math.isnan(logarithm(math.nan))
    assert math.isnan(logarithm(-1.0))
