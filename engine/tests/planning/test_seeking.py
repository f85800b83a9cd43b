"""Goal seek finds a planted value, and says where there is none."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentverse_engine.errors import PlanError
from agentverse_engine.planning.seeking import MOST_POINTS, seek

BETA, OTHER = -0.7, 0.4


def logit(value: float) -> np.ndarray:
    return np.full(5, 1 / (1 + math.exp(OTHER - BETA * value)))


@settings(max_examples=60, deadline=None)
@given(planted=st.floats(0.01, 9.99))
def test_a_planted_value_is_found(planted: float) -> None:
    goal = float(logit(planted)[0])
    found = seek(logit, goal=goal, lower=0.0, upper=10.0, tolerance=1e-9)
    assert found.reached
    assert found.nearest.value == pytest.approx(planted, abs=1e-5)
    assert found.lower <= found.nearest.value <= found.upper
    assert len(found.points) <= MOST_POINTS


@pytest.mark.parametrize("planted", [0.0, 10.0])
def test_a_bound_itself_is_an_answer_at_two_points(planted: float) -> None:
    goal = float(logit(planted)[0])
    found = seek(logit, goal=goal, lower=0.0, upper=10.0, tolerance=1e-9)
    assert (found.nearest.value, found.reached, len(found.points)) == (planted, True, 2)


def test_not_reachable_is_an_answer_with_what_is_nearest() -> None:
    found = seek(logit, goal=0.9, lower=0.0, upper=10.0, tolerance=1e-3)
    assert not found.reached
    assert math.isnan(found.lower)
    assert found.nearest.value == 0.0
    assert [point.value for point in found.points] == [0.0, 2.5, 5.0, 7.5, 10.0]


def test_a_hump_between_equal_ends_is_seen() -> None:
    def hump(value: float) -> np.ndarray:
        return np.array([math.exp(-(((value - 4.0) / 3.0) ** 2))])

    found = seek(hump, goal=0.5, lower=0.0, upper=10.0, tolerance=1e-6)
    assert found.reached
    assert float(hump(found.nearest.value)[0]) == pytest.approx(0.5, abs=1e-6)


def test_a_jump_over_the_goal_is_no_answer_but_a_narrow_bracket() -> None:
    def step(value: float) -> np.ndarray:
        return np.array([0.2 if value < math.pi else 0.6])

    found = seek(step, goal=0.4, lower=0.0, upper=10.0, tolerance=1e-3)
    assert not found.reached
    assert found.lower < math.pi <= found.upper
    assert found.upper - found.lower < 0.01


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("lower", {"lower": 10.0}),
        ("lower", {"lower": 3.0, "upper": 2.0}),
        ("tolerance", {"tolerance": 0.0}),
        ("goal", {"goal": math.nan}),
        ("upper", {"upper": math.inf}),
    ],
)
def test_what_is_no_bracket_is_refused(field: str, bad: dict[str, float]) -> None:
    asked = {"goal": 0.3, "lower": 0.0, "upper": 10.0, "tolerance": 0.01, **bad}
    goal, lower, upper, tolerance = asked.values()
    with pytest.raises(PlanError) as refused:
        seek(logit, goal=goal, lower=lower, upper=upper, tolerance=tolerance)
    assert refused.value.field == field


def test_nobody_who_chose_is_no_outcome() -> None:
    with pytest.raises(PlanError, match="nobody chose"):
        seek(lambda _: np.array([np.nan]), goal=0.3, lower=0.0, upper=1.0, tolerance=0.1)
