"""Prospect theory against the paper's own numbers, and as a rule of choice."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from societies.choice import deciders

import agentverse_engine as av
from agentverse_engine.errors import RequestError
from agentverse_engine.rules import ProspectPreferences, certainty_equivalent, gamble_value
from agentverse_engine.rules.prospect import value_of, weight_of

GAIN, LOSS = 0.61, 0.69
LINEAR = ProspectPreferences(
    value_exponent=1.0, loss_aversion=1.0, gain_weighting=1.0, loss_weighting=1.0
)
changes = st.floats(-1e4, 1e4)


@pytest.mark.parametrize(
    ("probability", "weighting", "expected"),
    [(0.01, GAIN, 0.055), (0.5, GAIN, 0.421), (0.99, GAIN, 0.912), (0.5, LOSS, 0.454)],
)
def test_weight_of_a_probability_is_that_of_the_paper(
    probability: float, weighting: float, expected: float
) -> None:
    assert weight_of(probability, weighting) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("weighting", [0.28, GAIN, LOSS, 1.0])
def test_weight_rises_from_zero_to_one(weighting: float) -> None:
    grid = np.linspace(0, 1, 1001)
    weights = np.array([weight_of(float(p), weighting) for p in grid])
    assert (weights[0], weights[-1]) == (0.0, 1.0)
    assert (np.diff(weights) > 0).all()
    # Written once more with the library's power: 2 ULP each for exp and log.
    inner = grid[1:-1]
    top = inner**weighting
    np.testing.assert_allclose(
        weights[1:-1], top / (top + (1 - inner) ** weighting) ** (1 / weighting), rtol=1e-13
    )


def test_value_of_a_change_is_that_of_the_paper() -> None:
    assert value_of(100.0, 0.88, 2.25) == pytest.approx(100**0.88, rel=1e-14)
    assert value_of(-100.0, 0.88, 2.25) == pytest.approx(-2.25 * 100**0.88, rel=1e-14)
    assert value_of(0.0, 0.88, 2.25) == 0.0


@pytest.mark.parametrize(
    ("probability", "gain", "loss"),
    [(0.05, 14, -8), (0.25, 25, -23.5), (0.5, 36, -42), (0.75, 52, -63), (0.95, 78, -84)],
)
def test_certainty_equivalents_are_near_the_medians_of_the_paper(
    probability: float, gain: float, loss: float
) -> None:
    """Table 3 of 1992 for (0, 100) and (0, -100): the fitted model misses no median by 5."""
    odds = [probability, 1 - probability]
    assert certainty_equivalent([100, 0], odds) == pytest.approx(gain, abs=5)
    assert certainty_equivalent([-100, 0], odds) == pytest.approx(loss, abs=5)
    exact = weight_of(probability, GAIN) ** (1 / 0.88) * 100
    assert certainty_equivalent([100, 0], odds) == pytest.approx(exact, rel=1e-12)


def test_risk_attitudes_show_the_fourfold_pattern() -> None:
    """Risk seeking for unlikely gains and likely losses, averse for likely gains, rare losses."""
    assert certainty_equivalent([100, 0], [0.05, 0.95]) > 5
    assert certainty_equivalent([100, 0], [0.95, 0.05]) < 95
    assert certainty_equivalent([-100, 0], [0.05, 0.95]) < -5
    assert certainty_equivalent([-100, 0], [0.95, 0.05]) > -95


def test_weights_of_a_mixed_gamble_cumulate_from_both_ends() -> None:
    """The die of 1992, section 1.3: win 2, 4, 6 if even, lose 1, 3, 5 if odd."""
    sixth = 1 / 6

    def w(p: float, weighting: float) -> float:
        return p**weighting / (p**weighting + (1 - p) ** weighting) ** (1 / weighting)

    gains = [w(3 * sixth, GAIN) - w(2 * sixth, GAIN), w(2 * sixth, GAIN) - w(sixth, GAIN)]
    losses = [w(3 * sixth, LOSS) - w(2 * sixth, LOSS), w(2 * sixth, LOSS) - w(sixth, LOSS)]
    expected = gains[0] * 2**0.88 + gains[1] * 4**0.88 + w(sixth, GAIN) * 6**0.88
    expected -= 2.25 * (losses[0] + losses[1] * 3**0.88 + w(sixth, LOSS) * 5**0.88)
    assert gamble_value([-5, -3, -1, 2, 4, 6], [sixth] * 6) == pytest.approx(expected, rel=1e-12)


@settings(deadline=None)
@given(st.lists(st.tuples(changes, st.floats(0.01, 1.0)), min_size=1, max_size=6))
def test_linear_preferences_give_the_expected_value(gamble: list[tuple[float, float]]) -> None:
    outcomes, weights = np.array(gamble).T
    odds = weights / weights.sum()
    expected = float(outcomes @ odds)
    found = gamble_value(outcomes, odds, preferences=LINEAR)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12 * float(np.abs(outcomes).max()))


@settings(deadline=None)
@given(
    st.lists(st.tuples(changes, st.floats(0.01, 1.0)), min_size=2, max_size=6),
    st.floats(0.1, 1e3),
)
def test_value_depends_on_no_order_and_rises_with_an_outcome(
    gamble: list[tuple[float, float]], better: float
) -> None:
    outcomes, weights = np.array(gamble).T
    odds = weights / weights.sum()
    value = gamble_value(outcomes, odds)
    order = np.random.default_rng(len(gamble)).permutation(len(gamble))
    scale = 1e-12 * (1 + abs(value) + float(np.abs(outcomes).max()))
    assert gamble_value(outcomes[order], odds[order]) == pytest.approx(value, rel=1e-11, abs=scale)
    improved = outcomes.copy()
    improved[0] += better
    assert gamble_value(improved, odds) > value


@settings(deadline=None)
@given(st.floats(0.01, 1e6), st.floats(1.0001, 4), st.floats(0.3, 1))
def test_losses_loom_larger_than_gains(change: float, aversion: float, exponent: float) -> None:
    assert value_of(-change, exponent, aversion) < -value_of(change, exponent, aversion)


@pytest.mark.parametrize(
    ("outcomes", "probabilities", "field"),
    [
        ([], [], "outcomes"),
        ([math.nan], [1.0], "outcomes"),
        ([math.inf], [1.0], "outcomes"),
        ([[1.0]], [[1.0]], "outcomes"),
        ([1.0, 2.0], [1.0], "probabilities"),
        ([1.0, 2.0], [0.5, 0.4], "probabilities"),
        ([1.0, 2.0], [1.5, -0.5], "probabilities"),
        ([1.0], [math.nan], "probabilities"),
    ],
)
def test_a_gamble_that_is_none_is_refused(
    outcomes: list[float], probabilities: list[float], field: str
) -> None:
    with pytest.raises(RequestError) as caught:
        gamble_value(outcomes, probabilities)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("value_exponent", 1.1),
        ("loss_aversion", 0.9),
        ("loss_aversion", math.nan),
        ("gain_weighting", 0.2),
        ("loss_weighting", 1.5),
    ],
)
def test_preferences_out_of_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(RequestError) as caught:
        ProspectPreferences(**{name: value})
    assert caught.value.field == name


MODEL = av.ChoiceModel(
    alternatives=("gas", "wood", "pump"), coefficients={"cost": -1.0}, constants={"wood": 0.3}
)
COSTS = (1.0, 2.0, 4.0)
PROSPECT = {"prospect": True}


def _choosing(*, prospect: bool, **defaults: float) -> av.Trajectory:
    scenario = deciders(
        2000,
        MODEL,
        costs=COSTS,
        flags={"prospect": prospect},
        social_rules=True,
        defaults={"conformity": 0.0, "replacement_rate": 1.0, **defaults},
    )
    return av.simulate_ensemble(scenario, threads=1)


def test_prospect_utility_with_exponent_one_is_linear_loss_aversion() -> None:
    curved = _choosing(prospect=True, value_exponent=1.0, loss_aversion=2.0)
    linear = _choosing(prospect=False, loss_aversion=2.0)
    np.testing.assert_array_equal(curved.stock, linear.stock)


def test_prospect_shares_are_the_softmax_of_prospect_values() -> None:
    """First tick, 3 shares of 8,000 choices: five standard errors, false alarms 2e-6."""
    run = _choosing(prospect=True, value_exponent=0.5, loss_aversion=2.0)
    before = np.arange(2000) % 3
    expected = np.zeros(3)
    for current in range(3):
        z = -1.0 * (np.array(COSTS) - COSTS[current])
        worth = np.where(z >= 0, np.abs(z) ** 0.5, -2.0 * np.abs(z) ** 0.5)
        base = -COSTS[current] + np.array([0.0, 0.3, 0.0])
        weights = np.exp(base + worth)
        expected += (before == current).mean() * weights / weights.sum()
    found = run.shares()[:, 1].mean(axis=0)
    error = np.sqrt(expected * (1 - expected) / 8000)
    assert (np.abs(found - expected) < 5 * error).all()
    linear = _choosing(prospect=True, value_exponent=1.0, loss_aversion=2.0)
    assert np.abs(linear.shares()[:, 1].mean(axis=0) - expected).max() > 10 * error.max()


def test_more_loss_aversion_never_adds_switching_to_the_dearer() -> None:
    """Common random numbers: from gas, both others cost more; the share that leaves falls."""
    scenario = deciders(
        3000,
        MODEL,
        costs=COSTS,
        flags=PROSPECT,
        horizon=1,
        social_rules=True,
        defaults={"conformity": 0.0, "replacement_rate": 1.0},
    )
    everyone_on_gas = replace(scenario.population, choice=np.zeros_like(scenario.population.choice))
    leaving: list[int] = []
    for aversion in (1.0, 2.25, 4.0):
        script = av.EventScript(variable="loss_aversion", operation="set", value=aversion)
        run = av.simulate_ensemble(
            replace(scenario, population=everyone_on_gas, event_scripts=(script,)), threads=1
        )
        leaving.append(int(run.flows[:, 1, ..., 1:].sum()))
    assert leaving[0] > leaving[1] > leaving[2]
