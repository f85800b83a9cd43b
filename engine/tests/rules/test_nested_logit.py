"""Nested logit: its closed form, its limits, and the shares that the simulation draws from it."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from societies.choice import deciders, random_scenario, registry

import agentverse_engine as av
from agentverse_engine.errors import PackError, RequestError
from agentverse_engine.reference import simulate_reference
from agentverse_engine.rules import Nest, nested_logit_probabilities

Floats = NDArray[np.float64]
BUSES = av.ChoiceModel(
    alternatives=("car", "red_bus", "blue_bus"), coefficients={"cost": -1.0}, constants={}
)
SAME_COSTS = (1.0, 1.0, 1.0)


def _textbook(utilities: Floats, nest_of: list[int], dissimilarity: list[float]) -> Floats:
    """P(j) = P(nest) P(j in nest), both from inclusive values (Train 2009, eqs. 4.4 and 4.5)."""
    shares = np.zeros_like(utilities)
    weights = np.zeros((*utilities.shape[:-1], len(dissimilarity)))
    for nest, scale in enumerate(dissimilarity):
        members = np.flatnonzero(np.array(nest_of) == nest)
        inner = np.exp(utilities[..., members] / scale)
        total = inner.sum(axis=-1, keepdims=True)
        shares[..., members] = inner / total
        weights[..., nest] = total[..., 0] ** scale
    weights /= weights.sum(axis=-1, keepdims=True)
    return shares * weights[..., nest_of]


def test_probabilities_equal_the_textbook_formula() -> None:
    utilities = np.random.default_rng(4).normal(0, 2, (200, 6))
    nest_of, dissimilarity = [0, 1, 1, 2, 2, 2], [1.0, 0.3, 0.8]
    found = nested_logit_probabilities(utilities, nest_of, dissimilarity)
    np.testing.assert_allclose(found, _textbook(utilities, nest_of, dissimilarity), rtol=1e-12)
    np.testing.assert_allclose(found.sum(axis=-1), 1.0, rtol=1e-14)


@pytest.mark.parametrize(
    ("dissimilarity", "car"), [(1.0, 1 / 3), (0.5, 1 / (1 + math.sqrt(2))), (1e-3, 0.5)]
)
def test_red_bus_and_blue_bus_share_what_a_bus_would_have(dissimilarity: float, car: float) -> None:
    """From a third each (independent) to half for the car (the buses are one alternative)."""
    shares = nested_logit_probabilities(np.zeros(3), [0, 1, 1], [1.0, dissimilarity])
    assert shares == pytest.approx([car, (1 - car) / 2, (1 - car) / 2], abs=1e-3)


def test_a_cheaper_bus_takes_more_from_its_nest_than_from_outside() -> None:
    """Cross elasticities (Train 2009, section 4.2.3), against a plain logit's equal ones."""

    def change(dissimilarity: float) -> Floats:
        scales = [1.0, dissimilarity]
        before = nested_logit_probabilities([0.0, 0.0, 0.0], [0, 1, 1], scales)
        after = nested_logit_probabilities([0.0, 1e-6, 0.0], [0, 1, 1], scales)
        return (after / before - 1) / 1e-6

    plain, nested = change(1.0), change(0.5)
    assert plain[0] == pytest.approx(plain[2], rel=1e-4)
    outside, inside = math.sqrt(2) / (1 + math.sqrt(2)), 0.5
    bus = outside * inside
    assert nested[0] == pytest.approx(-bus, rel=1e-4)
    assert nested[2] == pytest.approx(-(bus + (1 / 0.5 - 1) * inside), rel=1e-4)


def test_extreme_utilities_stay_finite() -> None:
    shares = nested_logit_probabilities([1e3, -1e3, 0.0], [0, 1, 1], [1.0, 1e-3])
    assert shares.tolist() == [1.0, 0.0, 0.0]


def _run(nests: tuple[Nest, ...], *, social_rules: bool = False) -> av.Trajectory:
    scenario = deciders(
        5000,
        BUSES,
        nests=nests,
        costs=SAME_COSTS,
        social_rules=social_rules,
        defaults={"replacement_rate": 1.0, "loss_aversion": 1.0, "conformity": 1.0},
    )
    return av.simulate_ensemble(scenario, threads=1)


def _buses(dissimilarity: float) -> tuple[Nest, ...]:
    return (Nest(alternatives=("red_bus", "blue_bus"), dissimilarity=dissimilarity),)


@pytest.mark.parametrize("social_rules", [False, True])
def test_dissimilarity_one_equals_the_plain_logit_bit_for_bit(social_rules: bool) -> None:
    nested, plain = (_run(nests, social_rules=social_rules) for nests in (_buses(1.0), ()))
    assert nested.digest == plain.digest


@pytest.mark.parametrize("dissimilarity", [0.5, 1e-3])
def test_simulated_shares_are_those_of_red_bus_and_blue_bus(dissimilarity: float) -> None:
    """120,000 independent choices, 3 shares, five standard errors: false alarms 2e-6."""
    found = _run(_buses(dissimilarity)).flows[:, 1:].sum(axis=(0, 1, 2, 3)) / 120_000
    expected = nested_logit_probabilities(np.zeros(3), [0, 1, 1], [1.0, dissimilarity])
    error = np.sqrt(expected * (1 - expected) / 120_000)
    assert (np.abs(found - expected) < 5 * error).all()


