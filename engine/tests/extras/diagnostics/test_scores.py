"""Forecast scores against their published definitions, identities and other implementations."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

import math
from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats
import scoringrules
from hypothesis import given
from hypothesis import strategies as st

from agentverse_engine import diagnostics as dg
from agentverse_engine.errors import RequestError

CASES = st.lists(
    st.tuples(st.floats(0, 1, allow_nan=False), st.integers(0, 1)), min_size=1, max_size=60
)


def _forecasts(cases: list[tuple[float, int]]) -> tuple[list[float], list[int]]:
    return [said for said, _ in cases], [was for _, was in cases]


def test_brier_score_and_log_score_are_those_of_scoringrules() -> None:
    draw = np.random.default_rng(1)
    said, was = draw.uniform(0.01, 0.99, 300), draw.integers(0, 2, 300)
    brier = np.mean([scoringrules.brier_score(o, p) for o, p in zip(was, said, strict=True)])
    logs = np.mean([scoringrules.log_score(o, p) for o, p in zip(was, said, strict=True)])
    assert dg.brier_score(said, was) == pytest.approx(brier, rel=1e-12)
    assert dg.log_score(said, was) == pytest.approx(logs, rel=1e-12)


def test_log_score_of_an_impossible_event_is_infinite_and_of_a_sure_one_zero() -> None:
    assert dg.log_score([0.0], [1]) == math.inf
    assert dg.log_score([0.0, 1.0], [0, 1]) == 0.0


@given(CASES)
def test_brier_decomposition_adds_up_with_distinct_forecasts(
    cases: list[tuple[float, int]],
) -> None:
    said, was = _forecasts(cases)
    parts = dg.brier_decomposition(said, was)
    assert parts.within_bins == pytest.approx(0.0, abs=1e-12)
    rebuilt = parts.reliability - parts.resolution + parts.uncertainty
    assert rebuilt == pytest.approx(dg.brier_score(said, was), abs=1e-12)


@given(CASES, st.integers(1, 12))
def test_brier_decomposition_adds_up_with_bins(cases: list[tuple[float, int]], bins: int) -> None:
    said, was = _forecasts(cases)
    parts = dg.brier_decomposition(said, was, bins=bins)
    rebuilt = parts.reliability - parts.resolution + parts.uncertainty + parts.within_bins
    assert rebuilt == pytest.approx(parts.brier, abs=1e-12)
    assert min(parts.reliability, parts.resolution, parts.uncertainty) >= 0.0


def test_brier_decomposition_of_two_groups_is_the_one_by_hand() -> None:
    # 0.2 said four times, true once; 0.8 said four times, true four times.
    parts = dg.brier_decomposition([0.2] * 4 + [0.8] * 4, [1, 0, 0, 0, 1, 1, 1, 1])
    assert parts.reliability == pytest.approx((0.05**2 + 0.2**2) / 2)
    assert parts.resolution == pytest.approx((0.375**2 + 0.375**2) / 2)
    assert parts.uncertainty == pytest.approx(0.625 * 0.375)


@given(CASES, st.randoms(use_true_random=False))
def test_calibration_error_does_not_depend_on_the_order_of_cases(
    cases: list[tuple[float, int]], shuffle: object
) -> None:
    said, was = _forecasts(cases)
    value = dg.expected_calibration_error(said, was, bins=5)
    shuffle.shuffle(cases)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    said, was = _forecasts(cases)
    assert dg.expected_calibration_error(said, was, bins=5) == pytest.approx(value, abs=1e-12)
    assert 0.0 <= value <= 1.0


def test_calibration_error_is_the_one_by_hand() -> None:
    # Bins of two: |0 - 0.15| and |1 - 0.45|; of three equal forecasts and one: |1/3 - 0.1|, 0.4.
    halves = dg.expected_calibration_error([0.1, 0.2, 0.3, 0.6], [0, 0, 1, 1], bins=2)
    assert halves == pytest.approx((0.15 + 0.55) / 2)
    ties = dg.expected_calibration_error([0.1, 0.1, 0.1, 0.6], [0, 0, 1, 1], bins=2)
    assert ties == pytest.approx(0.75 * (1 / 3 - 0.1) + 0.25 * 0.4)


def test_calibration_error_is_the_bias_of_a_biased_forecast() -> None:
    # 1,000 cases per bin: the mean absolute binomial error is at most sqrt(2/pi * .25/1000) =
    # 0.0126 and sums of ten bins stray by less than 0.02 but once in 1e6 (Hoeffding).
    draw = np.random.default_rng(2)
    truth = draw.uniform(0.1, 0.7, 10_000)
    was = (draw.random(10_000) < truth).astype(int)
    assert dg.expected_calibration_error(truth, was) < 0.03
    assert dg.expected_calibration_error(truth + 0.2, was) == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize("fair", [True, False])
def test_crps_is_that_of_scoringrules(fair: bool) -> None:
    draw = np.random.default_rng(3)
    members, seen = draw.normal(1e6, 2.0, size=(17, 40)), draw.normal(1e6, 3.0, size=40)
    theirs = scoringrules.crps_ensemble(
        seen, members, m_axis=0, estimator="fair" if fair else "nrg"
    )
    assert theirs is not None
    ours = dg.continuous_ranked_probability_score(members, seen, fair=fair)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


def test_crps_with_whole_weights_is_that_of_repeated_members() -> None:
    draw = np.random.default_rng(4)
    members, seen, times = (
        draw.normal(size=(6, 9)),
        draw.normal(size=9),
        np.array([1, 2, 0, 3, 1, 4]),
    )
    weighted = dg.continuous_ranked_probability_score(members, seen, weights=times, fair=False)
    repeated = dg.continuous_ranked_probability_score(
        np.repeat(members, times, axis=0), seen, fair=False
    )
    np.testing.assert_allclose(weighted, repeated, rtol=1e-12)


def test_crps_of_one_member_is_its_absolute_error() -> None:
    score = dg.continuous_ranked_probability_score([[3.0, -1.0]], [1.0, 1.0], fair=False)
    np.testing.assert_array_equal(score, [2.0, 2.0])


def test_fair_crps_does_not_depend_on_the_size_of_the_ensemble() -> None:
    # E CRPS of N(0, 1) against itself is 1/sqrt(pi). A case's score stays below 4.5 here with a
    # standard deviation below 1, so the mean of 20,000 strays by 0.03 less than once in 1e4.
    draw = np.random.default_rng(5)
    for members in (2, 5, 40):
        ensemble = draw.normal(size=(members, 20_000))
        score = dg.continuous_ranked_probability_score(ensemble, draw.normal(size=20_000))
        assert score.mean() == pytest.approx(1 / math.sqrt(math.pi), abs=0.03)


def test_interval_coverage_of_exchangeable_members_is_the_level() -> None:
    # 40,000 cases: a share strays from its level by 0.01 (4 sigma) once in 15,000.
    draw = np.random.default_rng(6)
    covered = dg.interval_coverage(draw.normal(size=(19, 40_000)), draw.normal(size=40_000))
    assert [interval.level for interval in covered] == [0.5, 0.8, 0.9]
    for interval in covered:
        assert interval.share == pytest.approx(interval.level, abs=0.01)
        assert interval.cases == 40_000


def test_interval_coverage_needs_members_enough_for_its_level() -> None:
    with pytest.raises(RequestError, match="Use 19 or more"):
        dg.interval_coverage(np.zeros((18, 3)), np.zeros(3), levels=[0.9])


@pytest.mark.parametrize("whole", [False, True])
def test_pit_of_exchangeable_members_is_uniform_even_with_ties(whole: bool) -> None:
    # One-sample KS at 1e-4: the stated false-alarm rate of each of the two runs.
    draw = np.random.default_rng(7)
    values = draw.poisson(2.0, size=(10, 5000)) if whole else draw.normal(size=(10, 5000))
    ranks = dg.probability_integral_transform(values[1:], values[0], seed=1)
    assert scipy.stats.kstest(ranks, "uniform").pvalue > 1e-4


def test_pit_of_a_biased_ensemble_is_not_uniform() -> None:
    draw = np.random.default_rng(8)
    ranks = dg.probability_integral_transform(
        draw.normal(0.5, size=(9, 5000)), draw.normal(size=5000), seed=1
    )
    assert scipy.stats.kstest(ranks, "uniform").pvalue < 1e-12


BAD: list[Callable[[], object]] = [
    lambda: dg.brier_score([], []),
    lambda: dg.brier_score([1.2], [1]),
    lambda: dg.brier_score([-0.1], [0]),
    lambda: dg.brier_score([math.nan], [0]),
    lambda: dg.brier_score([0.5], [0.5]),
    lambda: dg.brier_score([0.5, 0.5], [1]),
    lambda: dg.brier_score(["half"], [1]),
    lambda: dg.log_score([2.0], [1]),
    lambda: dg.brier_decomposition([0.5], [1], bins=0),
    lambda: dg.expected_calibration_error([0.5], [1], bins=0),
    lambda: dg.continuous_ranked_probability_score([[1.0]], [1.0]),
    lambda: dg.continuous_ranked_probability_score([[1.0], [2.0]], [math.inf]),
    lambda: dg.continuous_ranked_probability_score(np.zeros((0, 1)), [1.0]),
    lambda: dg.continuous_ranked_probability_score([[1.0], [2.0]], [1.0], weights=[1.0]),
    lambda: dg.continuous_ranked_probability_score([[1.0], [2.0]], [1.0], weights=[1.0, -1.0]),
    lambda: dg.continuous_ranked_probability_score([[1.0], [2.0]], [1.0], weights=[1.0, 0.0]),
    lambda: dg.continuous_ranked_probability_score([[1.0], [2.0]], [1.0], weights=[1.0, 1e-300]),
    lambda: dg.interval_coverage(np.zeros((30, 2)), [0.0]),
    lambda: dg.interval_coverage(np.zeros((30, 2)), [0.0, 0.0], levels=[1.0]),
    lambda: dg.interval_coverage(np.zeros((30, 2)), [0.0, 0.0], levels=0.5),  # type: ignore[arg-type]
    lambda: dg.probability_integral_transform([[1.0]], [math.nan], seed=1),
    lambda: dg.probability_integral_transform([[1.0]], [1.0], seed=-1),
]


@pytest.mark.parametrize("call", BAD)
def test_scores_refuse_what_they_cannot_score(call: Callable[[], object]) -> None:
    with pytest.raises(RequestError) as caught:
        call()
    assert caught.value.field
    assert caught.value.fix
