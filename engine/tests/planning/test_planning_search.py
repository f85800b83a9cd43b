"""Search: beams and trees against plain enumeration, dominance, determinism, counts of pruning."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from societies.plans import STAGE, enumerated, random_problem

from agentverse_engine import planning as pl
from agentverse_engine.planning.constraints import at_assurance

WIDE = pl.BeamSearch(width=100_000)
SEEDS = st.integers(0, 10_000)


def moves(steps: tuple[pl.Step, ...]) -> tuple[tuple[int, str], ...]:
    return tuple((step.tick, step.action) for step in steps)


def best_value(problem: pl.Problem, **options: object) -> float | None:
    found = pl.explored(problem, **options).plans  # type: ignore[arg-type]  # one test, many options
    return found[0].verdict.value if found else None


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_wide_beam_without_dominance_finds_every_plan_of_enumeration(seed: int) -> None:
    problem = random_problem(seed)
    found = pl.explored(problem, search=WIDE, prune_dominated=False)
    expected = enumerated(problem)
    values = {moves(node.steps): node.verdict.value for node in found.plans}
    assert values.keys() == expected.keys()
    for path, value in expected.items():
        assert math.isclose(values[path], value, rel_tol=1e-12, abs_tol=1e-9)


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_dominance_never_drops_the_optimum(seed: int) -> None:
    problem = random_problem(seed)
    expected = enumerated(problem)
    found = pl.explored(problem, search=WIDE)
    assert found.explored == len(found.plans) + found.dominated + sum(
        one.cut + one.unfinished for one in found.prunings.values()
    )
    if not expected:
        assert not found.plans
        return
    assert math.isclose(found.plans[0].verdict.value, max(expected.values()), abs_tol=1e-9)
    assert all(moves(node.steps) in expected for node in found.plans)


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_tree_with_enough_iterations_finds_the_optimum(seed: int) -> None:
    problem = random_problem(seed)
    expected = enumerated(problem)
    found = pl.explored(problem, search=pl.TreeSearch(iterations=20_000, seed=seed)).plans
    assert bool(found) == bool(expected)
    if expected:
        assert math.isclose(found[0].verdict.value, max(expected.values()), abs_tol=1e-9)


def chain(length: int = 8) -> pl.Problem:
    """A problem whose optimum takes `good` at every tick, among decoys that lose."""
    actions = (
        pl.Action(name="bad", effects=(_adds(-1.0),), most_uses=length),
        pl.Action(name="poor", effects=(_adds(0.25),), most_uses=length, time_ticks=1),
        pl.Action(name="good", effects=(_adds(1.0),), most_uses=length, time_ticks=1),
    )
    return pl.Problem(
        scenario=STAGE,
        actions=actions,
        goals=(pl.Goal(quantity="x"),),
        variables=(pl.DecisionVariable(name="x", start=0, minimum=-100, maximum=100),),
        decision_ticks=tuple(range(6)),
    )


def _adds(value: float) -> pl.Effect:
    return pl.Effect(changes=(pl.Change(variable="x", operation="add", value=value),))


def test_narrow_beam_finds_the_optimum_of_a_chain_and_counts_what_it_dropped() -> None:
    found = pl.explored(chain(), search=pl.BeamSearch(width=3))
    assert [step.action for step in found.plans[0].steps] == ["good"] * 6
    assert found.dropped > 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_tree_spends_its_iterations_where_the_reward_is(seed: int) -> None:
    def mean_value(exploration: float) -> float:
        search = pl.TreeSearch(iterations=200, exploration=exploration, seed=seed)
        plans = pl.explored(chain(), search=search).plans
        return float(np.mean([node.verdict.value for node in plans]))

    assert mean_value(0.05) > mean_value(1e6) + 0.25


@pytest.mark.parametrize("search", [pl.BeamSearch(width=4, seed=3), pl.TreeSearch(iterations=200)])
def test_search_twice_with_one_seed_explores_the_same_paths(search: pl.Search) -> None:
    one, other = (pl.explored(chain(), search=search) for _ in range(2))
    assert [node.steps for node in one.plans] == [node.steps for node in other.plans]
    assert one.prunings == other.prunings


def test_tree_with_another_seed_explores_other_paths() -> None:
    one, other = (
        pl.explored(chain(), search=pl.TreeSearch(iterations=50, seed=seed)) for seed in (1, 2)
    )
    assert {node.steps for node in one.plans} != {node.steps for node in other.plans}


def test_dominance_prunes_the_dearer_of_two_equal_actions() -> None:
    cheap = pl.Action(name="cheap", effects=(_adds(1.0),), money=1.0, time_ticks=1)
    dear = pl.Action(name="dear", effects=(_adds(1.0),), money=2.0, time_ticks=1)
    problem = pl.Problem(
        scenario=STAGE,
        actions=(cheap, dear),
        goals=(pl.Goal(quantity="x"),),
        variables=(pl.DecisionVariable(name="x", start=0, minimum=0, maximum=1),),
        decision_ticks=(1,),
    )
    found = pl.explored(problem)
    assert [moves(node.steps) for node in found.plans] == [((1, "cheap"),), ()]
    assert found.dominated == 1


def test_pruned_paths_name_what_pruned_them() -> None:
    grow = pl.Action(
        name="grow",
        effects=(_adds(3.0),),
        money=4.0,
        most_uses=2,
        cooldown_ticks=3,
        blocks=("ask",),
    )
    ask = pl.Action(name="ask", effects=(_adds(1.0),), requires=("plead",))
    plead = pl.Action(
        name="plead",
        effects=(_adds(0.5),),
        preconditions=(pl.Requirement(quantity="x", comparison=">=", value=2.0),),
    )
    problem = pl.Problem(
        scenario=STAGE,
        actions=(grow, ask, plead),
        goals=(pl.Goal(quantity="x"),),
        variables=(pl.DecisionVariable(name="x", start=0, minimum=0, maximum=5),),
        constraints=(pl.Limit(name="budget", quantity="money", upper=5.0),),
        decision_ticks=(1, 2, 5),
        most_steps=3,
    )
    prunings = pl.explored(problem, prune_dominated=False).prunings
    assert prunings.keys() == {
        "plead needs x >= 2",
        "ask requires plead",
        "grow blocks ask",
        "cooldown of grow",
        "uses of plead",
        "budget",
    }
    assert prunings["budget"].least_miss == 3.0
    assert prunings["cooldown of grow"].least_miss == 2.0
    assert moves(prunings["budget"].examples[0]) == ((1, "grow"), (5, "grow"))


def test_precondition_on_a_decision_variable_sees_what_is_complete_at_that_tick() -> None:
    first = pl.Action(name="first", effects=(_adds(1.0),), time_ticks=2)
    then = pl.Action(
        name="then",
        effects=(_adds(1.0),),
        preconditions=(pl.Requirement(quantity="x", comparison=">=", value=1.0),),
    )
    problem = pl.Problem(
        scenario=STAGE,
        actions=(first, then),
        goals=(pl.Goal(quantity="x"),),
        variables=(pl.DecisionVariable(name="x", start=0, minimum=0, maximum=5),),
        decision_ticks=(1, 2, 3),
    )
    plans = [moves(node.steps) for node in pl.explored(problem, prune_dominated=False).plans]
    assert ((1, "first"), (3, "then")) in plans
    assert ((1, "first"), (2, "then")) not in plans


def test_bound_that_a_later_step_of_the_same_tick_mends_is_kept() -> None:
    over = pl.Action(name="over", effects=(_adds(6.0),))
    back = pl.Action(name="back", effects=(_adds(-2.0),))
    problem = pl.Problem(
        scenario=STAGE,
        actions=(over, back),
        goals=(pl.Goal(quantity="x"),),
        variables=(pl.DecisionVariable(name="x", start=0, minimum=0, maximum=5),),
        decision_ticks=(1, 2),
    )
    found = pl.explored(problem, prune_dominated=False)
    assert [moves(node.steps) for node in found.plans[:2]] == [
        ((1, "over"), (1, "back")),
        ((2, "over"), (2, "back")),
    ]
    assert ((1, "over"), (2, "back")) not in [moves(node.steps) for node in found.plans]
    assert found.prunings["bounds of x"].cut > 0


def test_precondition_on_a_signal_reads_the_tick_before() -> None:
    def rising(*_: object) -> dict[str, np.ndarray]:
        return {"new": np.array([[0.0, 0.0, 0.0, 0.5, 1.0, 1.0, 1.0]])}

    wait = pl.Action(
        name="wait",
        effects=(_adds(1.0),),
        preconditions=(pl.Requirement(quantity="new", comparison=">=", value=0.5),),
    )
    problem = pl.Problem(
        scenario=STAGE,
        actions=(wait,),
        goals=(pl.Goal(quantity="x"),),
        variables=(pl.DecisionVariable(name="x", start=0, minimum=0, maximum=5),),
        decision_ticks=(0, 1, 2, 3, 4, 5),
    )
    plans = pl.explored(problem, forecast=rising, prune_dominated=False).plans
    assert [moves(node.steps) for node in plans] == [((4, "wait"),), ((5, "wait"),), ()]


@pytest.mark.parametrize(
    ("assurance", "relaxation"), [(0.5, -np.inf), (0.6, 1.0), (0.75, 1.0), (0.76, 2.0), (1.0, 2.0)]
)
def test_assurance_asks_for_the_relaxation_under_which_enough_worlds_hold(
    assurance: float, relaxation: float
) -> None:
    distances = np.array([2.0, -np.inf, 1.0, -np.inf])
    assert at_assurance(distances, assurance) == relaxation


def test_decision_variable_that_starts_at_a_whole_number_moves_by_fractions() -> None:
    half = pl.Action(name="half", effects=(_adds(0.5),))
    problem = pl.Problem(
        scenario=STAGE,
        actions=(half,),
        goals=(pl.Goal(quantity="x"),),
        variables=(pl.DecisionVariable(name="x", start=0, minimum=0, maximum=5),),
        decision_ticks=(1,),
    )
    assert pl.explored(problem).plans[0].verdict.value == 0.5


def gamble(assurance: float) -> pl.Problem:
    lucky = pl.Effect(
        changes=(pl.Change(variable="x", operation="add", value=1.0),), probability=0.5
    )
    return pl.Problem(
        scenario=STAGE,
        actions=(pl.Action(name="try", effects=(lucky,), most_uses=3),),
        goals=(pl.Goal(quantity="money", weight=-1.0), pl.Goal(quantity="x", weight=0.01)),
        variables=(pl.DecisionVariable(name="x", start=0, minimum=0, maximum=3),),
        constraints=(pl.Limit(name="some", quantity="x", lower=1.0, from_tick=6),),
        decision_ticks=(1, 2, 3),
        worlds=4000,
        assurance=assurance,
    )


@pytest.mark.parametrize(("assurance", "tries"), [(0.4, 1), (0.6, 2), (0.85, 3)])
def test_chance_constraint_asks_for_as_many_tries_as_its_probability(
    assurance: float, tries: int
) -> None:
    # P(at least one success) = 1 - 2**-k: 0.5, 0.75, 0.875. Standard error of a share of 4,000
    # worlds at most 0.008; 0.025 away at the nearest: 4.8 standard errors, false alarm 2e-6.
    problem = gamble(assurance)
    assert min(len(node.steps) for node in pl.explored(problem).plans) == tries


def test_chance_of_an_effect_is_drawn_as_often_as_its_probability_says() -> None:
    plan = next(node for node in pl.explored(gamble(0.4)).plans if len(node.steps) == 3)
    mean = float(np.mean(plan.series["x"][:, -1]))
    # Binomial(3, 1/2) over 4,000 worlds: standard error 0.0137; 5 of them, false alarm 6e-7.
    assert abs(mean - 1.5) < 5 * 0.0137


def test_infeasible_with_certainty_explains_by_the_nearest_path() -> None:
    answer = pl.plan(gamble(0.95))
    assert not answer.plans
    assert answer.infeasibility is not None
    assert [miss.constraint for miss in answer.infeasibility.misses] == ["some"]
    assert answer.infeasibility.misses[0].amount == 1.0
