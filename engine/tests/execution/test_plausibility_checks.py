"""Isolated people, empty groups, scripts for nobody: refused unless the scenario allows them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import agentverse_engine as av
from agentverse_engine import hybrid
from agentverse_engine.errors import (
    EngineError,
    NetworkError,
    PopulationError,
    ScenarioError,
    ScriptError,
)

Society = Callable[..., av.Scenario]
Spoil = Callable[[av.Scenario], av.Scenario]


def _isolated(scenario: av.Scenario) -> av.Scenario:
    return replace(scenario, network=av.network_from_edges(200, np.array([[0, 1]])))


def _empty(scenario: av.Scenario) -> av.Scenario:
    segments = ("poor", "rich", "nobody")
    return replace(scenario, population=replace(scenario.population, segments=segments))


def _idle(scenario: av.Scenario) -> av.Scenario:
    scope = av.Scope(where=(av.Where(attribute="cost.gas", comparison=">", value=100.0),))
    return scenario.branch(
        [av.EventScript(variable="cost.pump", operation="add", value=1.0, scope=scope)]
    )


@pytest.fixture
def sound(society: Society) -> av.Scenario:
    edges = np.column_stack([np.arange(199), np.arange(1, 200)])
    return replace(society(200), network=av.network_from_edges(200, edges), allow=())


KINDS: list[tuple[av.PlausibilityCheck, Spoil, type[EngineError], str]] = [
    ("isolated_personas", _isolated, NetworkError, "network"),
    ("empty_groups", _empty, PopulationError, "segments"),
    ("idle_scripts", _idle, ScriptError, "event_scripts[0].scope"),
]
RUNS: list[Callable[[av.Scenario], object]] = [
    av.simulate,
    av.simulate_ensemble,
    lambda scenario: av.sweep(scenario, {"conformity": [0.0, 1.0]}),
    lambda scenario: av.simulate_until(
        scenario, lambda run: run.shares("gas")[:, -1], half_width=0.5
    ),
    lambda scenario: hybrid.simulate_hybrid(scenario, ()),
]


def test_a_sound_scenario_passes_all_checks(sound: av.Scenario) -> None:
    assert av.plausibility_checks(sound) == ()


@pytest.mark.parametrize(("name", "spoil", "kind", "field"), KINDS)
def test_a_doubtful_part_is_refused_unless_allowed_by_name(
    sound: av.Scenario,
    name: av.PlausibilityCheck,
    spoil: Spoil,
    kind: type[EngineError],
    field: str,
) -> None:
    doubtful = spoil(sound)
    (failure,) = av.plausibility_checks(doubtful)
    others = tuple(other for other, *_ in KINDS if other != name)
    with pytest.raises(kind) as caught:
        av.simulate_ensemble(replace(doubtful, allow=others))
    assert (caught.value.field, caught.value.fix) == (failure.field, failure.fix)
    assert failure.field == field
    assert f'allow=("{name}",)' in failure.fix
    assert av.simulate_ensemble(replace(doubtful, allow=(name,))).personas == 200


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize(("name", "spoil", "kind", "field"), KINDS)
def test_no_way_to_run_takes_a_doubtful_part_unasked(
    sound: av.Scenario,
    run: Callable[[av.Scenario], object],
    name: av.PlausibilityCheck,
    spoil: Spoil,
    kind: type[EngineError],
    field: str,
) -> None:
    with pytest.raises(kind) as caught:
        run(spoil(sound))
    assert caught.value.field == field


def test_what_is_allowed_changes_no_bit(sound: av.Scenario) -> None:
    allowed = replace(sound, allow=("isolated_personas", "empty_groups", "idle_scripts"))
    assert allowed.digest == sound.digest
    assert av.simulate_ensemble(allowed).digest == av.simulate_ensemble(sound).digest


def test_a_branch_allows_what_its_scenario_allows(sound: av.Scenario) -> None:
    assert _idle(replace(sound, allow=("idle_scripts",))).allow == ("idle_scripts",)


def test_all_failed_checks_are_returned_at_once_allowed_or_not(sound: av.Scenario) -> None:
    doubtful = _isolated(_empty(_idle(sound)))
    assert len(av.plausibility_checks(doubtful)) == 3
    assert len(av.plausibility_checks(replace(doubtful, allow=("isolated_personas",)))) == 3


@pytest.mark.parametrize("allow", [("isolated",), "idle_scripts", (1,), None])
def test_an_unknown_check_is_refused_with_the_list_of_those_there_are(
    sound: av.Scenario, allow: object
) -> None:
    with pytest.raises(ScenarioError) as caught:
        replace(sound, allow=allow)  # type: ignore[arg-type]
    assert caught.value.field == "allow"
    assert "isolated_personas, empty_groups, idle_scripts" in caught.value.fix
