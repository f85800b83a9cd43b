"""Consumption: a budget exact to the cent, published responses to rates, habit, neighbours."""

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from societies.choice import UNCHANGED
from societies.economy import PACK, households, random_scenario

import agentverse_engine as av
from agentverse_engine.execution.checkpoints import Checkpoint
from agentverse_engine.reference import simulate_reference
from agentverse_engine.reference.rules import EQUATIONS
from agentverse_engine.rules.consumption import budgeted, earned, habitual, kept_up

INCOME, SPENDING, SAVING, WEALTH, DEVIATION = range(5)
UNCONSTRAINED, HAND_TO_MOUTH = 0, 1
STEP = 2.0**-24  # of the level `deviation`
HIKE_TICK = 1
Cents = NDArray[np.int64]
SHARES = tuple(product(("0.05", "0.25", "-0.5"), (0.35, 0.5), (0.0, 0.5)))


def _history(scenario: av.Scenario) -> Cents:
    """Return int64[horizon, levels, n], what is stored of the first replicate after each tick."""
    kept: list[Checkpoint] = []
    av.simulate(scenario, threads=1, checkpoint_every=1, keep_checkpoint=kept.append)
    return np.stack([one.state.levels[:, :, 0].astype(np.int64) for one in kept])


def _start(scenario: av.Scenario) -> Cents:
    return np.stack(
        [
            level.stored(
                scenario.population.attributes.get(
                    level.name, np.full(len(scenario.population), level.default)
                )
            ).astype(np.int64)
            for level in scenario.pack.levels
        ]
    )


def _check_budgets(scenario: av.Scenario) -> None:
    history, before = _history(scenario), _start(scenario)
    np.testing.assert_array_equal(history[:, INCOME], history[:, SPENDING] + history[:, SAVING])
    wealth = np.concatenate([before[None, WEALTH], history[:, WEALTH]])
    np.testing.assert_array_equal(np.diff(wealth, axis=0), history[:, SAVING])
    assert (history[:, SPENDING] >= 0).all()


@pytest.mark.parametrize("seed", range(30))
def test_budget_adds_up_in_random_societies(seed: int) -> None:
    """Some without income, in debt, very rich; scripts of every kind. Every cent, every tick."""
    _check_budgets(random_scenario(seed))


events = st.lists(
    st.tuples(st.sampled_from(PACK.variables), st.floats(0, 1), st.integers(0, 6), st.booleans()),
    max_size=5,
)
parameters = st.fixed_dictionaries(
    {},
    optional={
        variable.name: st.floats(variable.minimum, variable.maximum) for variable in PACK.variables
    },
)


@settings(deadline=None, max_examples=60)
@given(parameters, events)
def test_budget_adds_up_whatever_parameters_and_events(
    defaults: dict[str, float], shocks: list[tuple[av.Variable, float, int, bool]]
) -> None:
    scripts = tuple(
        av.EventScript(
            variable=variable.name,
            operation="set",
            value=variable.minimum + share * (variable.maximum - variable.minimum),
            scope=av.Scope(start_tick=start),
            intensity=av.IntensityProfile(kind="pulse" if pulse else "step"),
        )
        for variable, share, start, pulse in shocks
    )
    _check_budgets(households(30, horizon=6, event_scripts=scripts, defaults=defaults))


def test_budget_of_half_cents_is_in_whole_cents() -> None:
    """1.01 and half as much again is 1.515: rounded apart, spending and saving would miss one."""
    spending, saving, wealth, _, _ = budgeted(UNCONSTRAINED, 0.5, 2.0, 2.0, 1.01, 0.0, 0.74)
    assert (spending, saving, wealth) == (1.52, 0.48, 0.48)


def test_households_that_are_drawn_start_with_a_budget_that_adds_up() -> None:
    start = _start(households())
    np.testing.assert_array_equal(start[INCOME], start[SPENDING] + start[SAVING])


def test_without_events_nothing_moves_but_wealth() -> None:
    scenario = households(choice=UNCONSTRAINED)
    start = _start(scenario)
    for now in _history(scenario):
        np.testing.assert_array_equal(now[[INCOME, SPENDING, DEVIATION]], start[[0, 1, 4]])


def _hike(**profile: object) -> av.EventScript:
    return av.EventScript(
        variable="interest_rate",
        operation="add",
        value=1.0,
        scope=av.Scope(start_tick=HIKE_TICK),
        intensity=av.IntensityProfile(**profile),  # type: ignore[arg-type]
    )


def _response(
    *event_scripts: av.EventScript,
    choice: int | None = None,
    defaults: Mapping[str, float] = UNCHANGED,
) -> NDArray[np.float64]:
    """Return float64[horizon+1], mean spending against a run without the scripts, in percent."""
    base, moved = (
        av.simulate(households(event_scripts=scripts, choice=choice, defaults=defaults), threads=1)
        for scripts in ((), event_scripts)
    )
    return 100 * (moved.level_means("spending")[0] / base.level_means("spending")[0] - 1)


