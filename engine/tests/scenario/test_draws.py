"""Draws: each replicate with coefficients and parameters of its own, and the same bits always."""

import itertools
import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from societies import choice, contagion, economy, opinion
from societies.drawn import that_change_nothing, with_draws

import agentverse_engine as av
from agentverse_engine.errors import CheckpointError, EngineError, RequestError
from agentverse_engine.execution.recording import trajectory_digest
from agentverse_engine.reference import simulate_reference

Society = Callable[..., av.Scenario]
MAKERS = (choice, contagion, economy, opinion)
SUBSIDY = av.EventScript(
    variable="cost.pump", operation="multiply", value=0.5, scope=av.Scope(start_tick=2)
)


def drawn(society: Society, size: int = 300, **options: Any) -> av.Scenario:
    return with_draws(society(size, **options), seed=3)


@pytest.mark.parametrize("seed", range(40))
def test_draws_in_the_kernel_are_those_of_the_plain_reference(seed: int) -> None:
    made = MAKERS[seed % 3 if seed % 2 else 0].random_scenario(seed)
    scenario = with_draws(made, seed)
    slow = simulate_reference(scenario)
    fast = av.simulate_ensemble(scenario, threads=2, partitions=min(2, len(made.population)))
    np.testing.assert_array_equal(fast.tick_digests, slow.tick_digests)
    np.testing.assert_array_equal(fast.flows, slow.flows)
    assert fast.digest == trajectory_digest(
        slow.tick_digests, slow.flows, slow.stock, slow.level_sums, slow.level_bins
    )


def test_random_draws_are_of_every_kind_and_matter() -> None:
    """The control of the test above: without the draws the answers are others."""
    made = [MAKERS[seed % 3 if seed % 2 else 0].random_scenario(seed) for seed in range(40)]
    scenarios = [with_draws(one, seed) for seed, one in enumerate(made)]
    assert any(one.draws.coefficients for one in scenarios)
    assert any(one.draws.constants for one in scenarios)
    inert = {item.name for one in scenarios for item in one.variables if item.inertia}
    assert any(inert & set(one.draws.parameters) for one in scenarios)
    runs = [
        [av.simulate_ensemble(one).digest for one in pair]
        for pair in zip(made, scenarios, strict=True)
    ]
    assert sum(before != after for before, after in runs) > 20


def test_digest_with_draws_over_threads_partitions_and_batches_is_one(society: Society) -> None:
    scenario = drawn(society, 9_000, replicates=7, horizon=3, event_scripts=(SUBSIDY,))
    ways = itertools.product((1, 2, 4), (1, 2, 4), (1, 4, 16))
    digests = {
        av.simulate_ensemble(scenario, threads=threads, partitions=parts, batch=batch).digest
        for threads, parts, batch in ways
    }
    assert len(digests) == 1


def test_draws_travel_to_other_executors(society: Society) -> None:
    scenario = drawn(society, replicates=5)
    here = av.simulate_ensemble(scenario).digest
    assert pickle.loads(pickle.dumps(scenario)).digest == scenario.digest  # noqa: S301  our own
    elsewhere = av.PartitionedLocal(partitions=2)
    assert av.simulate_ensemble(scenario, executor=elsewhere).digest == here


def test_draws_that_change_nothing_have_the_digests_of_none(society: Society) -> None:
    plain = society(500, event_scripts=(SUBSIDY,))
    still = replace(plain, draws=that_change_nothing(plain))
    assert still.digest == plain.digest
    assert av.simulate_ensemble(still).digest == av.simulate_ensemble(plain).digest


def test_each_draw_is_part_of_the_digest(society: Society) -> None:
    plain = society(50, replicates=3)
    kinds = {
        "coefficients": next(iter(plain.model.coefficients)),
        "constants": plain.pack.alternatives[-1],
        "parameters": "conformity",
    }
    digests = {plain.digest}
    for kind, name in kinds.items():
        for value in (0.5, 0.7):
            draws = av.Draws(**{kind: {name: np.array([0.5, 0.5, value])}})
            digests.add(replace(plain, draws=draws).digest)
    assert len(digests) == 7


def test_branch_has_its_parents_draws_and_an_empty_patch_is_the_parent(society: Society) -> None:
    parent = drawn(society)
    assert parent.branch(()).digest == parent.digest
    base = av.simulate_ensemble(parent)
    assert av.simulate_ensemble(parent.branch(())).digest == base.digest
    late = replace(SUBSIDY, scope=av.Scope(start_tick=4))
    branch = parent.branch((late,))
    assert branch.draws is parent.draws
    after = av.simulate_ensemble(branch)
    np.testing.assert_array_equal(after.tick_digests[:, :4], base.tick_digests[:, :4])
    assert (after.tick_digests[:, -1] != base.tick_digests[:, -1]).any()


