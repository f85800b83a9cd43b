"""Scores of series: scale against the naive forecast, turning points, direction."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentverse_engine import diagnostics as dg
from agentverse_engine.errors import RequestError

TRAINING = [10.0, 14.0, 11.0, 16.0, 12.0, 18.0]


def test_scaled_error_is_the_one_by_hand() -> None:
    # Season 2: |11-10|, |16-14|, |12-11|, |18-16| have the mean 1.5.
    score = dg.mean_absolute_scaled_error([13.0, 17.0], [12.0, 21.0], training=TRAINING, season=2)
    assert score == pytest.approx(2.5 / 1.5)


@given(st.floats(0.01, 100), st.floats(-100, 100))
def test_scaled_error_does_not_depend_on_the_unit(scale: float, shift: float) -> None:
    base = dg.mean_absolute_scaled_error([13.0, 17.0], [12.0, 21.0], training=TRAINING)
    moved = dg.mean_absolute_scaled_error(
        np.array([13.0, 17.0]) * scale + shift,
        np.array([12.0, 21.0]) * scale + shift,
        training=np.array(TRAINING) * scale + shift,
    )
    assert moved == pytest.approx(base, rel=1e-6)


def test_turning_point_error_counts_ticks_between_peaks_and_between_troughs() -> None:
    forecast, observed = [0.0, 5.0, 3.0, 1.0, -1.0], [0.0, -2.0, 3.0, 7.0, 1.0]
    assert dg.turning_point_error(forecast, observed) == 2
    assert dg.turning_point_error(forecast, observed, turn="trough") == 3


def test_turning_point_is_the_first_of_equals() -> None:
    assert dg.turning_point_error([0.0, 5.0, 5.0, 5.0], [7.0, 0.0, 0.0, 7.0]) == 1
    assert dg.turning_point_error([0.0, 5.0, 0.0, 0.0], [7.0, 0.0, 0.0, 7.0], turn="trough") == 1


def test_sign_hit_rate_counts_steps_of_the_same_direction() -> None:
    assert dg.sign_hit_rate([1, 2, 2, 1, 0], [5, 9, 9, 10, 2]) == 0.75
    assert dg.sign_hit_rate([1, 2, 3], [5, 5, 5]) == 0.0  # a level step is neither up nor down


def test_sign_hit_rate_of_the_series_itself_is_one_and_of_its_mirror_zero() -> None:
    series = np.cumsum(np.random.default_rng(1).normal(size=50))
    assert dg.sign_hit_rate(series, series) == 1.0
    assert dg.sign_hit_rate(-series, series) == 0.0


BAD: list[Callable[[], object]] = [
    lambda: dg.mean_absolute_scaled_error([1.0], [1.0], training=[1.0, 2.0], season=2),
    lambda: dg.mean_absolute_scaled_error([1.0], [1.0], training=[1.0, 2.0], season=0),
    lambda: dg.mean_absolute_scaled_error([1.0], [1.0], training=[2.0, 2.0]),
    lambda: dg.mean_absolute_scaled_error([1.0], [1.0, 2.0], training=[1.0, 2.0]),
    lambda: dg.mean_absolute_scaled_error([math.nan], [1.0], training=[1.0, 2.0]),
    lambda: dg.turning_point_error([1.0, 1.0], [1.0, 2.0]),
    lambda: dg.turning_point_error([1.0, 2.0], [1.0, 2.0], turn="bend"),  # type: ignore[arg-type]  # that is the point
    lambda: dg.sign_hit_rate([1.0], [1.0]),
    lambda: dg.sign_hit_rate([], []),
]


@pytest.mark.parametrize("call", BAD)
def test_series_scores_refuse_what_they_cannot_score(call: Callable[[], object]) -> None:
    with pytest.raises(RequestError):
        call()