SYSTEMS = ("ec", "er", "gc", "gr", "hp")
HEATING = av.ChoiceModel(  # the published multinomial logit, see test_estimation.py
    alternatives=SYSTEMS,
    coefficients={"ic": -0.00153315, "oc": -0.00699637},
    constants={"ec": 1.65885, "er": 1.85344, "gc": 1.71098, "gr": 0.30826},
)
ROOM = (Nest(alternatives=("er", "gr"), dissimilarity=0.4),)


def _heating_rows() -> dict[str, Floats]:
    with (Path(__file__).parents[1] / "data" / "heating.csv").open() as file:
        rows = list(csv.DictReader(file))
    names = [f"{family}.{system}" for family in ("ic", "oc") for system in SYSTEMS]
    return {name: np.array([float(row[name]) for row in rows]) for name in names}


def test_simulated_heating_shares_are_the_mean_nested_probabilities() -> None:
    """900 homes x 100 replicates, 5 shares, five standard errors: false alarms 3e-6."""
    columns = _heating_rows()
    homes = 900
    scenario = av.Scenario(
        population=av.Population(
            segments=("all",),
            regions=("all",),
            segment=np.zeros(homes, dtype=np.int16),
            region=np.zeros(homes, dtype=np.int16),
            attributes=columns,
            choice=np.zeros(homes, dtype=np.uint8),
        ),
        network=av.network_from_edges(homes, np.zeros((0, 2), dtype=np.int64)),
        pack=av.consumer_choice(HEATING, nests=ROOM),
        variables=tuple(_widened(variable) for variable in registry(HEATING)),
        event_scripts=(av.EventScript(variable="replacement_rate", operation="set", value=1.0),),
        horizon=1,
        replicates=100,
        social_rules=False,
        allow=("isolated_personas",),
    )
    found = av.simulate_ensemble(scenario, threads=1).shares()[:, 1].mean(axis=0)
    utilities = HEATING.constant_vector() + sum(
        beta * np.stack([columns[f"{family}.{system}"] for system in SYSTEMS], axis=1)
        for family, beta in HEATING.coefficients.items()
    )
    probabilities = _textbook(utilities, [0, 1, 2, 1, 3], [1.0, 0.4, 1.0, 1.0])
    expected = probabilities.mean(axis=0)
    np.testing.assert_allclose(av.expected_shares(scenario)[1, 0, 0], expected, rtol=1e-12)
    error = np.sqrt((probabilities * (1 - probabilities)).mean(axis=0) / (homes * 100))
    assert (np.abs(found - expected) < 5 * error).all()


def _widened(variable: av.Variable) -> av.Variable:
    """Widen the ranges of costs to those of the data."""
    if variable.kind == "parameter":
        return variable
    return av.attribute(
        variable.name, label=variable.label, bounds=(0.0, 1e5), source=variable.source
    )


@pytest.mark.parametrize("seed", range(2, 50, 4))
def test_fast_path_equals_the_plain_reference(seed: int) -> None:
    """Random societies with nests and prospects."""
    scenario = random_scenario(seed)
    assert "nest_of" in scenario.pack.constants
    fast, slow = av.simulate_ensemble(scenario, threads=1), simulate_reference(scenario)
    np.testing.assert_array_equal(fast.tick_digests, slow.tick_digests)
    np.testing.assert_array_equal(fast.flows, slow.flows)


@pytest.mark.parametrize("dissimilarity", [0.0, -0.5, 1.1, math.nan])
def test_a_dissimilarity_out_of_range_is_refused(dissimilarity: float) -> None:
    with pytest.raises(PackError) as caught:
        Nest(alternatives=("car",), dissimilarity=dissimilarity)
    assert caught.value.field == "nest.dissimilarity"
    with pytest.raises(RequestError) as refused:
        nested_logit_probabilities([0.0, 0.0], [0, 0], [dissimilarity])
    assert refused.value.field == "dissimilarity"


@pytest.mark.parametrize(
    "nests",
    [
        (Nest(alternatives=("tram",), dissimilarity=0.5),),
        (Nest(alternatives=("car", "car"), dissimilarity=0.5),),
        (
            Nest(alternatives=("car", "red_bus"), dissimilarity=0.5),
            Nest(alternatives=("car",), dissimilarity=0.5),
        ),
    ],
)
def test_nests_of_unknown_or_shared_alternatives_are_refused(nests: tuple[Nest, ...]) -> None:
    with pytest.raises(PackError) as caught:
        av.consumer_choice(BUSES, nests=nests)
    assert caught.value.field == "nests"


@pytest.mark.parametrize(
    ("utilities", "nest_of", "field"),
    [
        ([0.0, math.nan], [0, 0], "utilities"),
        ([0.0, 0.0, 0.0], [0, 0], "nest_of"),
        ([], [], "nest_of"),
        ([0.0, 0.0], [0, 1], "nest_of"),
        ([0.0, 0.0], [0, -1], "nest_of"),
    ],
)
def test_probabilities_of_what_does_not_fit_are_refused(
    utilities: list[float], nest_of: list[int], field: str
) -> None:
    with pytest.raises(RequestError) as caught:
        nested_logit_probabilities(utilities, nest_of, [0.5])
    assert caught.value.field == field
