"""Answers: real ensembles rank the best paths, refute wrong guesses, and explain what fails."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

import agentverse_engine as av
from agentverse_engine import ensembles
from agentverse_engine import planning as pl
from agentverse_engine.planning.signals import signal_series

Society = Callable[..., av.Scenario]
Scripts = tuple[av.EventScript, ...]
Series = Mapping[str, NDArray[np.float64]]


def subsidy(amount: float, start_tick: int = 0) -> av.EventScript:
    return av.EventScript(
        variable="cost.pump",
        operation="add",
        value=-amount,
        scope=av.Scope(start_tick=start_tick),
        label=f"subsidy of {amount:g}",
    )


def pay(name: str, amount: float, **options: object) -> pl.Action:
    effect = pl.Effect(event_scripts=(subsidy(amount),))
    return pl.Action(name=name, effects=(effect,), money=amount, **options)  # type: ignore[arg-type]  # options of any field


def problem(society: Society, **options: object) -> pl.Problem:
    """Subsidise a little or a lot, early or late: the more and the earlier, the more pumps."""
    chosen: dict[str, object] = {
        "scenario": society(size=300, replicates=8, horizon=5),
        "actions": (pay("little", 0.5), pay("lot", 2.0)),
        "goals": (pl.Goal(quantity="pump"),),
        "decision_ticks": (1, 3),
        **options,
    }
    return pl.Problem(**chosen)  # type: ignore[arg-type]  # options of any field


def test_plan_ranks_by_ensembles_that_equal_separate_runs(society: Society) -> None:
    asked = problem(society)
    answer = pl.plan(asked, best=9)
    assert answer.best is not None
    assert {(step.tick, step.action) for step in answer.best.steps} == {(1, "little"), (1, "lot")}
    values = [plan.value for plan in answer.plans]
    assert values == sorted(values, reverse=True)
    for plan in answer.plans:
        scripts = [
            subsidy({"little": 0.5, "lot": 2.0}[step.action], step.tick)
            for step in sorted(plan.steps, key=lambda step: step.action)
        ]
        alone = av.simulate_ensemble(asked.scenario.branch(scripts))
        assert alone.digest == plan.digest
        expected = alone.shares()[:, -1, 2]
        np.testing.assert_allclose(plan.values, expected, rtol=1e-12)
        assert plan.value == pytest.approx(expected.mean(), rel=1e-12)


def test_plan_of_doing_nothing_gains_nothing_and_equals_the_scenario(society: Society) -> None:
    asked = problem(society)
    idle = next(plan for plan in pl.plan(asked, best=9).plans if not plan.steps)
    assert idle.digest == av.simulate_ensemble(asked.scenario).digest
    assert idle.gain == (0.0, 0.0, 0.0)


def test_interval_and_gain_are_those_of_the_replicates(society: Society) -> None:
    asked = problem(society)
    answer = pl.plan(asked, best=9, level=0.5)
    idle = next(plan for plan in answer.plans if not plan.steps)
    plan = answer.plans[0]
    low, _, high = ensembles.interval(plan.values, 0.5)
    assert plan.interval == (low, high)
    assert plan.gain[1] == pytest.approx(np.median(plan.values - idle.values))


def test_answer_is_the_same_on_any_threads_and_batches(society: Society) -> None:
    asked = problem(society)
    one = pl.plan(asked, threads=1, batch=3)
    other = pl.plan(asked, threads=2, partitions=2)
    assert [plan.digest for plan in one.plans] == [plan.digest for plan in other.plans]
    assert [plan.value for plan in one.plans] == [plan.value for plan in other.plans]


def test_budget_cuts_and_every_plan_keeps_to_it(society: Society) -> None:
    limit = pl.Limit(name="budget", quantity="money", upper=2.0)
    answer = pl.plan(problem(society, constraints=(limit,)), best=9)
    for plan in answer.plans:
        prices = {"little": 0.5, "lot": 2.0}
        assert plan.money == sum(prices[step.action] for step in plan.steps) <= 2.0
        spent = plan.course.series["money"]
        assert (np.diff(spent, axis=1) >= 0).all()
    budget = next(one for one in answer.prunings if one.constraint == "budget")
    assert budget.cut > 0
    assert budget.least_miss == pytest.approx(0.5)


def test_soft_constraint_costs_its_penalty_in_each_replicate(society: Society) -> None:
    price = pl.Limit(name="target", quantity="pump", lower=0.9, from_tick=5, penalty=2.0)
    asked = problem(society, constraints=(price,))
    plan = pl.plan(asked, best=1).plans[0]
    share = plan.course.series["pump"][:, -1]
    np.testing.assert_allclose(plan.values, share - 2.0 * np.maximum(0.9 - share, 0), rtol=1e-12)


def test_wrong_forecast_does_not_decide_the_ranking(society: Society) -> None:
    def flattering(scripts: Scripts, _: Series) -> Series:
        lots = sum(script.value == -2.0 for script in scripts)
        return {"pump": np.full((1, 6), 0.5 - 0.1 * lots - 0.01 * len(scripts))}

    answer = pl.plan(problem(society), forecast=flattering, best=9)
    assert answer.best is not None
    assert len(answer.best.steps) == 2
    assert answer.best.estimate < max(plan.estimate for plan in answer.plans)


def test_path_that_its_ensemble_refutes_is_rejected_by_name(society: Society) -> None:
    def hopeful(scripts: Scripts, _: Series) -> Series:
        return {"pump": np.full((1, 6), 0.9 + 0.01 * len(scripts))}

    target = pl.Limit(name="target", quantity="pump", lower=0.8, from_tick=5)
    answer = pl.plan(problem(society, constraints=(target,)), forecast=hopeful, best=2)
    assert not answer.plans
    assert answer.infeasibility is not None
    assert answer.evaluated == 8
    assert answer.infeasibility.untried == answer.candidates - 8
    (pruning,) = answer.infeasibility.obstacles[:1]
    assert (pruning.constraint, pruning.rejected) == ("target", 8)
    assert "'target'" in answer.infeasibility.words


def test_path_whose_precondition_fails_in_its_ensemble_is_rejected(society: Society) -> None:
    def hopeful(scripts: Scripts, _: Series) -> Series:
        return {"pump": np.full((1, 6), 0.9 + 0.01 * len(scripts))}

    lot = pay(
        "lot", 2.0, preconditions=(pl.Requirement(quantity="pump", comparison=">", value=0.8),)
    )
    answer = pl.plan(problem(society, actions=(lot,)), forecast=hopeful, best=5)
    assert [plan.steps for plan in answer.plans] == [()]
    (pruning,) = (one for one in answer.prunings if one.constraint == "lot needs pump > 0.8")
    assert pruning.rejected == 2
    assert 0.8 - pruning.least_miss == pytest.approx(1 / 3, abs=0.1)


def test_no_feasible_path_says_which_constraints_and_how_far(society: Society) -> None:
    target = pl.Limit(name="target", quantity="pump", lower=0.95, from_tick=5)
    budget = pl.Limit(name="budget", quantity="money", upper=1.0)
    asked = problem(society, constraints=(target, budget))
    answer = pl.plan(asked)
    found = answer.infeasibility
    assert not answer.plans
    assert found is not None
    assert {one.constraint for one in found.obstacles} >= {"target", "budget"}
    assert [(step.tick, step.action) for step in found.nearest] == [(1, "little")]
    nearest = asked.scenario.branch([subsidy(0.5, 1)])
    worst = av.simulate_ensemble(replace(nearest, replicates=2)).shares()[:, -1, 2].min()
    assert found.misses[0].amount == pytest.approx(0.95 - worst)


def test_precondition_on_a_signal_holds_in_each_replicate_the_tick_before(
    society: Society,
) -> None:
    lasting = pay(
        "lot", 2.0, preconditions=(pl.Requirement(quantity="pump", comparison=">", value=0.345),)
    )
    asked = problem(society, actions=(pay("little", 0.5), lasting), assurance=0.75)
    for plan in pl.plan(asked, best=9).plans:
        trajectory = av.simulate_ensemble(plan.scenario)
        for step in plan.steps:
            if step.action == "lot":
                assert (trajectory.shares()[:, step.tick - 1, 2] > 0.345).mean() >= 0.75


def test_signal_over_a_region_is_the_share_of_those_who_live_there(society: Society) -> None:
    scenario = society(size=300)
    trajectory = av.simulate_ensemble(scenario)
    signal = pl.Signal(name="south", outcome="pump", regions=("south",))
    stock = trajectory.stock[:, :, :, 1].sum(axis=2)
    expected = stock[..., 2] / stock.sum(axis=-1)
    np.testing.assert_array_equal(signal_series(scenario, trajectory, signal), expected)


def lottery(society: Society) -> pl.Problem:
    """Two actions by chance, each with a script and a decision variable that go together."""

    def maybe(name: str, probability: float) -> pl.Action:
        effect = pl.Effect(
            event_scripts=(subsidy(2.0),),
            changes=(pl.Change(variable="wins", operation="add", value=1.0),),
            probability=probability,
        )
        return pl.Action(name=name, effects=(effect,))

    return problem(
        society,
        scenario=society(size=200, replicates=40, horizon=5),
        actions=(maybe("a", 0.5), maybe("b", 0.3)),
        variables=(pl.DecisionVariable(name="wins", start=0, minimum=0, maximum=5),),
        goals=(pl.Goal(quantity="pump"), pl.Goal(quantity="wins", weight=1e-6)),
    )


def test_effect_by_chance_moves_scripts_and_variables_in_the_same_replicates(
    society: Society,
) -> None:
    for plan in pl.plan(lottery(society), best=20).plans:
        trajectory = av.simulate_ensemble(plan.scenario)
        occurred = np.array([entry.occurred for entry in trajectory.ledger])
        np.testing.assert_array_equal(
            plan.course.series["wins"][:, -1], occurred.sum(axis=0) if len(occurred) else 0
        )


def test_paths_share_the_chance_of_an_effect(society: Society) -> None:
    plans = [plan for plan in pl.plan(lottery(society), best=20).plans if plan.steps]
    wins = {
        tuple(sorted(step.action for step in plan.steps)): plan.course.series["wins"][:, -1]
        for plan in plans
    }
    assert wins.keys() == {("a",), ("b",), ("a", "b")}
    np.testing.assert_array_equal(wins["a",] + wins["b",], wins["a", "b"])
    assert 0 < wins["a",].mean() < 1


def test_short_forecast_holds_its_last_value_and_agrees_before(society: Society) -> None:
    asked = problem(society)
    scripts = (subsidy(2.0, 1), replace(subsidy(1.0), scope=av.Scope(start_tick=2, end_tick=4)))
    short = pl.small_ensemble(asked, replicates=3, horizon=3)(scripts, {})["pump"]
    whole = pl.small_ensemble(asked, replicates=3)(scripts, {})["pump"]
    np.testing.assert_array_equal(short[:, :4], whole[:, :4])
    np.testing.assert_array_equal(short[:, 4:], np.repeat(short[:, 3:4], 2, axis=1))


def test_script_of_a_late_action_is_cut_off_at_the_horizon(society: Society) -> None:
    ending = replace(subsidy(2.0), scope=av.Scope(start_tick=1, end_tick=4))
    action = pl.Action(name="late", effects=(pl.Effect(event_scripts=(ending,)),), time_ticks=1)
    asked = problem(society, actions=(action,), decision_ticks=(1, 3, 5))
    scopes = {
        plan.steps[0].tick: [
            (script.scope.start_tick, script.scope.end_tick)
            for script in plan.scenario.event_scripts
        ]
        for plan in pl.plan(asked, best=9, prune_dominated=False).plans
        if plan.steps
    }
    assert scopes == {1: [(3, 5)], 3: [(5, 5)], 5: []}


def test_answer_and_plan_show_what_they_found(society: Society) -> None:
    answer = pl.plan(problem(society), best=1)
    assert "lot at tick 1" in repr(answer)
    assert "2 actions at 2 ticks" in repr(problem(society))
