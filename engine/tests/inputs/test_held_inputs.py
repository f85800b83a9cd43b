"""What a scenario is made of is its own: what the caller changes later changes no run."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import agentverse_engine as av
from agentverse_engine.errors import (
    ModelError,
    PackError,
    PopulationError,
    ScriptError,
    VariableError,
)

MOOD = av.Level(name="mood", label="mood", unit="", minimum=0, maximum=9, default=8)


def _falls(mood: float, steps: Any) -> float:
    return mood - steps[0]


def _pack(**changes: Any) -> av.Pack:
    return av.Pack(
        name="moods",
        alternatives=changes.pop("alternatives", ("calm", "cross")),
        levels=changes.pop("levels", (MOOD,)),
        rules=changes.pop(
            "rules", (av.Rule(name="fall", function=_falls, writes=("mood",), source="made up"),)
        ),
        constants=changes.pop("constants", {"steps": np.ones(1)}),
        parameters=("heat",),
        variables=(av.parameter("heat", label="heat", default=0, bounds=(0, 9), source="made up"),),
        **changes,
    )


def _population(**changes: Any) -> av.Population:
    first = np.zeros(4, dtype=np.uint8)
    parts: dict[str, Any] = {
        "segments": ("s",),
        "regions": ("r",),
        "segment": first,
        "region": first,
        "attributes": {},
        "choice": first,
    }
    return av.Population(**parts | changes)


def _model(**changes: Any) -> av.ChoiceModel:
    parts: dict[str, Any] = {
        "alternatives": ("a", "b"),
        "coefficients": {"cost": -1.0},
        "constants": {},
    }
    return av.ChoiceModel(**parts | changes)


def _masked(values: list[float]) -> Any:
    """Return an array whose second value is there, but not to be used."""
    return np.ma.masked_where(np.arange(len(values)) == 1, np.array(values))


def _scenario(**changes: Any) -> av.Scenario:
    parts: dict[str, Any] = {
        "population": _population(),
        "network": av.networks.complete_network(4),
        "pack": _pack(),
        "horizon": 2,
        "replicates": 1,
    }
    return av.Scenario(**parts | changes)


HEAT = av.EventScript(variable="heat", operation="set", value=1.0)


def test_scenario_keeps_the_scripts_and_variables_it_was_given() -> None:
    scripts, variables = [HEAT], list(_pack().variables)
    scenario = _scenario(event_scripts=scripts, variables=variables)

    scripts.append(HEAT)
    variables.clear()

    assert scenario.event_scripts == (HEAT,)
    assert scenario.variables == _pack().variables
    assert replace(scenario).digest == scenario.digest


def test_scripts_keep_the_scope_and_intensities_they_were_given() -> None:
    segments, values = ["s"], [0.5]
    script = replace(
        HEAT,
        scope=av.Scope(segments=segments),  # type: ignore[arg-type]
        intensity=av.IntensityProfile(kind="custom", values=values),  # type: ignore[arg-type]
    )

    segments[0], values[0] = "nobody", 0.0

    assert (script.scope.segments, script.intensity.values) == (("s",), (0.5,))


def test_population_keeps_the_labels_it_was_given() -> None:
    segments = ["s"]
    population = _population(segments=segments, regions=np.array(["r"]))

    segments.append("t")

    assert (population.segments, population.regions) == (("s",), ("r",))
    assert population.digest == _population().digest


def test_pack_keeps_the_constants_and_rules_it_was_given() -> None:
    steps = np.ones(1)
    constants, rules = {"steps": steps}, list(_pack().rules)
    scenario = _scenario(pack=_pack(constants=constants, rules=rules))
    before = av.simulate(scenario).digest

    steps[0] = 3.0
    constants["steps"] = steps
    rules.clear()

    assert av.simulate(scenario).digest == before
    assert replace(scenario).digest == scenario.digest


def test_model_keeps_the_coefficients_it_was_given() -> None:
    coefficients, constants = {"cost": -1.0}, {"b": 1.0}
    model = av.ChoiceModel(alternatives=("a", "b"), coefficients=coefficients, constants=constants)

    coefficients["cost"], constants["b"] = 5.0, 5.0

    assert (model.coefficients, model.constants) == ({"cost": -1.0}, {"b": 1.0})


@pytest.mark.parametrize(
    ("call", "error", "field"),
    [
        (lambda: _scenario(event_scripts=HEAT), ScriptError, "event_scripts"),
        (lambda: _scenario(event_scripts=None), ScriptError, "event_scripts"),
        (lambda: _scenario().branch(HEAT), ScriptError, "event_scripts"),  # type: ignore[arg-type]
        (lambda: av.bundled("both", HEAT), ScriptError, "event_scripts"),  # type: ignore[arg-type]
        (lambda: _scenario(variables=_pack().variables[0]), VariableError, "variables"),
        (lambda: _scenario(variables=("heat",)), VariableError, "variables[0]"),
        (
            lambda: _scenario(event_scripts=(replace(HEAT, scope=None),)),
            ScriptError,
            "event_scripts[0].scope",
        ),
        (
            lambda: _scenario(event_scripts=(replace(HEAT, intensity="pulse"),)),
            ScriptError,
            "event_scripts[0].intensity",
        ),
        (
            lambda: _scenario(event_scripts=(replace(HEAT, condition="calm"),)),
            ScriptError,
            "event_scripts[0].condition",
        ),
        (
            lambda: _scenario(
                event_scripts=(replace(HEAT, scope=av.Scope(where=("old",))),)  # type: ignore[arg-type]
            ),
            ScriptError,
            "event_scripts[0].scope.where[0]",
        ),
        (
            lambda: _scenario(event_scripts=(replace(HEAT, variable=["heat"]),)),
            ScriptError,
            "event_scripts[0].variable",
        ),
        (lambda: _population(segments={"s"}), PopulationError, "segments"),
        (lambda: _population(segments=None), PopulationError, "segments"),
        (lambda: _population(attributes=[1.0]), PopulationError, "attributes"),
        (lambda: _population(choice=[[0], [0, 1], [0], [0]]), PopulationError, "choice"),
        (
            lambda: _population(segment=_masked([0, 0, 0, 0])),
            PopulationError,
            "segment",
        ),
        (lambda: _model(coefficients=None), ModelError, "coefficients"),
        (lambda: _model(coefficients={"cost": "1"}), ModelError, "cost"),
        (lambda: _model(constants=[1.0]), ModelError, "constants"),
        (lambda: _model(constants={"b": True}), ModelError, "b"),
        (lambda: _pack(alternatives="ab"), PackError, "moods.alternatives"),
        (lambda: _pack(alternatives=("a", 2)), PackError, "moods.alternatives[1]"),
        (lambda: _pack(rules=(_falls,)), PackError, "moods.rules[0]"),
    ],
)
def test_what_is_no_list_of_the_right_things_is_refused(
    call: Any, error: type[av.EngineError], field: str
) -> None:
    with pytest.raises(error) as refused:
        call()
    assert refused.value.field == field


def test_masked_value_of_an_attribute_is_absent() -> None:
    with pytest.raises(PopulationError) as refused:
        _population(attributes={"age": _masked([1.0, 2.0, 3.0, 4.0])})

    assert "row 1" in str(refused.value)


def test_whole_numbers_in_a_column_of_objects_are_numbers() -> None:
    ages = np.array([1, 2, 3, True], dtype=object)

    population = _population(attributes={"age": ages})

    assert population.attributes["age"].tolist() == [1.0, 2.0, 3.0, 1.0]
