"""Packs of adoption and contagion: fast equals plain, what they refuse, what their words say."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from societies.contagion import PACKS, random_scenario

import agentverse_engine as av
from agentverse_engine.errors import PackError
from agentverse_engine.packs.adoption import normal_thresholds
from agentverse_engine.reference import simulate_reference
from agentverse_engine.reference.rules import EQUATIONS


@pytest.mark.parametrize("seed", range(45))
def test_fast_path_equals_the_plain_reference(seed: int) -> None:
    scenario = random_scenario(seed)
    slow = simulate_reference(scenario)
    fast = av.simulate_ensemble(scenario, threads=1, dense_replicates=99)
    np.testing.assert_array_equal(fast.tick_digests, slow.tick_digests)
    np.testing.assert_array_equal(fast.flows, slow.flows)
    np.testing.assert_array_equal(fast.stock, slow.stock)
    for replicate in range(scenario.replicates):
        for tick in range(scenario.horizon + 1):
            np.testing.assert_array_equal(
                fast.state_at(tick, replicate), slow.states[replicate, tick]
            )


def test_random_scenarios_reach_every_rule_and_every_kind_of_script() -> None:
    scenarios = [random_scenario(seed) for seed in range(45)]
    scripts = [script for scenario in scenarios for script in scenario.event_scripts]
    assert Counter(scenario.pack.rules for scenario in scenarios).keys() == {
        pack.rules for pack in PACKS
    }
    assert {script.operation for script in scripts} == {"set", "add", "multiply", "min", "max"}
    assert len({script.intensity.kind for script in scripts}) == 7
    assert any(script.bundle for script in scripts)
    assert any(script.scope.personas for script in scripts)
    assert any(script.scope.where for script in scripts)
    assert {script.condition.hold for script in scripts if script.condition} == {"once", "while"}
    changed = [bool(av.simulate_ensemble(scenario).flows.any()) for scenario in scenarios]
    assert sum(changed) > 25


@pytest.mark.parametrize("pack", PACKS)
def test_every_rule_has_its_equation_a_second_time(pack: av.Pack) -> None:
    assert {rule.name for rule in pack.rules} <= set(EQUATIONS)


@pytest.mark.parametrize("pack", PACKS)
def test_registry_holds_what_the_rules_read_with_sources(pack: av.Pack) -> None:
    read = {name for rule in pack.rules for name in rule.reads()}
    for variable in pack.variables:
        assert variable.name in read
        assert variable.label
        assert variable.source
    assert set(pack.labels) == set(pack.alternatives)
    assert pack.outcome in pack.alternatives


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"mechanism": "magic"}, "mechanism"),
        ({"ticks_per_year": 0}, "ticks_per_year"),
        ({"ticks_per_year": float("nan")}, "ticks_per_year"),
        ({"ticks_per_year": float("inf")}, "ticks_per_year"),
    ],
)
def test_adoption_refuses_what_it_does_not_have(arguments: dict[str, object], field: str) -> None:
    with pytest.raises(PackError) as caught:
        av.packs.adoption(**arguments)  # type: ignore[arg-type]  # wrong on purpose
    assert caught.value.field == field


def test_contagion_refuses_an_unknown_course() -> None:
    with pytest.raises(PackError) as caught:
        av.packs.contagion(course="flu")  # type: ignore[arg-type]  # wrong on purpose
    assert caught.value.field == "course"


@pytest.mark.parametrize(
    ("pack", "variable", "value"),
    [
        (PACKS[0], "innovation", 0.06),
        (PACKS[0], "imitation", 0.9),
        (PACKS[0], "price", 0.0),
        (PACKS[2], "first_exposure", 1.1),
        (PACKS[3], "contact_reduction", -0.1),
    ],
)
def test_values_outside_the_literature_are_refused(
    pack: av.Pack, variable: str, value: float
) -> None:
    scenario = replace(random_scenario(PACKS.index(pack)), event_scripts=())
    script = av.EventScript(variable=variable, operation="set", value=value)
    with pytest.raises(av.EngineError) as caught:
        scenario.branch([script])
    assert caught.value.field == "event_scripts[0].value"


def test_normal_thresholds_have_their_mean_their_spread_and_instigators() -> None:
    """At 20,000 evenly spread quantiles: no chance, only the width of a step."""
    draws = ((np.arange(20_000) + 0.5) / 20_000)[:, None]
    thresholds = normal_thresholds(draws)
    assert thresholds.min() == 0.0
    assert thresholds.max() <= 1.0
    assert np.median(thresholds) == pytest.approx(0.25, abs=1e-4)
    assert np.quantile(thresholds, 0.8413) == pytest.approx(0.35, abs=1e-3)
    assert (thresholds == 0).mean() == pytest.approx(0.00621, abs=1e-4)  # Phi(-2.5)
