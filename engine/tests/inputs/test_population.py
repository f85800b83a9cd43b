"""Populations and scenarios: what they hold, how they are hashed, what they refuse."""

import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import agentverse_engine as av
from agentverse_engine.errors import ModelError, PopulationError, ScenarioError, VariableError
from agentverse_engine.packs import consumer_choice_parameters

Society = Callable[..., av.Scenario]
ALTERNATIVES = ("gas", "wood", "pump")


def _population(**changes: Any) -> av.Population:
    fields: dict[str, Any] = {
        "segments": ("poor", "rich"),
        "regions": ("north",),
        "segment": np.array([0, 1, 1]),
        "region": np.zeros(3, dtype=int),
        "attributes": {"cost.a": np.array([1.0, 2.0, 3.0]), "cost.b": np.ones(3)},
        "choice": np.array([0, 1, 0]),
    }
    return av.Population(**{**fields, **changes})


def test_population_digest_depends_on_content_and_not_on_column_order() -> None:
    swapped = _population(attributes={"cost.b": np.ones(3), "cost.a": np.array([1.0, 2.0, 3.0])})
    assert swapped.digest == _population().digest
    assert _population(choice=np.array([0, 1, 1])).digest != _population().digest
    assert _population(regions=("south",)).digest != _population().digest
    assert _population(ids=np.array([5, 6, 7])).digest != _population().digest


def test_population_cannot_be_changed() -> None:
    population = _population()
    for array in (population.choice, population.ids, population.attributes["cost.a"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_population_does_not_share_memory_with_what_it_was_built_from() -> None:
    choice, cost = np.array([0, 1, 0], dtype=np.uint8), np.ones(3)
    population = _population(choice=choice, attributes={"cost.a": cost})
    choice[0], cost[0] = 1, 9.0
    assert population.choice[0] == 0
    assert population.attributes["cost.a"][0] == 1.0


def test_population_and_errors_survive_a_process_boundary(society: Society) -> None:
    scenario = society(50)
    copy: av.Scenario = pickle.loads(pickle.dumps(scenario))  # noqa: S301  our own bytes
    assert copy.digest == scenario.digest
    for array in (copy.population.ids, copy.population.matrix, copy.network.indices):
        assert not array.flags.writeable
    assert av.simulate_ensemble(copy).digest == av.simulate_ensemble(scenario).digest
    error = ScenarioError("is 0.", field="horizon", fix="Use more.")
    again: ScenarioError = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (str(again), again.field, again.fix) == (str(error), "horizon", "Use more.")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"choice": np.array([], dtype=int)}, "population"),
        ({"segments": ("poor", "poor")}, "segments"),
        ({"regions": ()}, "regions"),
        ({"segment": np.array([0, 1, 2])}, "segment"),
        ({"segment": np.array([0, -1, 1])}, "segment"),
        ({"segment": np.array([0.0, 1.0, 1.0])}, "segment"),
        ({"region": np.zeros(2, dtype=int)}, "region"),
        ({"choice": np.array([0, 1, 256])}, "choice"),
        ({"ids": np.array([1, 1, 2])}, "ids"),
        ({"ids": np.array([-1, 1, 2])}, "ids"),
        ({"attributes": {"cost.a": np.array([1.0, np.nan, 2.0])}}, "cost.a"),
        ({"attributes": {"cost.a": np.array([1.0, np.inf, 2.0])}}, "cost.a"),
        ({"attributes": {"cost.a": np.ones(2)}}, "attributes"),
        ({"attributes": {"cost.a": np.ones(3), "cost.b": np.ones(2)}}, "attributes"),
        ({"attributes": {"cost.a": np.ones((3, 1))}}, "cost.a"),
    ],
)
def test_population_that_does_not_fit_together_is_refused(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(PopulationError) as caught:
        _population(**changes)
    assert caught.value.field == field
    assert caught.value.fix


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"horizon": 0}, ScenarioError, "horizon"),
        ({"replicates": 0}, ScenarioError, "replicates"),
        ({"variables": consumer_choice_parameters()}, VariableError, "cost.gas"),
    ],
)
def test_scenario_that_cannot_run_is_refused(
    society: Society, changes: dict[str, Any], error: type[av.EngineError], field: str
) -> None:
    with pytest.raises(error) as caught:
        replace(society(50), **changes)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"choice": np.full(50, 3)}, "population.choice"),
        ({"attributes": {f"cost.{a}": np.full(50, 21.0) for a in ALTERNATIVES}}, "cost.gas"),
        ({"attributes": {"cost.gas": np.ones(50)}}, "cost.wood"),
        ({"attributes": {}}, "cost.gas"),
    ],
)
def test_scenario_refuses_a_population_that_does_not_fit(
    society: Society, changes: dict[str, Any], field: str
) -> None:
    scenario = society(50)
    population = replace(scenario.population, **changes)
    with pytest.raises(ScenarioError) as caught:
        replace(scenario, population=population)
    assert caught.value.field == field