@pytest.mark.parametrize("half_life", [2.0, 3.0, 4.0])
def test_a_passing_rate_hike_lowers_spending_as_published(half_life: float) -> None:
    """Christiano, Eichenbaum & Evans 2005: lowest by 0.2 to 0.6 %, 4 to 8 quarters later."""
    response = _response(_hike(kind="exponential_decay", half_life_ticks=half_life))
    lag = int(response.argmin()) - HIKE_TICK
    assert 4 <= lag <= 8
    assert -0.6 <= response.min() <= -0.2
    assert (response[HIKE_TICK:] < 0).all()
    assert response[24] > 0.3 * response.min()


def test_a_lasting_rate_hike_settles_at_the_euler_target() -> None:
    """All unconstrained, none to keep up with: exp(effect) - 1 by hand; cents and steps aside.

    After 24 ticks 0.75**24 = 0.001 of the way is left in the rate, and about as much of habit.
    """
    response = _response(
        _hike(), choice=UNCONSTRAINED, defaults={"keeping_up": 0.0, "confidence_effect": 0.0}
    )
    expected = 100 * (math.exp(-0.3 * 12 * 1.0 / 400) - 1)
    assert response[24] == pytest.approx(expected, rel=5e-3)


def test_a_confidence_coupling_deepens_the_answer_to_a_hike() -> None:
    with_mood = _response(_hike())
    without = _response(_hike(), defaults={"confidence_effect": 0.0})
    assert with_mood[24] < without[24] < 0


@pytest.mark.parametrize("habit", [0.3, 0.6, 0.9])
def test_habit_closes_the_same_share_of_the_gap_each_quarter(habit: float) -> None:
    """x* - x(t) = habit**t x*, so half of the gap is left after ln 0.5 / ln habit quarters."""
    raise_ = av.EventScript(
        variable="income_change", operation="set", value=0.1, scope=av.Scope(start_tick=1)
    )
    scenario = households(
        100,
        event_scripts=(raise_,),
        choice=UNCONSTRAINED,
        horizon=12,
        defaults={"habit": habit, "keeping_up": 0.0},
    )
    before = _start(scenario)
    gain: NDArray[np.float64] = before[INCOME] * 0.1
    target = 0.35 * gain / before[SPENDING]
    deviation = _history(scenario)[:, DEVIATION] * STEP
    left = 1 - habit ** np.arange(1, 13)[:, None]
    # Half a step of rounding a tick, of which habit keeps its share; income: half a cent's part.
    slack = STEP / (1 - habit) + 1.0 / before[SPENDING]
    assert (np.abs(deviation - left * target) <= slack).all()


@pytest.mark.parametrize(
    ("name", "doses", "sign"),
    [
        ("substitution", (0.0, 0.1, 0.3, 1.0), -1),
        ("rate_duration", (0.0, 4.0, 12.0, 40.0), -1),
        ("confidence_effect", (0.0, 0.05, 0.5), -1),
    ],
)
def test_answer_to_a_hike_grows_with(name: str, doses: tuple[float, ...], sign: int) -> None:
    """Each persona's spending at each tick is monotone in the dose (no chance is involved)."""
    runs = [
        _history(
            households(
                100, event_scripts=(_hike(),), defaults={name: dose, "credit_limit": 8.0}, horizon=8
            )
        )[:, SPENDING]
        for dose in doses
    ]
    for less, more in pairwise(runs):
        assert (sign * (more - less) >= 0).all()
        assert sign * (more - less).sum() > 0


def test_spending_grows_with_income_and_with_the_propensity_to_consume() -> None:
    def spending(change: float, propensity: float) -> Cents:
        script = av.EventScript(variable="income_change", operation="set", value=change)
        defaults = {"marginal_propensity": propensity, "credit_limit": 8.0}
        scenario = households(100, event_scripts=(script,), defaults=defaults, horizon=6)
        return _history(scenario)[:, SPENDING]

    by_income = [spending(change, 0.35) for change in (-0.2, 0.0, 0.1, 0.5)]
    by_propensity = [spending(0.2, propensity) for propensity in (0.0, 0.35, 1.0)]
    for runs in (by_income, by_propensity):
        for less, more in pairwise(runs):
            assert (more >= less).all()
            assert more.sum() > less.sum()


def test_hand_to_mouth_spend_every_cent_more_at_once_and_ignore_rates() -> None:
    rebate = av.EventScript(
        variable="income_change", operation="set", value=0.1, scope=av.Scope(end_tick=2)
    )
    scenario = households(200, event_scripts=(rebate, _hike()), choice=HAND_TO_MOUTH, horizon=5)
    start, history = _start(scenario), _history(scenario)
    np.testing.assert_array_equal(
        history[:, SPENDING] - start[SPENDING], history[:, INCOME] - start[INCOME]
    )
    assert (history[:2, SPENDING] > start[SPENDING]).all()


