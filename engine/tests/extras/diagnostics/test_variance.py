"""Variance splits recover what a constructed outcome was made of."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentverse_engine import diagnostics as dg
from agentverse_engine.errors import RequestError


def _shares(split: dg.VarianceSplit) -> dict[str, float]:
    return {entry.source: entry.share for entry in split.shares}


def test_crossed_variance_of_an_additive_outcome_is_exact() -> None:
    parameter, population, seed = (
        np.array([0.0, 4.0]),
        np.array([1.0, 2.0, 3.0]),
        np.array([0, 2.0]),
    )
    outcomes = parameter[:, None, None] + population[:, None] + seed
    split = dg.crossed_variance(outcomes, ("parameter", "population", "seed"))
    assert split.total == pytest.approx(8.0 + 1.0 + 2.0)
    assert split.share("parameter") == pytest.approx(8 / 11)
    assert split.share("population") == pytest.approx(1 / 11)
    assert split.share("seed") == pytest.approx(2 / 11)
    assert split.share("interaction") == pytest.approx(0.0, abs=1e-12)


def test_crossed_variance_recovers_drawn_components() -> None:
    # With 150 levels a component strays by 4 * sqrt(2/149) = 46 % once in 15,000; the pooled
    # interaction has 150 * 150 values and strays by 4 %.
    draw = np.random.default_rng(1)
    rows, columns = draw.normal(0, 2, 150), draw.normal(0, 1, 150)
    outcomes = rows[:, None, None] + columns[:, None] + draw.normal(0, 1, (150, 150, 1))
    split = dg.crossed_variance(
        outcomes + draw.normal(0, 3, (150, 150, 4)), ("parameter", "structure"), replicate="seed"
    )
    found = {entry.source: entry.variance for entry in split.shares}
    assert found["parameter"] == pytest.approx(4, rel=0.46)
    assert found["structure"] == pytest.approx(1, rel=0.46)
    assert found["interaction"] == pytest.approx(1, rel=0.15)
    assert found["seed"] == pytest.approx(9, rel=0.04)


def test_nested_variance_recovers_drawn_components() -> None:
    # 400 outer, 400 * 10 middle, 400 * 10 * 5 inner values: 4 standard errors of each component.
    draw = np.random.default_rng(2)
    outcomes = (
        draw.normal(0, 2, (400, 1, 1))
        + draw.normal(0, 1, (400, 10, 1))
        + draw.normal(0, 1.5, (400, 10, 5))
    )
    split = dg.nested_variance(outcomes, ("population", "parameter", "seed"))
    found = {entry.source: entry.variance for entry in split.shares}
    assert found["population"] == pytest.approx(4, rel=0.3)
    assert found["parameter"] == pytest.approx(1, rel=0.15)
    assert found["seed"] == pytest.approx(2.25, rel=0.05)
    assert [entry.source for entry in split.shares] == ["population", "parameter", "seed"]


def test_nested_variance_of_one_factor_is_the_sample_variance() -> None:
    split = dg.nested_variance([1.0, 2.0, 6.0], ("seed",))
    assert split.total == pytest.approx(7.0)
    assert split.share("seed") == 1.0


def test_variance_of_a_source_without_effect_is_named_not_hidden() -> None:
    # Cell means are all 0, so the parameter's estimate is minus the noise of a mean.
    split = dg.nested_variance([[1.0, -1.0], [1.0, -1.0]], ("parameter", "seed"))
    assert split.negative == ("parameter",)
    assert _shares(split) == {"parameter": 0.0, "seed": 1.0}


def test_crossed_variance_takes_the_noise_of_means_off() -> None:
    # By hand: cells [[4, 0], [1, 1]] of runs +-1. Mean squares: rows 0.25 * 4 = 1, columns 4, rest
    # 4 over cells; within 2. Interaction 4 - 2/2 = 3; rows (1 - 4)/2 < 0; columns (4 - 4)/2 = 0.
    cells = np.array([[4.0, 0.0], [1.0, 1.0]])
    outcomes = cells[:, :, None] + np.array([-1.0, 1.0])
    split = dg.crossed_variance(outcomes, ("rows", "columns"), replicate="seed")
    assert {entry.source: entry.variance for entry in split.shares} == {
        "rows": 0.0,
        "columns": 0.0,
        "interaction": 3.0,
        "seed": 2.0,
    }
    assert split.negative == ("rows",)


@given(st.lists(st.floats(-100, 100), min_size=24, max_size=24).filter(lambda v: np.ptp(v) > 1e-3))
def test_shares_sum_to_one_whatever_the_design(values: list[float]) -> None:
    table = np.array(values).reshape(3, 2, 4)
    for split in (
        dg.crossed_variance(table, ("a", "b", "c")),
        dg.crossed_variance(table, ("a", "b"), replicate="c"),
        dg.nested_variance(table, ("a", "b", "c")),
    ):
        assert sum(_shares(split).values()) == pytest.approx(1.0)
        assert min(_shares(split).values()) >= 0.0


BAD: list[Callable[[], object]] = [
    lambda: dg.crossed_variance([], ("a",)),
    lambda: dg.crossed_variance([1.0, 2.0], ("a",)),
    lambda: dg.crossed_variance([[1.0, 2.0]], ("a", "b")),
    lambda: dg.crossed_variance([[1.0, 2.0], [1.0, math.nan]], ("a", "b")),
    lambda: dg.crossed_variance([[1.0, 1.0], [1.0, 1.0]], ("a", "b")),
    lambda: dg.crossed_variance([[1.0, 2.0], [3.0, 5.0]], ("a", "a")),
    lambda: dg.crossed_variance([[1.0, 2.0], [3.0, 5.0]], ("a", "interaction")),
    lambda: dg.crossed_variance([[1.0, 2.0], [3.0, 5.0]], ("a", "b"), replicate="c"),
    lambda: dg.nested_variance([[1.0], [2.0]], ("a", "seed")),
    lambda: dg.nested_variance([1.0, 2.0], ()),
]


@pytest.mark.parametrize("call", BAD)
def test_variance_split_refuses_what_it_cannot_split(call: Callable[[], object]) -> None:
    with pytest.raises(RequestError):
        call()
