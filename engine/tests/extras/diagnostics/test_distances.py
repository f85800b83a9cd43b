"""Distances of samples against scipy, their metric properties and a stated false-alarm rate."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

import math
from collections.abc import Callable

import numpy as np
import pytest
import scipy.spatial.distance
import scipy.special
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from agentverse_engine import diagnostics as dg
from agentverse_engine.diagnostics.distances import kolmogorov_tail
from agentverse_engine.errors import RequestError

SAMPLE = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30)
MASSES = st.lists(st.floats(0.001, 10), min_size=4, max_size=4)


@given(SAMPLE, SAMPLE)
def test_wasserstein_distance_is_scipys(one: list[float], other: list[float]) -> None:
    expected = scipy.stats.wasserstein_distance(one, other)
    assert dg.wasserstein_distance(one, other) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(SAMPLE, st.floats(-50, 50))
def test_wasserstein_distance_of_a_shifted_sample_is_the_shift(
    sample: list[float], shift: float
) -> None:
    moved = np.asarray(sample) + shift
    assert dg.wasserstein_distance(sample, moved) == pytest.approx(abs(shift), abs=1e-9)


@given(MASSES, MASSES)
def test_jensen_shannon_divergence_is_scipys_distance_squared(
    one: list[float], other: list[float]
) -> None:
    value = dg.jensen_shannon_divergence(one, other)
    expected = scipy.spatial.distance.jensenshannon(one, other, base=2) ** 2
    assert value == pytest.approx(expected, abs=1e-9)
    assert value == pytest.approx(dg.jensen_shannon_divergence(other, one), abs=1e-12)


def test_jensen_shannon_divergence_is_one_bit_without_overlap_and_zero_with_itself() -> None:
    assert dg.jensen_shannon_divergence([1, 3, 0], [0, 0, 2]) == 1.0
    assert dg.jensen_shannon_divergence([1, 3, 0], [2, 6, 0]) == 0.0


@pytest.mark.parametrize("places", [0, 6])  # with and without ties
def test_kolmogorov_smirnov_statistic_is_scipys(places: int) -> None:
    draw = np.random.default_rng(3)
    for size in range(20, 120):
        one, other = draw.normal(size=size).round(places), draw.normal(size=70).round(places)
        expected, _ = scipy.stats.ks_2samp(one, other, method="asymp")
        assert dg.kolmogorov_smirnov(one, other).statistic == pytest.approx(expected, abs=1e-12)


def test_kolmogorov_tail_is_scipys_on_both_series() -> None:
    for scaled in (0.0, 0.3, 0.8, 1.17, 1.19, 1.5, 2.5):
        assert kolmogorov_tail(scaled) == pytest.approx(scipy.special.kolmogorov(scaled), rel=1e-9)


def test_kolmogorov_smirnov_p_value_is_near_the_exact_one() -> None:
    # For these sizes and p < 1/2 Stephens' correction misses by at most 0.0062, its absence 0.037.
    draw = np.random.default_rng(1)
    one, other = draw.normal(size=80), draw.normal(size=60)
    for shift in np.arange(0.2, 0.7, 0.1):
        _, exact = scipy.stats.ks_2samp(one, other + shift, method="exact")
        found = dg.kolmogorov_smirnov(one, other + shift).p_value
        assert found == pytest.approx(exact, abs=0.0063)


def test_kolmogorov_smirnov_raises_its_nominal_false_alarms() -> None:
    # 1,000 pairs without a difference at 5 %: 85 alarms or more, or fewer than 20, come less than
    # three times in a million if the rate is 5 %.
    draw = np.random.default_rng(2)
    alarms = sum(
        dg.kolmogorov_smirnov(draw.normal(size=150), draw.normal(size=100)).p_value < 0.05
        for _ in range(1000)
    )
    assert 20 <= alarms < 85


BAD: list[Callable[[], object]] = [
    lambda: dg.wasserstein_distance([], [1.0]),
    lambda: dg.wasserstein_distance([math.nan], [1.0]),
    lambda: dg.jensen_shannon_divergence([0.0, 0.0], [1.0, 0.0]),
    lambda: dg.jensen_shannon_divergence([-1.0, 2.0], [1.0, 0.0]),
    lambda: dg.jensen_shannon_divergence([1.0], [1.0, 0.0]),
    lambda: dg.kolmogorov_smirnov([1.0], []),
    lambda: dg.kolmogorov_smirnov([[1.0]], [1.0]),
]


@pytest.mark.parametrize("call", BAD)
def test_distances_refuse_what_they_cannot_compare(call: Callable[[], object]) -> None:
    with pytest.raises(RequestError):
        call()
