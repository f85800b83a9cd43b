"""What is removed is chosen by nobody, as if the model never had it; the last one stays."""

from dataclasses import dataclass

import numpy as np
import pytest
from societies.choice import deciders

import agentverse_engine as av
from agentverse_engine.closed_form import expectation
from agentverse_engine.closed_form.shares import expected_shares
from agentverse_engine.effects.choices_left import find_gap
from agentverse_engine.errors import ScriptError
from agentverse_engine.rules import Nest, nested_logit_probabilities

NAMES = ("bus", "car", "walk")
COSTS = (1.0, 2.5, 0.5)
BETA = -0.8
CONSTANTS = {"car": 1.1, "walk": -0.4}
MODEL = av.ChoiceModel(alternatives=NAMES, coefficients={"cost": BETA}, constants=CONSTANTS)


@dataclass(frozen=True)
class Window:
    metric: expectation.ShareKind = "flow_share"
    from_tick: int = 2
    to_tick: int = 6


FLOWS = Window()
NESTS = (Nest(alternatives=("bus", "car"), dissimilarity=0.4),)


def banned(
    *names: str, value: float = 0.0, start_tick: int = 0, end_tick: int | None = None
) -> tuple[av.EventScript, ...]:
    scope = av.Scope(start_tick=start_tick, end_tick=end_tick)
    return tuple(
        av.EventScript(variable=f"availability.{name}", operation="set", value=value, scope=scope)
        for name in names
    )


def society(*scripts: av.EventScript, nests: tuple[Nest, ...] = (), size: int = 60) -> av.Scenario:
    return deciders(
        size,
        MODEL,
        nests=nests,
        costs=COSTS,
        event_scripts=scripts,
        flags={"removable": True},
        defaults={"replacement_rate": 1.0},
    )


def logit(left: tuple[str, ...], nests: tuple[Nest, ...]) -> np.ndarray:
    """The (nested) logit of a model that has these alternatives alone."""
    utilities = [
        CONSTANTS.get(name, 0.0) + BETA * cost
        for name, cost in zip(NAMES, COSTS, strict=True)
        if name in left
    ]
    nested = [any(name in nest.alternatives for nest in nests) for name in NAMES if name in left]
    scales = [1.0, *(nest.dissimilarity for nest in nests)]
    return nested_logit_probabilities(np.array(utilities), np.array(nested, dtype=int), scales)


@pytest.mark.parametrize("nests", [(), NESTS])
@pytest.mark.parametrize("gone", NAMES)
def test_a_removal_equals_the_logit_without_the_alternative(
    gone: str, nests: tuple[Nest, ...]
) -> None:
    shares = expected_shares(society(*banned(gone), nests=nests))[1, 0, 0]
    left = tuple(name for name in NAMES if name != gone)
    assert shares[NAMES.index(gone)] == 0
    expected = logit(left, nests)
    assert [shares[NAMES.index(name)] for name in left] == pytest.approx(expected, rel=1e-12)


def test_removing_from_one_nest_leaves_the_others_in_proportion() -> None:
    """Without nests the two that are left keep their odds (independence of irrelevant
    alternatives); a partner in a nest gains more than in proportion."""
    before = expected_shares(society(nests=NESTS))[1, 0, 0]
    after = expected_shares(society(*banned("bus"), nests=NESTS))[1, 0, 0]
    assert after[1] / after[2] > before[1] / before[2]
    plain, less = (expected_shares(society(*s))[1, 0, 0] for s in ((), banned("bus")))
    assert less[1] / less[2] == pytest.approx(plain[1] / plain[2], rel=1e-12)


def test_half_as_available_halves_the_odds() -> None:
    plain, half = (expected_shares(society(*s))[1, 0, 0] for s in ((), banned("car", value=0.5)))
    assert half[1] / half[0] == pytest.approx(0.5 * plain[1] / plain[0], rel=1e-12)


def test_the_expectation_of_a_survey_knows_removals() -> None:
    scenario = society(*banned("car", start_tick=2))
    found = expectation.expected(scenario, expectation.fitted(scenario), FLOWS)[0]
    assert found == pytest.approx([*logit(("bus", "walk"), ())[:1], 0.0, found[2]], rel=1e-12)


def test_nobody_chooses_it_while_it_is_gone_and_it_comes_back() -> None:
    scenario = society(*banned("car", start_tick=3, end_tick=4), size=400)
    flows = av.simulate(scenario).flows.sum(axis=(2, 3))  # replicates, ticks, alternatives
    car = flows[..., NAMES.index("car")]
    assert (car[:, 3:5] == 0).all()
    assert (car[:, [1, 2, 5, 6]] > 0).all()


def test_removable_alone_changes_no_bit() -> None:
    scenario = society(size=200)
    plain = deciders(200, MODEL, costs=COSTS, defaults={"replacement_rate": 1.0})
    assert (av.simulate(scenario).flows == av.simulate(plain).flows).all()


def test_the_last_alternative_stays() -> None:
    with pytest.raises(ScriptError, match="leave 60 of 60 personas nothing to choose at tick 4"):
        av.simulate(society(*banned("bus", "car"), *banned("walk", start_tick=4)))
    av.simulate(society(*banned("bus", end_tick=3), *banned("car", "walk", start_tick=4)))


def test_who_is_offered_one_thing_keeps_it() -> None:
    scenario = society()
    people = scenario.population
    alone = np.zeros(len(people))
    alone[:7] = 1.0
    attributes = {**people.attributes, "not_offered.bus": alone, "not_offered.walk": alone}
    offered = av.Population(
        segments=people.segments,
        regions=people.regions,
        segment=people.segment,
        region=people.region,
        attributes=attributes,
        choice=people.choice,
    )
    gap = find_gap(banned("car", start_tick=2), NAMES, offered, 6)
    assert gap is not None
    assert (gap.tick, gap.personas) == (2, 7)
    assert find_gap(banned("bus"), NAMES, offered, 6) is None


def test_a_chance_to_come_back_leaves_nobody_certain() -> None:
    back = av.EventScript(variable="availability.walk", operation="set", value=1.0, probability=0.5)
    gap = find_gap((*banned(*NAMES), back), NAMES, society().population, 6)
    assert gap is not None
    sure = banned("walk", value=1.0)
    assert find_gap((*banned(*NAMES), *sure), NAMES, society().population, 6) is None


def test_a_party_that_drops_out_gets_no_vote() -> None:
    pack = av.packs.election(removable=True)
    size = 300
    people = av.packs.completed(
        av.Population(
            segments=("all",),
            regions=("all",),
            segment=np.zeros(size, dtype=np.int16),
            region=np.zeros(size, dtype=np.int16),
            attributes={},
            choice=(np.arange(size) % 4).astype(np.uint8),
        ),
        pack,
        seed=1,
    )
    groups = {"all": people.region}
    scenario = av.Scenario(
        population=people,
        network=av.homophilous_network(groups, mean_degree=6, odds_ratios={}, seed=1),
        pack=pack,
        event_scripts=banned("centre", start_tick=3),
        horizon=5,
        replicates=4,
        allow=("isolated_personas",),
    )
    stock = av.simulate(scenario).stock.sum(axis=(2, 3))
    assert (stock[:, 2, 1] > 0).all()
    assert (stock[:, 3:, 1] == 0).all()
    assert (stock[:, 3:].sum(axis=2) == size).all()