def test_scenario_refuses_a_network_over_others(society: Society) -> None:
    others = society(51).network
    with pytest.raises(ScenarioError) as caught:
        replace(society(50), network=others)
    assert caught.value.field == "network"


def test_scenario_refuses_a_registry_that_does_not_fit(society: Society) -> None:
    scenario = society(50)
    last = scenario.variables[-1]
    stray = replace(last, name="mood", family="mood")
    for added, words in ((last, "twice"), (stray, "no rule reads it")):
        with pytest.raises(VariableError, match=words):
            replace(scenario, variables=(*scenario.variables, added))


def test_scenario_digest_covers_every_part(society: Society) -> None:
    scenario = society(50)
    script = av.EventScript(variable="conformity", operation="set", value=1.0)
    others = [
        replace(scenario, seed=8),
        replace(scenario, horizon=7),
        replace(scenario, replicates=5),
        replace(scenario, network=society(50, mean_degree=4).network),
        replace(
            scenario,
            pack=av.consumer_choice(replace(scenario.model, constants={"wood": 0.31})),
        ),
        society(50, conformity=1.4),
        scenario.branch([script]),
        scenario.without_social_rules(),
    ]
    digests = {other.digest for other in others} | {scenario.digest}
    assert len(digests) == len(others) + 1
    assert society(50).digest == scenario.digest


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"alternatives": ("a",)}, "alternatives"),
        ({"alternatives": ("a", "a")}, "alternatives"),
        ({"constants": {"c": 1.0}}, "c"),
        ({"coefficients": {"cost": float("nan")}}, "cost"),
    ],
)
def test_model_that_is_incomplete_is_refused(changes: dict[str, Any], field: str) -> None:
    fields: dict[str, Any] = {"alternatives": ("a", "b"), "coefficients": {}, "constants": {}}
    with pytest.raises(ModelError) as caught:
        av.ChoiceModel(**{**fields, **changes})
    assert caught.value.field == field


def test_registry_holds_sourced_parameters_and_marks_assumptions(society: Society) -> None:
    registry = {variable.name: variable for variable in consumer_choice_parameters()}
    assert registry["replacement_rate"].default == pytest.approx(1 / 216)
    assert registry["replacement_rate"].assumption  # nothing is known of what people choose
    assert registry["conformity"].default == 1.67
    assert registry["conformity"].assumption
    assert registry["loss_aversion"].default == 2.25
    assert registry["loss_aversion"].assumption
    assert all(variable.source and variable.unit for variable in society(50).variables)


def test_rate_of_choosing_that_the_data_tell_is_no_assumption() -> None:
    known = av.ChoiceRate(rate=0.5, label="share that buys each week", source="the panel's trips")
    rate = consumer_choice_parameters(choice_rate=known)[0]
    assert (rate.name, rate.default, rate.label) == ("replacement_rate", 0.5, known.label)
    assert not rate.assumption


@pytest.mark.parametrize(
    ("values", "expected"),
    [([100.0, 50.0], (0.0, 1000.0)), ([-2.0, 3.0], (-20.0, 30.0)), ([0.0], (0.0, 1.0))],
)
def test_generous_range_leaves_room(values: list[float], expected: tuple[float, float]) -> None:
    assert av.generous_range(values) == expected


def test_variable_that_contradicts_itself_is_refused() -> None:
    conformity = consumer_choice_parameters()[1]
    for changes in (
        {"default": 5.0},
        {"default": None},
        {"minimum": 4.0},
        {"maximum": float("inf")},
        {"kind": "attribute"},
    ):
        with pytest.raises(VariableError) as caught:
            replace(conformity, **changes)  # type: ignore[arg-type]
        assert caught.value.field == "conformity"
