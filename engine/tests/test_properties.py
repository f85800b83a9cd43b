"""What holds of every random scenario of every pack, whatever Hypothesis makes up."""

from functools import cache

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from societies.matrix import FAMILIES
from societies.relabelling import relabelled

import agentverse_engine as av
from agentverse_engine.effects.effects import Effects

families = st.sampled_from(sorted(FAMILIES))
seeds = st.integers(0, 199)
often = settings(max_examples=40, deadline=None, derandomize=True)


@cache
def scenario_of(family: str, seed: int) -> av.Scenario:
    return FAMILIES[family](seed)


def digest(scenario: av.Scenario) -> str:
    return av.simulate_ensemble(scenario, dense_replicates=0).digest


@often
@given(family=families, seed=seeds, data=st.data())
def test_order_of_rows_changes_nothing(family: str, seed: int, data: st.DataObject) -> None:
    scenario = scenario_of(family, seed)
    order = data.draw(st.permutations(range(len(scenario.population))))
    assert digest(relabelled(scenario, np.array(order))) == digest(scenario)


@often
@given(family=families, seed=seeds, tick=st.integers(0, 3))
def test_empty_patch_is_the_parent(family: str, seed: int, tick: int) -> None:
    scenario = scenario_of(family, seed)
    later = av.Scope(start_tick=min(tick, scenario.horizon))
    idle = [
        av.EventScript(variable=variable.name, operation="add", value=0.0, scope=later)
        for variable in scenario.variables
    ]
    assert digest(scenario.branch([])) == digest(scenario) == digest(scenario.branch(idle))


@often
@given(
    family=families,
    seed=seeds,
    data=st.data(),
    strengths=st.lists(st.floats(-1, 1), min_size=1, max_size=6),
)
def test_nothing_leaves_its_bounds_however_hard_it_is_moved(
    family: str, seed: int, data: st.DataObject, strengths: list[float]
) -> None:
    """A script may add as much as a variable is wide, or multiply by a million."""
    scenario = scenario_of(family, seed)
    assume(scenario.variables)
    scripts: list[av.EventScript] = []
    for strength in strengths:
        variable = data.draw(st.sampled_from(scenario.variables))
        width = variable.maximum - variable.minimum
        scripts += [
            av.EventScript(variable=variable.name, operation="add", value=strength * width),
            av.EventScript(variable=variable.name, operation="multiply", value=abs(strength) * 1e6),
        ]
    moved = scenario.branch(scripts)
    bounds = {variable.name: (variable.minimum, variable.maximum) for variable in moved.variables}
    effects = Effects(moved).batch()
    for tick in range(1, moved.horizon + 1):
        now = effects.at(tick)
        for place, name in enumerate(moved.pack.parameters):
            low, high = bounds[name]
            assert (
                (now.parameters[..., place] >= low) & (now.parameters[..., place] <= high)
            ).all()
    run = av.simulate_ensemble(moved, dense_replicates=0)
    people = run.stock.sum(axis=-1)
    for place, level in enumerate(moved.pack.levels):
        sums = run.level_sums[..., place]
        assert ((sums >= people * level.low) & (sums <= people * level.high)).all()
    assert (people.sum(axis=(2, 3)) == len(moved.population)).all()
