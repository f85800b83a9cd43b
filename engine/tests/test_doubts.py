"""Isolated people, empty groups, scripts for nobody: defined by default, refused on request."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import agentverse_engine as av
from agentverse_engine.errors import EngineError, NetworkError, PopulationError, ScriptError

Society = Callable[..., av.Scenario]


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
    return replace(society(200), network=av.network_from_edges(200, edges))


def test_a_sound_scenario_has_no_doubts_and_runs_strictly(sound: av.Scenario) -> None:
    assert av.doubts(sound) == ()
    assert av.simulate_ensemble(sound, strict=True).digest == av.simulate_ensemble(sound).digest


@pytest.mark.parametrize(
    ("spoil", "kind", "field"),
    [
        (_isolated, NetworkError, "network"),
        (_empty, PopulationError, "segments"),
        (_idle, ScriptError, "event_scripts[0].scope"),
    ],
)
def test_a_doubtful_part_is_named_and_refused_when_strict(
    sound: av.Scenario,
    spoil: Callable[[av.Scenario], av.Scenario],
    kind: type[EngineError],
    field: str,
) -> None:
    doubtful = spoil(sound)
    (doubt,) = av.doubts(doubtful)
    assert isinstance(doubt, kind)
    assert doubt.field == field
    assert doubt.fix.endswith(".")
    with pytest.raises(kind):
        av.simulate_ensemble(doubtful, strict=True)
    assert av.simulate_ensemble(doubtful).personas == 200


def test_all_doubts_are_told_at_once(sound: av.Scenario) -> None:
    assert len(av.doubts(_isolated(_empty(_idle(sound))))) == 3