def test_replicate_of_an_ensemble_is_the_run_of_its_values(society: Society) -> None:
    """The meaning of a draw, without draws: a scenario whose model and registry say the value."""
    plain = society(400, replicates=3, event_scripts=(SUBSIDY,))
    family = next(iter(plain.model.coefficients))
    values, pulls = np.array([-0.02, -0.5, 0.1]), np.array([0.0, 1.0, 3.0])
    draws = av.Draws(coefficients={family: values}, parameters={"conformity": pulls})
    ensemble = av.simulate_ensemble(replace(plain, draws=draws))
    for replicate in range(3):
        kinds = {**plain.model.coefficients, family: values[replicate]}
        model = replace(plain.model, coefficients=kinds)
        variables = tuple(
            replace(item, default=pulls[replicate]) if item.name == "conformity" else item
            for item in plain.variables
        )
        one = replace(plain, pack=av.consumer_choice(model), variables=variables)
        run = av.simulate_ensemble(one)
        np.testing.assert_array_equal(run.tick_digests[replicate], ensemble.tick_digests[replicate])


def test_fewer_replicates_have_the_first_draws(society: Society) -> None:
    many = drawn(society, replicates=6)
    few = replace(many, replicates=2)
    assert few.draws.replicates == 2
    np.testing.assert_array_equal(
        av.simulate_ensemble(few).tick_digests, av.simulate_ensemble(many).tick_digests[:2]
    )


def test_resumed_with_its_draws_and_refused_with_others(society: Society) -> None:
    scenario = drawn(society, replicates=5)
    kept: list[av.Checkpoint] = []
    whole = av.simulate_ensemble(scenario, batch=2, checkpoint_every=2, keep_checkpoint=kept.append)
    early = [
        av.Checkpoint.from_bytes(one.to_bytes()) for one in kept if one.tick == 2 and one.first == 2
    ]
    assert av.simulate_ensemble(scenario, batch=2, resume=early).digest == whole.digest
    with pytest.raises(CheckpointError, match="draws"):
        av.simulate_ensemble(with_draws(scenario, seed=4), batch=2, resume=early)


def test_expected_shares_average_over_the_draws(society: Society) -> None:
    plain = society(60, replicates=2, social_rules=False)
    family = next(iter(plain.model.coefficients))
    draws = av.Draws(coefficients={family: np.array([-0.02, 0.3])})
    both = av.expected_shares(replace(plain, draws=draws))
    parts = [
        av.expected_shares(replace(plain, draws=av.Draws(coefficients={family: np.full(2, value)})))
        for value in (-0.02, 0.3)
    ]
    np.testing.assert_allclose(both, (parts[0] + parts[1]) / 2, rtol=1e-12)


@pytest.mark.parametrize(
    ("draws", "field", "told"),
    [
        ({"coefficients": {"nothing": [0.0] * 3}}, "draws.coefficients.nothing", "Use one of"),
        ({"constants": {"nothing": [0.0] * 3}}, "draws.constants.nothing", "Use one of"),
        ({"parameters": {"cost.pump": [0.0] * 3}}, "draws.parameters.cost.pump", "Use one of"),
        ({"parameters": {"conformity": [1.0, 9.0, 1.0]}}, "draws.parameters.conformity", "range"),
        ({"parameters": {"conformity": [1.0]}}, "draws", "3 replicates"),
        ({"parameters": {"conformity": [1.0, np.nan, 1.0]}}, "draws.parameters.conformity", "fini"),
        ({"parameters": {"conformity": "much"}}, "draws.parameters.conformity", "one finite"),
        ({"parameters": [1.0]}, "draws.parameters", "mapping"),
        (
            {"parameters": {"conformity": [1.0] * 3}, "constants": {"pump": [1.0] * 4}},
            "draws.parameters.conformity",
            "Draw one value",
        ),
    ],
)
def test_unusable_draws_are_named(society: Society, draws: Any, field: str, told: str) -> None:
    with pytest.raises(EngineError, match=told) as found:
        replace(society(20, replicates=3), draws=av.Draws(**draws))
    assert found.value.field == field


def test_sweep_over_what_is_drawn_is_refused(society: Society) -> None:
    draws = av.Draws(parameters={"conformity": np.ones(3)})
    scenario = replace(society(20, replicates=3), draws=draws)
    with pytest.raises(RequestError, match="drawn for each replicate"):
        av.sweep(scenario, {"conformity": [0.0, 1.0]})
