"""Same scenario, same bits: over threads, partitions, batches, processes, and the reference."""

import itertools
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

import agentverse_engine as av
from agentverse_engine.closed_form import shares as closed_form_shares
from agentverse_engine.execution.recording import trajectory_digest
from agentverse_engine.kernels.kernel_cache import fused
from agentverse_engine.numerics import compiled
from agentverse_engine.reference import simulate_reference

Society = Callable[..., av.Scenario]
SUBSIDY = av.EventScript(
    variable="cost.pump", operation="multiply", value=0.5, scope=av.Scope(start_tick=2)
)
GOLDEN = "3528770bd40655af0a550737a9fa7f7b0663b3d5f358e7f11a18a9ee750c92b4"


def test_digest_over_threads_partitions_and_batches_is_one(society: Society) -> None:
    scenario = society(20_000, replicates=16, horizon=4, event_scripts=(SUBSIDY,))
    runs = [
        av.simulate_ensemble(scenario, threads=threads, partitions=partitions, batch=batch)
        for threads, partitions, batch in itertools.product((1, 2, 4), (1, 2, 4), (1, 4, 16))
    ]
    assert len({run.digest for run in runs}) == 1
    first = runs[0]
    for run in runs:
        track, expected = run.tracks["choice"], first.tracks["choice"]
        np.testing.assert_array_equal(track.keyframes, expected.keyframes)
        np.testing.assert_array_equal(track.rows, expected.rows)
        np.testing.assert_array_equal(track.values, expected.values)
        np.testing.assert_array_equal(track.indptr, expected.indptr)


def test_batch_not_a_multiple_of_four_gives_the_same_digest(society: Society) -> None:
    scenario = society(500, replicates=11)
    runs = {av.simulate_ensemble(scenario, batch=batch).digest for batch in (1, 2, 3, 5, 7, 11)}
    assert len(runs) == 1


def test_replicates_do_not_depend_on_how_many_there_are(society: Society) -> None:
    few = av.simulate_ensemble(society(500, replicates=3))
    many = av.simulate_ensemble(society(500, replicates=9))
    np.testing.assert_array_equal(few.tick_digests, many.tick_digests[:3])


@pytest.mark.parametrize("seed", range(120))
def test_fast_path_equals_the_plain_reference(
    random_scenario: Callable[[int], av.Scenario], seed: int
) -> None:
    scenario = random_scenario(seed)
    slow = simulate_reference(scenario)
    fast = av.simulate_ensemble(
        scenario, threads=2, partitions=min(2, len(scenario.population)), dense_replicates=99
    )
    np.testing.assert_array_equal(fast.tick_digests, slow.tick_digests)
    np.testing.assert_array_equal(fast.flows, slow.flows)
    np.testing.assert_array_equal(fast.level_sums, slow.level_sums)
    np.testing.assert_array_equal(fast.level_bins, slow.level_bins)
    np.testing.assert_array_equal(fast.stock, slow.stock)
    assert fast.digest == trajectory_digest(
        slow.tick_digests, slow.flows, slow.stock, slow.level_sums, slow.level_bins
    )
    for replicate, tick in itertools.product(
        range(scenario.replicates), range(scenario.horizon + 1)
    ):
        np.testing.assert_array_equal(fast.state_at(tick, replicate), slow.states[replicate, tick])


def test_random_scenarios_reach_every_part_of_the_engine(
    random_scenario: Callable[[int], av.Scenario],
) -> None:
    scenarios = [random_scenario(seed) for seed in range(120)]
    scripts = [script for scenario in scenarios for script in scenario.event_scripts]
    assert {script.operation for script in scripts} == {"set", "add", "multiply", "min", "max"}
    assert len({script.intensity.kind for script in scripts}) == 5
    assert {script.probability for script in scripts} == {0.0, 0.5, 1.0}
    assert {scenario.social_rules for scenario in scenarios} == {True, False}
    assert any((scenario.network.degrees() == 0).any() for scenario in scenarios)
    assert any(not scenario.model.coefficients for scenario in scenarios)


def test_digest_is_the_golden_one(society: Society) -> None:
    """A changed value is a new engine version, made on purpose, in its own commit."""
    run = av.simulate_ensemble(society(1000, event_scripts=(SUBSIDY,)))
    assert run.digest == GOLDEN


def test_network_drawn_in_another_process_is_the_same() -> None:
    program = (
        "import numpy as np, agentverse_engine as av\n"
        "print(av.homophilous_network({'g': np.arange(300) % 3}, mean_degree=5,"
        " odds_ratios={'g': 3}, seed=4).digest)"
    )
    command = [sys.executable, "-c", program]
    there = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    here = av.homophilous_network(
        {"g": np.arange(300) % 3}, mean_degree=5, odds_ratios={"g": 3}, seed=4
    )
    assert there == here.digest


FUSED = ("fmadd", "fmsub", "fmla")


def test_kernels_hold_no_fused_multiply_add(society: Society) -> None:
    scenario = society(50, horizon=1, replicates=1)
    av.simulate_ensemble(scenario)
    av.expected_shares(scenario)
    for kernel in (fused(scenario.pack), closed_form_shares.add_probabilities):
        assembly = compiled.machine_code(kernel)
        assert "mul" in assembly
        assert not any(name in assembly for name in FUSED)


def test_fused_multiply_add_would_be_seen() -> None:
    """The control of the test above: the same search finds them where they are allowed."""

    def polynomial(x: float) -> float:
        return (x * 3.0 + 2.0) * x + 1.0

    assembly = compiled.machine_code_of(polynomial, (1.5,), fastmath=True)
    if not any(name in assembly for name in FUSED):
        pytest.skip("this processor has no fused multiply-add")
    plain = compiled.machine_code_of(polynomial, (1.5,), fastmath=False)
    assert not any(name in plain for name in FUSED)
