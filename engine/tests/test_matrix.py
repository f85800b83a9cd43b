"""A thousand random scenarios: the fast path against the plain reference, whatever the machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from societies.matrix import BLOCK, FAMILIES, SEEDS, digest
from societies.relabelling import relabelled

import agentverse_engine as av
from agentverse_engine.execution.recording import trajectory_digest
from agentverse_engine.inputs.events import Operation
from agentverse_engine.reference import simulate_reference

BLOCKS = [(family, first) for family in FAMILIES for first in range(0, SEEDS, BLOCK)]
# The least that a 64-bit x86 or ARM processor offers, against all that this one has.
PLAIN_CPU = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
NEUTRAL: tuple[tuple[Operation, float], ...] = (("add", 0.0), ("multiply", 1.0))
SAMPLE = {"choice": (3, 5), "opinion": (2, 7), "contagion": (1, 4), "economy": (0, 6)}
PROGRAM = """
import json, sys
from societies.matrix import digest
sample = json.loads(sys.argv[1])
pairs = [(family, seed) for family, seeds in sample.items() for seed in seeds]
print(json.dumps([digest(family, seed, way=0) for family, seed in pairs]))
"""


@pytest.mark.parametrize(("family", "first"), BLOCKS)
def test_fast_path_equals_the_plain_reference_whatever_the_way(family: str, first: int) -> None:
    for seed in range(first, first + BLOCK):
        slow = simulate_reference(FAMILIES[family](seed))
        expected = trajectory_digest(
            slow.tick_digests, slow.flows, slow.stock, slow.level_sums, slow.level_bins
        )
        assert digest(family, seed, way=seed) == expected, seed


def test_scenarios_of_the_matrix_reach_every_part_of_the_engine() -> None:
    scenarios = [make(seed) for make in FAMILIES.values() for seed in range(SEEDS)]
    scripts = [script for scenario in scenarios for script in scenario.event_scripts]
    assert {script.operation for script in scripts} == {"set", "add", "multiply", "min", "max"}
    assert len({script.intensity.kind for script in scripts}) == 7
    assert any(script.condition is not None for script in scripts)
    assert any(script.bundle for script in scripts)
    assert any(script.scope.personas for script in scripts)
    assert any(script.scope.where for script in scripts)
    assert {script.probability for script in scripts} >= {0.0, 1.0}
    assert {scenario.social_rules for scenario in scenarios} == {True, False}
    assert any((scenario.network.degrees() == 0).any() for scenario in scenarios)
    rules = {rule.name for scenario in scenarios for rule in scenario.pack.rules}
    assert len(rules) >= 25
    variables = [variable for scenario in scenarios for variable in scenario.variables]
    assert any(variable.inertia for variable in variables)
    assert any(variable.couplings for variable in variables)


def test_another_processor_gives_the_same_digests() -> None:
    """Machine code for the plainest processor, in a process that compiles everything anew."""
    program = [sys.executable, "-c", PROGRAM, json.dumps(SAMPLE)]
    paths = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, **PLAIN_CPU, "PYTHONPATH": paths}
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=True)
    here = [digest(family, seed, way=1) for family, seeds in SAMPLE.items() for seed in seeds]
    assert json.loads(done.stdout) == here


def test_relabelled_personas_keep_the_digest_in_every_pack() -> None:
    """Rows are only places: who a persona is, is its id."""
    relabelled_packs: set[str] = set()
    for family, make in FAMILIES.items():
        for seed in range(16):
            scenario = make(seed)
            relabelled_packs.add(scenario.pack.name)
            order = np.random.default_rng(seed).permutation(len(scenario.population))
            assert av.simulate_ensemble(relabelled(scenario, order)).digest == (
                av.simulate_ensemble(scenario).digest
            ), (family, seed)
    assert relabelled_packs >= {"voters", "election", "opinion", "contagion", "adoption"}
    assert relabelled_packs >= {"consumer_choice", "consumption"}


@pytest.mark.parametrize("family", FAMILIES)
def test_events_that_change_nothing_are_no_events_in_every_pack(family: str) -> None:
    for seed in range(8):
        scenario = FAMILIES[family](seed)
        expected = av.simulate_ensemble(scenario).digest
        assert av.simulate_ensemble(scenario.branch([])).digest == expected
        nothing = [
            av.EventScript(variable=variable.name, operation=operation, value=value)
            for variable in scenario.variables
            for operation, value in NEUTRAL
        ]
        assert av.simulate_ensemble(scenario.branch(nothing)).digest == expected, seed


@pytest.mark.parametrize("family", FAMILIES)
def test_levels_stay_within_their_bounds_and_people_add_up(family: str) -> None:
    for seed in range(20):
        scenario = FAMILIES[family](seed)
        slow = simulate_reference(scenario)
        assert (slow.stock.sum(axis=(2, 3, 4)) == len(scenario.population)).all()
        for place, level in enumerate(scenario.pack.levels):
            steps = slow.levels[:, :, place]
            assert level.low <= steps.min() <= steps.max() <= level.high, (seed, level.name)
