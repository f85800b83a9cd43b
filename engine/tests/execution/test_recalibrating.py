"""Constants moved until the simulated shares are the survey's, in worlds whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest
from societies import ANYTHING

import agentverse_engine as av
from agentverse_engine import synthesis
from agentverse_engine.errors import PackError, ScenarioError
from agentverse_engine.estimation import fit_multinomial_logit
from agentverse_engine.execution.recalibrating import Recalibration, recalibrate
from agentverse_engine.packs.consumer_choice import with_constants

FEW = 4
MANY = 200
PERSONAS = 1_500
TWO_ALTERNATIVES = 4


def world(number: int) -> tuple[av.Scenario, dict[str, float]]:
    """A survey drawn from a known logit, fitted and made into personas under social rules.

    Returns the scenario and the survey's shares. Numbers of alternatives, strength of conformity
    and how often people choose differ from world to world.
    """
    draw = np.random.default_rng([12, number])
    size, rows = int(draw.integers(2, 6)), 600
    names = tuple("abcde"[:size])
    price = draw.uniform(2.0, 6.0, (rows, size))
    utilities = draw.normal(0.0, 0.7, size) - draw.uniform(0.2, 0.8) * price
    choice = (utilities + draw.gumbel(size=(rows, size))).argmax(axis=1)
    fit = fit_multinomial_logit(
        price[:, :, None], choice, alternatives=names, names=["price"], reference=names[-1]
    )
    model = av.ChoiceModel(
        alternatives=names,
        coefficients={"price": fit.coefficients["price"]},
        constants={name: fit.coefficients[f"asc.{name}"] for name in names[:-1]},
    )
    chosen = synthesis.resample(rows, PERSONAS, number)
    population = av.Population(
        segments=("all",),
        regions=("all",),
        segment=np.zeros(PERSONAS, dtype=np.int16),
        region=np.zeros(PERSONAS, dtype=np.int16),
        attributes={f"price.{name}": price[chosen, place] for place, name in enumerate(names)},
        choice=choice[chosen].astype(np.uint8),
    )
    variables = av.consumer_choice_variables(
        model,
        attribute_ranges={"price": (0.0, 20.0)},
        family_labels={"price": "price"},
        family_units={"price": "$"},
        alternative_labels={name: name for name in names},
        attribute_source="drawn",
    )
    values = {"conformity": draw.uniform(0.6, 1.5), "replacement_rate": draw.choice([0.1, 0.5])}
    scenario = av.Scenario(
        population=population,
        network=av.homophilous_network(
            {"region": population.region}, mean_degree=8, odds_ratios={"region": 1.0}, seed=number
        ),
        pack=av.consumer_choice(model),
        variables=tuple(
            replace(one, default=float(values.get(one.name, one.default)))
            if one.default is not None
            else one
            for one in variables
        ),
        horizon=8,
        replicates=8,
        seed=number,
        allow=ANYTHING,
    )
    counts = np.bincount(choice, minlength=size)
    return scenario, {name: float(counts[at] / rows) for at, name in enumerate(names)}


def flow_shares(scenario: av.Scenario) -> np.ndarray:
    counts = av.simulate_ensemble(scenario, dense_replicates=0).flows[:, 1:].sum(axis=(1, 2, 3))
    return (counts / counts.sum(axis=1, keepdims=True)).mean(axis=0)


def check_worlds(numbers: range) -> list[Recalibration]:
    """Every world with a fixed point lies on its survey; returns them all."""
    found: list[Recalibration] = []
    for number in numbers:
        scenario, target = world(number)
        result = recalibrate(scenario, target)
        found.append(result)
        if not result.converged:
            continue
        shifted = replace(scenario, pack=with_constants(scenario.pack, result.shifts))
        again = flow_shares(shifted)
        for place, name in enumerate(scenario.pack.alternatives):
            assert again[place] == pytest.approx(result.shares[name]), "as it says"
            assert abs(again[place] - target[name]) <= result.tolerance[name]
    return found


def test_recalibrate_known_worlds_lie_on_their_surveys() -> None:
    found = check_worlds(range(FEW))
    assert sum(one.converged for one in found) == FEW
    assert sum(leaves_survey(number, found[number]) for number in range(FEW)) >= FEW - 1


def leaves_survey(number: int, found: Recalibration) -> bool:
    """Whether the same world with the fitted constants has a share beyond its tolerance."""
    scenario, target = world(number)
    plain = zip(scenario.pack.alternatives, flow_shares(scenario), strict=True)
    return any(abs(share - target[name]) > found.tolerance[name] for name, share in plain)


@pytest.mark.long
def test_recalibrate_many_known_worlds_lie_on_their_surveys() -> None:
    found = check_worlds(range(MANY))
    # Conformity below its critical value: all but a few, where chance alone leaves two states.
    assert sum(one.converged for one in found) >= 0.95 * MANY


def test_recalibrate_is_a_function_of_its_inputs() -> None:
    scenario, target = world(1)
    assert recalibrate(scenario, target) == recalibrate(scenario, target)


def test_recalibrate_without_social_rules_shifts_little() -> None:
    scenario, target = world(2)
    result = recalibrate(scenario.without_social_rules(), target)
    assert result.converged
    assert max(abs(shift) for shift in result.shifts.values()) < 0.1
    assert result.shifts[scenario.pack.alternatives[-1]] == 0


def test_recalibrate_beyond_the_critical_conformity_says_that_there_is_no_fixed_point() -> None:
    """Everybody follows at once, so the shares jump from nearly none to nearly all."""
    scenario, _ = world(TWO_ALTERNATIVES)
    extreme = {"conformity": 30.0, "replacement_rate": 1.0}
    strong = replace(
        scenario,
        variables=tuple(
            replace(one, default=extreme[one.name], maximum=40.0) if one.name in extreme else one
            for one in scenario.variables
        ),
        horizon=30,
        replicates=4,
    )
    result = recalibrate(strong, {"a": 0.5, "b": 0.5}, first_tick=25)
    assert not result.converged
    assert sum(result.shares.values()) == pytest.approx(1.0)
    assert result.iterations < 50


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ({"a": 0.0, "b": 1.0}, "target.a"),
        ({"a": 0.5}, "target.b"),
        ({"a": 0.5, "b": 0.6}, "target"),
    ],
)
def test_recalibrate_target_that_no_constant_reaches_is_named(
    target: dict[str, float], field: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        recalibrate(world(TWO_ALTERNATIVES)[0], target)
    assert caught.value.field == field


def test_with_constants_of_an_unknown_alternative_is_refused() -> None:
    scenario, _ = world(0)
    with pytest.raises(PackError) as caught:
        with_constants(scenario.pack, {"nobody": 1.0})
    assert caught.value.field == "shifts"
