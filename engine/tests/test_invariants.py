"""Truths the simulation must reproduce, whatever its numbers.

Statistical tests state their false-alarm rate; seeds are fixed, so they fail only on a change.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from societies.relabelling import relabelled

import agentverse_engine as av
from agentverse_engine.errors import RequestError
from agentverse_engine.networks import report

Society = Callable[..., av.Scenario]


def _run(scenario: av.Scenario) -> av.Trajectory:
    return av.simulate_ensemble(scenario, threads=1)


def test_branch_without_scripts_equals_its_parent(society: Society) -> None:
    scenario = society()
    assert _run(scenario.branch([])).digest == _run(scenario).digest


@pytest.mark.parametrize(
    "script",
    [
        av.EventScript(variable="cost.pump", operation="add", value=0.0),
        av.EventScript(variable="cost.pump", operation="multiply", value=1.0),
        av.EventScript(variable="cost.pump", operation="min", value=20.0),
        av.EventScript(variable="conformity", operation="add", value=0.0),
        av.EventScript(variable="cost.pump", operation="set", value=0.0, probability=0.0),
    ],
)
def test_script_that_changes_nothing_equals_no_script(
    society: Society, script: av.EventScript
) -> None:
    scenario = society(replicates=16)
    assert _run(scenario.branch([script])).digest == _run(scenario).digest


def test_branch_equals_its_parent_before_it_starts_and_differs_after(society: Society) -> None:
    scenario = society()
    subsidy = av.EventScript(
        variable="cost.pump", operation="set", value=0.0, scope=av.Scope(start_tick=4)
    )
    parent, branch = _run(scenario), _run(scenario.branch([subsidy]))
    np.testing.assert_array_equal(branch.tick_digests[:, :4], parent.tick_digests[:, :4])
    assert (branch.tick_digests[:, 4:] != parent.tick_digests[:, 4:]).all()


def test_decaying_effect_returns_to_base(society: Society) -> None:
    """With everybody choosing anew each tick and no memory, the state returns as well."""
    scenario = society(replacement_rate=1.0, horizon=6, social_rules=False)
    shock = av.EventScript(
        variable="cost.pump",
        operation="add",
        value=-5.0,
        scope=av.Scope(start_tick=1),
        intensity=av.IntensityProfile(kind="linear_decay", duration_ticks=3),
    )
    base, shocked = _run(scenario), _run(scenario.branch([shock]))
    assert (shocked.tick_digests[:, 1:4] != base.tick_digests[:, 1:4]).all()
    np.testing.assert_array_equal(shocked.tick_digests[:, 4:], base.tick_digests[:, 4:])


def test_relabelled_personas_give_the_relabelled_result(society: Society) -> None:
    scenario = society(600)
    order = np.random.default_rng(3).permutation(600)
    moved = _run(relabelled(scenario, order))
    kept = _run(scenario)
    assert moved.digest == kept.digest
    np.testing.assert_array_equal(moved.state_at(6), kept.state_at(6)[order])


def test_counts_add_up_at_every_tick(society: Society) -> None:
    run = _run(society())
    np.testing.assert_array_equal(run.stock.sum(axis=(2, 3, 4)), 2000)
    assert (run.stock >= 0).all()
    assert not run.flows[:, 0].any()
    for tick in range(7):
        counts = np.bincount(run.state_at(tick), minlength=3)
        np.testing.assert_array_equal(run.stock[0, tick].sum(axis=(0, 1)), counts)


def test_nobody_replaces_at_rate_zero_and_everybody_at_one(society: Society) -> None:
    still = _run(society(replacement_rate=0.0))
    assert not still.flows.any()
    assert (still.tick_digests == still.tick_digests[0, 0]).all()
    restless = _run(society(replacement_rate=1.0))
    np.testing.assert_array_equal(restless.flows[:, 1:].sum(axis=(2, 3, 4)), 2000)
    np.testing.assert_array_equal(restless.flows[:, 1:], restless.stock[:, 1:])


def test_replacements_follow_their_rate(society: Society) -> None:
    """Binomial(2000 * 6 * 20, 0.2): five standard errors, false alarms 6e-7."""
    installs = _run(society(replicates=20)).flows.sum()
    trials = 2000 * 6 * 20
    assert abs(installs - 0.2 * trials) < 5 * np.sqrt(trials * 0.2 * 0.8)


def _logit(scenario: av.Scenario, costs: NDArray[np.float64]) -> NDArray[np.float64]:
    coefficient = scenario.model.coefficients["cost"]
    weights = np.exp(coefficient * costs + [0.0, 0.3, 0.0])
    return weights / weights.sum(axis=1, keepdims=True)


def _costs(scenario: av.Scenario) -> NDArray[np.float64]:
    names = [f"cost.{name}" for name in scenario.model.alternatives]
    return np.stack([scenario.population.attributes[name] for name in names], axis=1)


def test_expected_shares_equal_the_mean_softmax(society: Society) -> None:
    scenario = society()
    probability = _logit(scenario, _costs(scenario))
    expected = av.expected_shares(scenario)
    for segment in range(2):
        for region in range(2):
            inside = (scenario.population.segment == segment) & (
                scenario.population.region == region
            )
            np.testing.assert_allclose(
                expected[0, segment, region], probability[inside].mean(axis=0), rtol=1e-12
            )


def test_simulated_shares_equal_the_closed_form_without_social_rules(society: Society) -> None:
    """144 cell shares of 300,000 choices each, five standard errors: false alarms 9e-5."""
    subsidy = av.EventScript(
        variable="cost.pump", operation="multiply", value=0.4, scope=av.Scope(start_tick=3)
    )
    scenario = society(
        replacement_rate=1.0,
        horizon=12,
        replicates=600,
        social_rules=False,
        event_scripts=(subsidy,),
    )
    run = _run(scenario)
    simulated = av.ensembles.shares(run.flows[:, 1:].sum(axis=0))
    expected = av.expected_shares(scenario)[1:]
    error = np.sqrt(expected * (1 - expected) / (500 * 600))
    assert (np.abs(simulated - expected) < 5 * error).all()
    assert expected[-1, ..., 2].mean() > expected[0, ..., 2].mean() + 0.05


def test_expected_shares_of_a_script_with_a_condition_are_refused(society: Society) -> None:
    first = av.EventScript(variable="cost.pump", operation="multiply", value=0.4)
    once = replace(first, condition=av.Condition(outcome="pump", comparison=">=", value=0.0))
    with pytest.raises(RequestError) as refused:
        av.expected_shares(society(social_rules=False, event_scripts=(first, once)))
    assert refused.value.field == "event_scripts[1].condition"


def test_elasticities_are_those_of_the_logit(society: Society) -> None:
    """Own: b p (1-P); cross: -b p P (McFadden); the same cost for all, so cells are one persona."""
    scenario = society(400)
    flat = np.full(400, 2.0)
    scenario = replace(
        scenario,
        population=replace(
            scenario.population, attributes={f"cost.{a}": flat for a in ("gas", "wood", "pump")}
        ),
    )
    factor = 1.0001
    dearer = av.EventScript(variable="cost.pump", operation="multiply", value=factor)
    before = av.expected_shares(scenario)[1, 0, 0]
    after = av.expected_shares(scenario.branch([dearer]))[1, 0, 0]
    elasticity = (after / before - 1) / (factor - 1)
    own = -0.8 * 2.0 * (1 - before[2])
    cross = 0.8 * 2.0 * before[2]
    np.testing.assert_allclose(elasticity, [cross, cross, own], rtol=1e-3)


def test_simulated_response_to_a_price_is_the_elasticity(society: Society) -> None:
    """Paired draws of 4.8 million choices, 5 % dearer; 3 shares, five standard errors: 2e-6.

    The draw is by inverse CDF, so a choice changes where a bound of its alternative's interval
    passed the draw: what a share gains or loses has at most the variance of both bounds' moves.
    """
    scenario = society(replacement_rate=1.0, horizon=6, replicates=400, social_rules=False)
    dearer = av.EventScript(variable="cost.pump", operation="multiply", value=1.05)
    before, after = (
        av.ensembles.shares(_run(item).flows[:, 1:].sum(axis=(0, 1, 2, 3)))
        for item in (scenario, scenario.branch([dearer]))
    )
    costs = _costs(scenario)
    expected = (_logit(scenario, costs * [1, 1, 1.05]) - _logit(scenario, costs)).mean(axis=0)
    moves = np.abs(np.cumsum([0.0, *expected]))
    error = 5 * np.sqrt((moves[:-1] + moves[1:]) / (2000 * 6 * 400))
    assert (np.abs(after - before - expected) < error).all()
    assert (error[[0, 2]] < 0.03 * np.abs(expected[[0, 2]])).all()


def test_conformity_adds_its_strength_times_the_share_of_neighbours(society: Society) -> None:
    """All begin with gas, so who knows anybody feels 1.5 more for it: 3 shares of 400,000 choices,
    five standard errors: false alarms 2e-6."""
    scenario = society(
        conformity=1.5, loss_aversion=1.0, replacement_rate=1.0, horizon=1, replicates=200
    )
    on_gas = replace(scenario.population, choice=np.zeros(2000, dtype=np.uint8))
    run = _run(replace(scenario, population=on_gas))
    felt = 1.5 * np.outer(scenario.network.degrees() > 0, [1.0, 0.0, 0.0])
    weights = _logit(scenario, _costs(scenario)) * np.exp(felt)
    probability = weights / weights.sum(axis=1, keepdims=True)
    found = av.ensembles.shares(run.flows[:, 1].sum(axis=(0, 1, 2)))
    error = np.sqrt((probability * (1 - probability)).mean(axis=0) / (2000 * 200))
    assert (np.abs(found - probability.mean(axis=0)) < 5 * error).all()


def test_conformity_makes_neighbours_alike(society: Society) -> None:
    """Assortativity by choice; without conformity its standard error is near 0.01.

    Few neighbours and a pull below the tipping point: beyond it nearly all choose the same, and
    then nothing is left to be sorted.
    """

    def likeness(conformity: float) -> float:
        scenario = society(
            8000,
            mean_degree=4,
            conformity=conformity,
            loss_aversion=1.0,
            coefficient=0.0,
            replacement_rate=0.5,
            horizon=30,
            replicates=1,
        )
        state = _run(scenario).state_at(30)
        return report(scenario.network, {"choice": state.astype(int)}).mixing[0].assortativity

    alone, pulled = likeness(0.0), likeness(2.0)
    assert abs(alone) < 0.05
    assert pulled > alone + 0.05


def test_isolated_personas_feel_no_conformity(society: Society) -> None:
    alone = {"mean_degree": 0.0, "loss_aversion": 1.0}
    pulled, free = society(conformity=3.0, **alone), society(conformity=0.0, **alone)
    assert _run(pulled).digest == _run(free).digest


def test_loss_aversion_lowers_switching(society: Society) -> None:
    def switches(loss_aversion: float) -> int:
        scenario = society(loss_aversion=loss_aversion, conformity=0.0, replacement_rate=1.0)
        return _run(scenario).tracks["choice"].rows.size

    counts = [switches(strength) for strength in (1.0, 2.0, 4.0)]
    assert counts[0] > 1.05 * counts[1] > 1.05 * 1.05 * counts[2]


def test_without_social_rules_equals_neutral_parameters(society: Society) -> None:
    neutral = society(conformity=0.0, loss_aversion=1.0)
    assert _run(society().without_social_rules()).digest == _run(neutral).digest
    louder = av.EventScript(variable="conformity", operation="set", value=3.0)
    off = society().without_social_rules()
    assert _run(off.branch([louder])).digest == _run(off).digest


def test_common_random_numbers_make_paired_differences_precise(society: Society) -> None:
    scenario = society(replicates=20)
    subsidy = av.EventScript(variable="cost.pump", operation="multiply", value=0.8)

    def pump_share(of: av.Scenario) -> NDArray[np.float64]:
        return av.ensembles.shares(_run(of).flows[:, 1:].sum(axis=(1, 2, 3)))[:, 2]

    base, branch = pump_share(scenario), pump_share(scenario.branch([subsidy]))
    other = pump_share(replace(scenario, seed=99).branch([subsidy]))
    paired = av.ensembles.paired_difference(branch, base).std()
    assert paired < 0.7 * (other - base).std()
    assert (branch > base).all()


def test_empty_cells_count_zero_and_have_no_share(society: Society) -> None:
    scenario = society(400)
    population = replace(scenario.population, segments=("poor", "rich", "nobody"))
    scenario = replace(scenario, population=population, allow=("isolated_personas", "empty_groups"))
    run = _run(scenario)
    assert not run.stock[:, :, 2].any()
    assert np.isnan(av.expected_shares(scenario)[:, 2]).all()
    assert np.isnan(av.ensembles.shares(run.stock)[:, :, 2]).all()
    assert not np.isnan(av.expected_shares(scenario)[:, :2]).any()
