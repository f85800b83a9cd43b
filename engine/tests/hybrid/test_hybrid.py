"""Hybrid mode: actors and a society in one tick loop; the ledger against what happened."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from societies.actors import (
    BOUGHT,
    LAND_MOOD,
    both,
    campaign,
    cheaper,
    lobby,
    press,
    regulator,
    subsidise,
)
from societies.moods import mood_scenario

import agentverse_engine as av
from agentverse_engine import hybrid as hy
from agentverse_engine import planning as pl
from agentverse_engine.errors import Cancelled, PlanError
from agentverse_engine.inputs.events import COMPARE

Society = Callable[..., av.Scenario]


def world(society: Society, **options: Any) -> av.Scenario:
    return society(**({"size": 200, "horizon": 10, "replicates": 6} | options))


def shares(run: hy.HybridRun) -> np.ndarray:
    return run.trajectory.shares()[:, :, 2]


def taken(run: hy.HybridRun, replicate: int) -> list[int]:
    return [entry.tick for entry in run.ledger if entry.replicate == replicate]


def test_run_without_actors_is_the_plain_run(society: Society) -> None:
    scenario = world(society)
    assert hy.simulate_hybrid(scenario, ()).digest == av.simulate_ensemble(scenario).digest


def test_run_in_which_no_actor_acts_is_the_plain_run(
    random_scenario: Callable[[int], av.Scenario],
) -> None:
    for seed in range(12):
        scenario = random_scenario(seed)
        variable = scenario.variables[-1].name
        idle = pl.Action(
            name="never",
            effects=(
                pl.Effect(
                    event_scripts=(
                        av.EventScript(
                            variable=variable,
                            operation="multiply",
                            value=0.0,
                            scope=av.Scope(personas=(int(scenario.population.ids[0]),)),
                        ),
                    )
                ),
            ),
            preconditions=(pl.Requirement(quantity="a", comparison=">", value=1.0),),
            most_uses=3,
        )
        run = hy.simulate_hybrid(scenario, [hy.Actor(name="idler", actions=(idle,))])
        assert not run.ledger
        assert run.digest == av.simulate_ensemble(scenario).digest


def test_regulator_acts_exactly_when_the_share_is_low_and_the_cooldown_is_over(
    society: Society,
) -> None:
    run = hy.simulate_hybrid(world(society), [regulator()])
    share, starts = shares(run), 0
    for replicate in range(6):
        expected: list[int] = []
        for tick in range(1, 11):
            rested = not expected or tick - expected[-1] >= 2
            if rested and share[replicate, tick - 1] < 0.3:
                expected.append(tick)
        assert taken(run, replicate) == expected
        starts += len(expected)
    assert starts > 6
    assert len({tuple(taken(run, replicate)) for replicate in range(6)}) > 1


@pytest.mark.parametrize(("comparison", "bound"), [("<", 0.4), (">=", 0.2)])
def test_regulator_acts_exactly_when_the_flow_share_of_the_window_asks_for_it(
    society: Society, comparison: Any, bound: float
) -> None:
    need = pl.Requirement(quantity="bought", comparison=comparison, value=bound)
    actor = regulator(actions=(subsidise(preconditions=(need,), cooldown_ticks=0),))
    few = world(society, size=40, replacement_rate=0.04)
    run = hy.simulate_hybrid(few, [actor], signals=[BOUGHT])
    flows = run.trajectory.flows.sum(axis=(2, 3))
    empty = starts = 0
    for replicate in range(6):
        expected: list[int] = []
        for tick in range(1, 11):
            window = flows[replicate, max(1, tick - 2) : tick].sum(axis=0)
            empty += not window.any()
            if window.any() and COMPARE[comparison](window[2] / window.sum(), bound):
                expected.append(tick)
        assert taken(run, replicate) == expected
        starts += len(expected)
    assert min(empty, starts) > 6
    for entry in run.ledger:
        window = flows[entry.replicate, max(1, entry.tick - 2) : entry.tick].sum(axis=0)
        assert entry.signals["bought"] == window[2] / window.sum()
    other = hy.simulate_hybrid(few, [actor], signals=[BOUGHT], threads=2, partitions=2, batch=4)
    assert (other.digest, other.ledger) == (run.digest, run.ledger)


def test_actor_does_not_see_a_flow_share_without_a_value(society: Society) -> None:
    seen: list[hy.Sight] = []

    def look(sight: hy.Sight) -> Sequence[str]:
        seen.append(sight)
        return sight.options[:1]

    still = world(society, size=40, replacement_rate=0.0)
    actor = regulator(actions=(subsidise(preconditions=()),), policy=look)
    run = hy.simulate_hybrid(still, [actor], signals=[BOUGHT])
    assert seen
    assert all("bought" not in sight.signals for sight in seen)
    assert all(set(entry.signals) == {"gas", "wood", "pump"} for entry in run.ledger)


def test_each_replicate_equals_the_scenario_with_what_its_actor_did(society: Society) -> None:
    scenario = world(society)
    run = hy.simulate_hybrid(scenario, [regulator()])
    for replicate in range(6):
        scripts = [
            cheaper(3.0, scope=av.Scope(start_tick=tick, end_tick=min(tick + 1, 10)))
            for tick in taken(run, replicate)
        ]
        alone = av.simulate_ensemble(scenario.branch(scripts))
        np.testing.assert_array_equal(
            alone.tick_digests[replicate], run.trajectory.tick_digests[replicate]
        )


def test_ledger_holds_the_signals_and_variables_of_what_happened(society: Society) -> None:
    scenario = world(society)
    south = pl.Signal(name="south", outcome="wood", regions=("south",))
    run = hy.simulate_hybrid(scenario, [regulator()], signals=[south])
    stock = run.trajectory.stock[:, :, :, 1].sum(axis=2)
    base = float(scenario.population.attributes["cost.pump"].mean())
    for entry in run.ledger:
        at = entry.replicate, entry.tick - 1
        assert entry.signals["pump"] == shares(run)[at]
        assert entry.signals["south"] == stock[(*at, 1)] / stock[at].sum()
        earlier = [tick for tick in taken(run, entry.replicate) if tick < entry.tick]
        assert entry.use == len(earlier) + 1
        assert entry.spent == 5.0 * entry.use
        (move,) = entry.moves
        assert (move.variable, move.tick, move.occurred) == ("cost.pump", entry.tick, True)
        was_on = entry.tick - 1 in [tick + 1 for tick in earlier]
        assert move.before == pytest.approx(base - 3.0 * was_on)
        assert move.after == pytest.approx(base - 3.0)


def test_trajectory_ledger_tells_when_each_use_started(society: Society) -> None:
    run = hy.simulate_hybrid(world(society), [regulator()])
    for use, entry in enumerate(run.trajectory.ledger, start=1):
        mine = {one.replicate: one.tick for one in run.ledger if one.use == use}
        assert entry.started == tuple(mine.get(replicate, -1) for replicate in range(6))


def test_feedback_lifts_the_share_above_the_run_alone(society: Society) -> None:
    scenario = world(society, size=1000, replicates=8)
    alone = av.simulate_ensemble(scenario).shares()[:, -1, 2]
    steered = shares(hy.simulate_hybrid(scenario, [regulator()]))[:, -1]
    assert (steered > alone).all()


def test_actor_on_a_level_moves_a_parameter_with_inertia_beside_other_scripts() -> None:
    scenario = mood_scenario()
    run = hy.simulate_hybrid(scenario, [campaign()], signals=[LAND_MOOD])
    land = run.trajectory.level_sums[:, :, 1, 0, 0] / (2**24 * 60)
    for replicate in range(6):
        ticks = taken(run, replicate)
        scripts = [press(start_tick=tick, end_tick=min(tick + 1, 8)) for tick in ticks]
        alone = av.simulate_ensemble(scenario.branch(scripts))
        np.testing.assert_array_equal(
            alone.tick_digests[replicate], run.trajectory.tick_digests[replicate]
        )
    assert {len(taken(run, replicate)) for replicate in range(6)} >= {1, 2}
    for entry in run.ledger:
        assert entry.signals["land mood"] == land[entry.replicate, entry.tick - 1] < 0.5
        (move,) = entry.moves
        assert move.after == pytest.approx(0.5 * move.before + 0.5 * 0.5)
        assert (move.before > 0) == (entry.use > 1)


def test_run_beside_scripts_with_chance_and_memory_is_the_same_on_any_batch() -> None:
    ways: tuple[dict[str, Any], ...] = ({"batch": 1}, {"batch": 4, "threads": 2, "partitions": 2})
    one = hy.simulate_hybrid(mood_scenario(), [campaign()], signals=[LAND_MOOD])
    for options in ways:
        other = hy.simulate_hybrid(mood_scenario(), [campaign()], signals=[LAND_MOOD], **options)
        assert (other.digest, other.ledger) == (one.digest, one.ledger)


def test_run_is_the_same_on_any_threads_partitions_and_batches(society: Society) -> None:
    scenario = world(society, replicates=7).branch(
        [cheaper(1.0, condition=av.Condition(outcome="pump", comparison=">", value=0.32))]
    )
    one = hy.simulate_hybrid(scenario, both(), threads=1)
    ways: tuple[dict[str, Any], ...] = (
        {"batch": 1},
        {"batch": 3, "threads": 2},
        {"threads": 2, "partitions": 3},
    )
    for options in ways:
        other = hy.simulate_hybrid(scenario, both(), **options)
        assert other.digest == one.digest
        assert other.ledger == one.ledger
    assert {entry.actor for entry in one.ledger} == {"regulator", "lobby"}


def test_budget_of_an_actor_is_never_overspent(society: Society) -> None:
    run = hy.simulate_hybrid(world(society), [regulator(budget=12.0)])
    free = hy.simulate_hybrid(world(society), [regulator()])
    for replicate in range(6):
        spent = [entry.spent for entry in run.ledger if entry.replicate == replicate]
        assert spent == [5.0 * (place + 1) for place in range(len(spent))]
        assert taken(run, replicate) == taken(free, replicate)[:2]


def test_busy_actor_waits_and_its_effects_set_in_when_it_is_done(society: Society) -> None:
    run = hy.simulate_hybrid(world(society, replicates=20), [lobby()])
    for replicate in range(20):
        mine = [entry for entry in run.ledger if entry.replicate == replicate]
        ticks = [entry.tick for entry in mine]
        pleas = [entry for entry in mine if entry.action == "plead"]
        assert all(later - earlier >= 2 for earlier, later in pairwise(ticks))
        for entry in pleas:
            delays = {move.variable: move.tick - entry.tick for move in entry.moves}
            assert delays == {"favour": 2, "conformity": 2, "cost.pump": 3}
        assert all(entry.action != "plead" for entry in mine[len(pleas) :])


def test_decision_variable_moves_by_what_occurred_and_opens_options(society: Society) -> None:
    run = hy.simulate_hybrid(world(society, replicates=40), [lobby()])
    outcomes: list[bool] = []
    for replicate in range(40):
        favour = 0.0
        for entry in (one for one in run.ledger if one.replicate == replicate):
            if entry.action == "rest":
                assert favour >= 1.0
            moves = [move for move in entry.moves if move.variable == "favour"]
            for move, step in zip(moves, (1.0, 0.5), strict=False):
                assert move.before == favour
                favour = 0.0 if entry.action == "rest" else favour + step * move.occurred
                assert move.after == favour
                outcomes.append(move.occurred)
            together = {
                move.occurred
                for move in entry.moves
                if move.variable in ("cost.pump", "conformity")
            }
            assert entry.action == "rest" or together == {moves[0].occurred}
    pleas = np.array(outcomes)
    # About 160 draws at 1/2 beside certain ones: both outcomes come with certainty 1 - 2**-100.
    assert 0 < pleas.mean() < 1


def test_script_with_an_end_fades_as_it_would_alone(society: Society) -> None:
    scenario = world(society)
    for profile in (
        av.IntensityProfile(kind="linear_decay", duration_ticks=4),
        av.IntensityProfile(kind="exponential_decay", half_life_ticks=1.5),
        av.IntensityProfile(kind="lagged", lag_ticks=2),
        av.IntensityProfile(kind="custom", values=(0.0, 0.5, 1.0, 0.25)),
        av.IntensityProfile(kind="pulse", duration_ticks=5),
        av.IntensityProfile(kind="instantaneous"),
    ):
        script = cheaper(3.0, intensity=profile, scope=av.Scope(start_tick=1, end_tick=3))
        action = pl.Action(name="once", effects=(pl.Effect(event_scripts=(script,)),))
        run = hy.simulate_hybrid(scenario, [hy.Actor(name="a", actions=(action,), first_tick=4)])
        alone = scenario.branch([replace(script, scope=av.Scope(start_tick=5, end_tick=7))])
        assert run.digest == av.simulate_ensemble(alone).digest


@pytest.mark.parametrize(("cooldown", "ticks"), [(0, range(1, 11)), (3, (1, 4, 7, 10))])
def test_open_action_waits_for_its_cooldown(
    cooldown: int, ticks: Sequence[int], society: Society
) -> None:
    always = subsidise(preconditions=(), cooldown_ticks=cooldown)
    run = hy.simulate_hybrid(world(society, replicates=2), [regulator(actions=(always,))])
    assert taken(run, 1) == list(ticks)


def test_blocked_action_is_not_open_any_more(society: Society) -> None:
    stop = subsidise(name="stop", preconditions=(), blocks=("subsidise",))
    go = subsidise(preconditions=(), cooldown_ticks=0)

    def stops_at_three(sight: hy.Sight) -> Sequence[str]:
        return sight.options[:1] if sight.tick == 3 else sight.options[1:]

    actor = regulator(actions=(stop, go), policy=stops_at_three)
    run = hy.simulate_hybrid(world(society, replicates=1), [actor])
    assert [entry.action for entry in run.ledger] == ["subsidise", "subsidise", "stop"]


def test_required_action_opens_the_next_decision(society: Society) -> None:
    after = pl.Action(
        name="after",
        effects=(pl.Effect(event_scripts=(cheaper(1.0),)),),
        requires=("subsidise",),
    )
    run = hy.simulate_hybrid(world(society), [regulator(actions=(after, subsidise()))])
    for replicate in range(6):
        mine = [entry for entry in run.ledger if entry.replicate == replicate]
        assert mine[0].action == "subsidise"
        assert [entry.tick for entry in mine if entry.action == "after"] == [mine[0].tick + 1]


def test_actor_decides_only_at_its_ticks(society: Society) -> None:
    always = subsidise(preconditions=(), cooldown_ticks=0)
    run = hy.simulate_hybrid(world(society), [regulator(actions=(always,), first_tick=3, every=4)])
    assert {entry.tick for entry in run.ledger} == {3, 7}


def test_later_actor_sees_the_same_signals_and_later_ticks_see_its_deeds(
    society: Society,
) -> None:
    run = hy.simulate_hybrid(world(society), [regulator(), regulator(name="second")])
    pairs = zip(run.ledger[::2], run.ledger[1::2], strict=True)
    for first, second in pairs:
        assert (first.actor, second.actor) == ("regulator", "second")
        assert (first.tick, first.signals) == (second.tick, second.signals)
        assert second.moves[0].after == first.moves[0].after


def test_policy_takes_what_it_chooses_and_sees_its_own_past(society: Society) -> None:
    seen: list[hy.Sight] = []

    def alternate(sight: hy.Sight) -> Sequence[str]:
        seen.append(sight)
        return sight.options[len(sight.taken) % len(sight.options) :][:1]

    actions = tuple(
        pl.Action(name=name, effects=(pl.Effect(event_scripts=(cheaper(1.0),)),), most_uses=99)
        for name in ("left", "right")
    )
    actor = hy.Actor(name="a", actions=actions, policy=alternate, budget=0.0)
    run = hy.simulate_hybrid(world(society, replicates=2), [actor])
    assert [entry.action for entry in run.ledger if not entry.replicate][:4] == [
        "left",
        "right",
        "left",
        "right",
    ]
    assert [len(sight.taken) for sight in seen if sight.replicate == 0] == list(range(10))


def test_policy_that_chooses_what_is_not_open_is_refused(society: Society) -> None:
    def stubborn(_: hy.Sight) -> Sequence[str]:
        return ["strike"]

    actor = regulator(policy=stubborn, actions=(subsidise(preconditions=()),))
    with pytest.raises(PlanError, match=r"regulator\.policy"):
        hy.simulate_hybrid(world(society), [actor])


@pytest.mark.parametrize("choice", [None, 3, "subsidise", [None]])
def test_policy_that_returns_no_list_of_actions_is_refused(society: Society, choice: Any) -> None:
    def forgetful(_: hy.Sight) -> Any:
        return choice

    actor = regulator(policy=forgetful, actions=(subsidise(preconditions=()),))
    with pytest.raises(PlanError, match=r"regulator\.policy"):
        hy.simulate_hybrid(world(society), [actor])


def test_one_actor_is_no_list_of_actors(society: Society) -> None:
    with pytest.raises(PlanError, match="actors"):
        hy.simulate_hybrid(world(society), regulator())  # type: ignore[arg-type]


def test_decision_variable_that_leaves_its_bounds_is_an_error_not_a_clamp(
    society: Society,
) -> None:
    small = pl.DecisionVariable(name="favour", start=0, minimum=0, maximum=0.25)
    with pytest.raises(PlanError, match=r"lobby\.favour"):
        hy.simulate_hybrid(world(society, replicates=20), [replace(lobby(), variables=(small,))])


def test_replanning_actor_follows_a_plan_made_from_what_it_sees(society: Society) -> None:
    scenario = world(society, replicates=3)
    push = subsidise(preconditions=())

    def forecast(sight: hy.Sight) -> pl.Forecast:
        def foreseen(scripts: tuple[av.EventScript, ...], _: object) -> dict[str, np.ndarray]:
            ticks = np.arange(11)
            now = np.full(11, sight.signals["pump"])
            lift = sum(0.05 * (ticks >= script.scope.start_tick) for script in scripts)
            return {"pump": np.atleast_2d(now + lift)}

        return foreseen

    def problem(sight: hy.Sight) -> pl.Problem:
        later = tuple(range(sight.tick, 11, 4))
        return pl.Problem(
            scenario=scenario,
            actions=(replace(push, money=0.0),),
            goals=(pl.Goal(quantity="pump"), pl.Goal(quantity="money", weight=-1.0)),
            constraints=(pl.Limit(name="aim", quantity="pump", lower=0.34, penalty=1.0),),
            decision_ticks=later,
        )

    policy = hy.Replanning(problem=problem, every=4, forecast=forecast)
    run = hy.simulate_hybrid(scenario, [regulator(actions=(push,), policy=policy)])
    assert {entry.tick for entry in run.ledger} == {1, 5, 9}
    assert (
        run.digest
        == hy.simulate_hybrid(scenario, [regulator(actions=(push,), policy=policy)], batch=1).digest
    )


def test_progress_and_cancellation_pass_through(society: Society) -> None:
    told: list[tuple[int, int]] = []

    def tell(tick: int, horizon: int) -> None:
        told.append((tick, horizon))

    hy.simulate_hybrid(world(society), [regulator()], batch=2, progress=tell)
    assert told[-1] == (10, 10)
    assert told == sorted(told)
    with pytest.raises(Cancelled):
        hy.simulate_hybrid(world(society), [regulator()], should_cancel=lambda: True)


@pytest.mark.parametrize("stopped", [False, True])
def test_what_shows_the_progress_is_closed_when_the_run_ends_or_stops(
    society: Society, stopped: bool
) -> None:
    class Bar:
        closed = 0

        def __call__(self, tick: int, horizon: int) -> None:
            assert not self.closed

        def close(self) -> None:
            self.closed += 1

    bar = Bar()
    with pytest.raises(Cancelled) if stopped else nullcontext():
        hy.simulate_hybrid(
            world(society), [regulator()], progress=bar, should_cancel=lambda: stopped
        )
    assert bar.closed == 1


def bad(**changes: Any) -> Callable[[], hy.Actor]:
    return lambda: regulator(**changes)


CONDITIONAL = cheaper(1.0, condition=av.Condition(outcome="pump", comparison=">", value=0.5))
AT_ONCE_AND_LATER = pl.Effect(
    event_scripts=(cheaper(1.0), cheaper(1.0, scope=av.Scope(start_tick=1)))
)
REFUSED: dict[str, tuple[str, Callable[[], hy.Actor]]] = {
    "no name": ("actors[0].name", bad(name="")),
    "no action": ("actions", bad(actions=())),
    "no policy": ("regulator.policy", bad(policy=None)),
    "budget nan": ("regulator.budget", bad(budget=float("nan"))),
    "budget below 0": ("regulator.budget", bad(budget=-1.0)),
    "never decides": ("regulator.every", bad(every=0)),
    "decides at tick 0": ("regulator.first_tick", bad(first_tick=0)),
    "first decides after the last tick": ("regulator.first_tick", bad(first_tick=11)),
    "ends after the last tick": (
        "subsidise.time_ticks",
        bad(first_tick=9, actions=(subsidise(time_ticks=2),)),
    ),
    "its script begins after the last tick": (
        "subsidise.effects[0].event_scripts[1].scope.start_tick",
        bad(first_tick=9, actions=(subsidise(time_ticks=1, effects=(AT_ONCE_AND_LATER,)),)),
    ),
    "unknown signal": (
        "subsidise.preconditions[0].quantity",
        bad(
            actions=(
                subsidise(
                    preconditions=(pl.Requirement(quantity="coal", comparison=">", value=0),)
                ),
            )
        ),
    ),
    "variable of the registry": (
        "variables[0].name",
        bad(variables=(pl.DecisionVariable(name="conformity", start=0, minimum=0, maximum=1),)),
    ),
    "conditional script": (
        "regulator.subsidise",
        bad(actions=(subsidise(effects=(pl.Effect(event_scripts=(CONDITIONAL,)),)),)),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_actor_that_cannot_be_is_refused_with_its_field(case: str, society: Society) -> None:
    field, actor = REFUSED[case]
    with pytest.raises(PlanError) as refused:
        hy.simulate_hybrid(world(society), [actor()])
    assert refused.value.field == field


def test_tick_after_the_run_is_refused_with_the_last_one(society: Society) -> None:
    with pytest.raises(PlanError) as refused:
        hy.simulate_hybrid(world(society), [regulator(first_tick=11)])
    assert refused.value.message == "is 11, after the last tick (10) of the run."
    assert refused.value.fix == "Use 10 or less, or lengthen the horizon."


@pytest.mark.parametrize(
    ("first", "action"),
    [
        (10, subsidise(preconditions=())),
        (9, subsidise(preconditions=(), time_ticks=1)),
        (8, subsidise(preconditions=(), time_ticks=1, effects=(AT_ONCE_AND_LATER,))),
    ],
)
def test_what_begins_at_the_last_tick_is_in_the_run(
    first: int, action: pl.Action, society: Society
) -> None:
    run = hy.simulate_hybrid(world(society), [regulator(first_tick=first, actions=(action,))])
    begun = [move.tick for entry in run.ledger for move in entry.moves]
    assert max(begun) == 10


def test_two_actors_of_one_name_are_refused(society: Society) -> None:
    with pytest.raises(PlanError, match=r"actors\[0\]"):
        hy.simulate_hybrid(world(society), [regulator(), regulator()])