def test_who_runs_out_of_credit_lives_hand_to_mouth_until_income_returns() -> None:
    """Half of income is gone for 24 quarters: debts rise to 0.74 quarters, and no further."""
    slump = av.EventScript(
        variable="income_change", operation="set", value=-0.5, scope=av.Scope(end_tick=24)
    )
    scenario = households(200, event_scripts=(slump,), choice=UNCONSTRAINED, horizon=48)
    start, history = _start(scenario), _history(scenario)
    limit = np.floor(0.74 * start[INCOME] + 0.5)
    assert (history[:, WEALTH] >= -limit - 1).all()
    run = av.simulate(scenario, threads=1)
    bound = (run.state_at(23) == HAND_TO_MOUTH) & (run.state_at(24) == HAND_TO_MOUTH)
    assert bound.mean() > 0.5
    last = history[23]  # of tick 24: nothing can be borrowed, so that what comes in goes out
    np.testing.assert_array_equal(last[SPENDING][bound], last[INCOME][bound])
    assert (run.state_at(48) == UNCONSTRAINED).all()


CONFIDENT = av.EventScript(
    variable="confidence", operation="set", value=120.0, scope=av.Scope(start_tick=1)
)


@pytest.mark.parametrize("keeping_up", [0.0, 0.5, 0.8])
def test_keeping_up_multiplies_a_common_shock(keeping_up: float) -> None:
    """If all want x* more, all settle at x* / (1 - keeping_up) (Abel 1990, in the aggregate).

    Each tick leaves a share habit + (1 - habit) keeping_up of the gap: 0.92**300 = 1e-11.
    """
    scenario = households(
        60,
        event_scripts=(CONFIDENT,),
        choice=UNCONSTRAINED,
        horizon=300,
        mean_degree=20,
        defaults={"keeping_up": keeping_up},
    )
    assert (scenario.network.degrees() > 0).all()
    rich = {**scenario.population.attributes, "wealth": np.full(60, 1e7)}  # credit never binds
    scenario = replace(scenario, population=replace(scenario.population, attributes=rich))
    deviation = _history(scenario)[-1, DEVIATION] * STEP
    expected = (math.exp(0.05 * 0.2) - 1) / (1 - keeping_up)
    # Rounding by half a step a tick, multiplied by 1 / (1 - habit) / (1 - keeping_up).
    np.testing.assert_allclose(deviation, expected, atol=STEP / 0.4 / (1 - keeping_up))


def test_without_social_rules_neighbours_do_not_matter() -> None:
    def run(mean_degree: float, *, social_rules: bool) -> str:
        scenario = households(
            200,
            event_scripts=(CONFIDENT,),
            mean_degree=mean_degree,
            social_rules=social_rules,
            horizon=6,
        )
        return av.simulate(scenario, threads=1).digest

    assert run(8, social_rules=False) == run(2, social_rules=False)
    assert run(0, social_rules=True) == run(0, social_rules=False)
    assert run(8, social_rules=True) != run(8, social_rules=False)


@pytest.mark.parametrize("seed", range(12))
def test_fast_path_equals_the_plain_reference(seed: int) -> None:
    scenario = random_scenario(seed)
    fast, slow = av.simulate_ensemble(scenario, threads=1), simulate_reference(scenario)
    np.testing.assert_array_equal(fast.tick_digests, slow.tick_digests)
    np.testing.assert_array_equal(fast.flows, slow.flows)
    np.testing.assert_array_equal(fast.level_sums, slow.level_sums)
    np.testing.assert_array_equal(fast.level_bins, slow.level_bins)


def test_rules_agree_with_the_reference_on_half_cents() -> None:
    """Whole cents and round shares, of which random scenarios hold few; equal to the last bit."""
    draw, halves = np.random.default_rng(1), 0
    amounts = draw.integers([0, 0, -100_000], 300_000, (20_000, 3)).tolist()
    for place, (income, spending, wealth) in enumerate(amounts):
        change, propensity, habit = SHARES[place % len(SHARES)]
        halves += (income * Fraction(change) % 1) == Fraction(1, 2)
        given = income / 100, float(change)
        now = earned(*given)
        assert EQUATIONS["earnings"](*given) == now

        start = now, income / 100, spending / 100
        asked = (0.0, UNCONSTRAINED, *start, 3.0, 3.0, 12.0, 0.3, 100.0, 0.05, propensity, habit)
        plan, again = habitual(*asked), EQUATIONS["habit_spending"](*asked)
        expected = budgeted(UNCONSTRAINED, plan, *start, wealth / 100, 0.74)
        found = EQUATIONS["budget"](UNCONSTRAINED, again, *start, wealth / 100, 0.74)
        assert (*found[:3], found[4]) == (*expected[:3], expected[4])
        assert found[3] == pytest.approx(expected[3], abs=1e-12)
    assert halves > 1000


def test_rules_agree_with_the_reference_on_half_steps_of_deviation() -> None:
    """Stored steps, round strengths and few neighbours: equal to the last bit."""
    draw, halves = np.random.default_rng(2), 0
    for own, summed, degree in draw.integers([0, 0, 1], [1000, 9000, 9], (20_000, 3)).tolist():
        mean = summed / (2**24 * degree)
        given = UNCONSTRAINED, own * STEP, mean, degree, 0.1, 0.6
        halves += (own + Fraction(4 * summed, 100 * degree)) % 1 == Fraction(1, 2)
        assert EQUATIONS["keeping_up"](*given) == kept_up(*given)
    assert halves > 50
