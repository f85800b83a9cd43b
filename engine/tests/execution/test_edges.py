"""Where things end: fewest people, largest ids, first and last ticks; fast path against reference.

Scripts wait for conditions, fade in from nothing and drag what inertia and couplings remember.
"""

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray
from societies import ANYTHING
from societies.moods import moods

import agentverse_engine as av
from agentverse_engine.execution.recording import trajectory_digest
from agentverse_engine.inputs.events import Comparison, Hold, Operation, ProfileKind
from agentverse_engine.reference import simulate_reference

MADE_UP = "made up for tests"
SEEDS = 40


def follow(
    mood: float,
    mean_mood: float,
    degree: int,
    pull: float,
    press: float,
    lift: float,
    draw: float,
) -> float:
    centre = mean_mood if degree > 0 else mood
    return mood + pull * (centre - mood) + 0.3 * press + 0.125 * lift + 0.2 * (draw - 0.5)


def decide(new_mood: float, share_yes: float, fine_draw: float) -> int:
    return 1 if new_mood + 0.25 * share_yes + 0.25 * fine_draw > 0.7 else 0


def linked_moods(inertia: float, *, coupled: bool) -> av.Pack:
    """Return a pack whose first parameter may move the second, and that the third."""
    pulls = (av.Coupling(variable="press", per_unit=0.5),) if coupled else ()
    presses = (av.Coupling(variable="lift", per_unit=-2.0),) if coupled else ()
    return replace(
        moods(),
        rules=(
            av.Rule(name="follow", function=follow, writes=("mood",), source=MADE_UP, social=True),
            av.Rule(name="decide", function=decide, writes=("choice",), source=MADE_UP),
        ),
        parameters=("pull", "press", "lift"),
        variables=(
            _parameter("pull", 0.4, (0, 1), inertia=inertia, couplings=pulls),
            _parameter("press", 0.0, (-1, 1), inertia=inertia / 2, couplings=presses),
            _parameter("lift", 0.1, (-0.5, 0.5)),
        ),
    )


def _parameter(name: str, default: float, bounds: tuple[float, float], **more: Any) -> av.Variable:
    return av.parameter(name, label=name, default=default, bounds=bounds, source=MADE_UP, **more)


def people(size: int, *, seed: int = 1, cells: tuple[int, int] = (2, 2)) -> av.Population:
    draw = np.random.default_rng(seed)
    return av.Population(
        segments=tuple(f"s{place}" for place in range(cells[0])),
        regions=tuple(f"r{place}" for place in range(cells[1])),
        segment=draw.integers(0, cells[0], size).astype(np.int16),
        region=draw.integers(0, cells[1], size).astype(np.int16),
        attributes={"mood": draw.random(size), "age": draw.random(size)},
        choice=draw.integers(0, 2, size).astype(np.uint8),
        ids=draw.choice(2**32, size, replace=False).astype(np.uint32),
    )


def society(population: av.Population, *, share: float = 0.3, **changes: Any) -> av.Scenario:
    size = len(population)
    pairs = np.stack(np.triu_indices(size, k=1), axis=1)
    drawn = np.random.default_rng(size).random(len(pairs)) < share
    given: dict[str, Any] = {
        "pack": moods(),
        "horizon": 4,
        "replicates": 5,
        "seed": 9,
        "allow": ANYTHING,
    }
    network = av.network_from_edges(size, pairs[drawn])
    return av.Scenario(population=population, network=network, **given | changes)


def script(draw: np.random.Generator, horizon: int, ids: NDArray[np.uint32]) -> av.EventScript:
    operation: Operation = draw.choice(get_args(Operation)).item()
    bundle = "b" if draw.random() < 0.3 else ""
    return av.EventScript(
        variable=draw.choice(["pull", "press", "lift"]).item(),
        operation=operation,
        value=draw.choice([0.0, 0.25, 0.5]).item(),
        scope=_scope(draw, horizon, ids),
        intensity=_profile(draw, operation),
        condition=_condition(draw) if draw.random() < 0.6 else None,
        bundle=bundle,
        probability=0.5 if bundle else draw.choice([1.0, 0.5, 0.0]).item(),
    )


def _scope(draw: np.random.Generator, horizon: int, ids: NDArray[np.uint32]) -> av.Scope:
    start = int(draw.integers(0, horizon + 1))
    end = int(draw.integers(start, horizon + 1)) if draw.random() < 0.5 else None
    some = draw.choice(ids, size=min(3, ids.size), replace=False)
    young = av.Where(attribute="age", comparison="<", value=0.5)
    return av.Scope(
        start_tick=start,
        end_tick=end,
        segments=("s0",) if draw.random() < 0.3 else (),
        regions=("r1",) if draw.random() < 0.3 else (),
        personas=tuple(some.tolist()) if draw.random() < 0.3 else (),
        where=(young,) if draw.random() < 0.3 else (),
    )


def _profile(draw: np.random.Generator, operation: Operation) -> av.IntensityProfile:
    bounding = operation in ("min", "max")
    late = ("custom", "custom", "custom")  # most often: only these may begin with nothing
    kinds = ("step", "pulse", "instantaneous") if bounding else (*get_args(ProfileKind), *late)
    kind: ProfileKind = draw.choice(kinds).item()
    length = int(draw.integers(1, 9))
    return av.IntensityProfile(
        kind=kind,
        duration_ticks=length if kind in ("pulse", "linear_decay") else None,
        half_life_ticks=draw.choice([1.0, 2.0, 4.0]).item() if "exponential" in kind else None,
        lag_ticks=length if kind == "lagged" else None,
        values=(0.0, *draw.choice([0.25, 1.0], length).tolist()) if kind == "custom" else (),
    )


def _condition(draw: np.random.Generator) -> av.Condition:
    return av.Condition(
        outcome=draw.choice(["yes", "no", "mood"]).item(),
        comparison=draw.choice(get_args(Comparison)).item(),
        value=draw.choice([0.0, 0.2, 0.4, 0.5, 0.6, 1.0]).item(),
        hold=draw.choice(get_args(Hold)).item(),
    )


def scripted_society(seed: int) -> av.Scenario:
    draw = np.random.default_rng(seed)
    horizon = int(draw.integers(1, 8))
    scenario = society(
        people(int(draw.integers(1, 14)), seed=seed),
        pack=linked_moods(draw.choice([0.0, 0.5]).item(), coupled=draw.random() < 0.5),
        horizon=horizon,
        replicates=int(draw.integers(1, 7)),
        seed=int(draw.integers(2**63)),
        social_rules=bool(draw.random() < 0.8),
    )
    ids = scenario.population.ids
    return scenario.branch([script(draw, horizon, ids) for _ in range(draw.integers(1, 7))])


def assert_equals_reference(scenario: av.Scenario) -> None:
    slow = simulate_reference(scenario)
    expected = trajectory_digest(
        slow.tick_digests, slow.flows, slow.stock, slow.level_sums, slow.level_bins
    )
    for batch in (1, 3, None):
        fast = av.simulate_ensemble(scenario, batch=batch, dense_replicates=99)
        assert fast.digest == expected
        for replicate, tick in np.ndindex(scenario.replicates, scenario.horizon + 1):
            np.testing.assert_array_equal(
                fast.state_at(tick, replicate), slow.states[replicate, tick]
            )


def edge_cases() -> dict[str, av.Scenario]:
    largest = np.array([2**32 - 1, 2**32 - 2, 2**31, 2**31 - 1, 1, 0], dtype=np.uint32)
    bare = replace(people(7), attributes={})
    return {
        "largest ids and seed": society(replace(people(6), ids=largest), seed=2**64 - 1),
        "one persona": society(people(1)),
        "nobody around": society(people(9), share=0.0),
        "everybody around": society(people(9), share=1.0),
        "no attributes": society(bare),
        "one tick": society(people(9), horizon=1),
        "most cells": society(people(9, cells=(64, 64)), horizon=2, replicates=2),
    }


@pytest.mark.parametrize("name", edge_cases())
def test_fast_path_equals_the_plain_reference_at_the_edge(name: str) -> None:
    assert_equals_reference(edge_cases()[name])


def test_fast_path_equals_the_plain_reference_whatever_scripts_wait_for() -> None:
    for seed in range(SEEDS):
        assert_equals_reference(scripted_society(seed))


def test_fork_at_any_tick_equals_the_branch_run_from_the_start() -> None:
    """Late scripts cut groups finer, wait for conditions, and join what inertia remembers."""
    for seed in range(SEEDS):
        scenario = scripted_society(seed)
        tick = 1 + seed % scenario.horizon
        early, late = scenario.event_scripts[:3], scenario.event_scripts[3:]
        parent = replace(scenario, event_scripts=early)
        kept: list[av.Checkpoint] = []
        av.simulate_ensemble(
            parent, batch=2, checkpoint_every=1, keep_checkpoint=kept.append, dense_replicates=99
        )
        branch = parent.branch([_after(tick, one) for one in late if tick < scenario.horizon])
        whole = av.simulate_ensemble(branch, dense_replicates=99)
        forked = av.simulate_ensemble(
            branch, resume=[one for one in kept if one.tick == tick], dense_replicates=99
        )
        assert forked.digest == whole.digest, seed
        assert repr(forked.ledger) == repr(whole.ledger), seed  # means of nobody are nan
        for column, track in whole.tracks.items():
            np.testing.assert_array_equal(forked.tracks[column].values, track.values)
            np.testing.assert_array_equal(forked.tracks[column].keyframes, track.keyframes)


def _after(tick: int, one: av.EventScript) -> av.EventScript:
    start = max(one.scope.start_tick, tick + 1)
    return replace(one, scope=replace(one.scope, start_tick=start, end_tick=None))


def test_scripts_of_the_edge_reach_what_they_are_for() -> None:
    """The control of the two above: every kind is among them, and conditions come true late."""
    scripts = [one for seed in range(SEEDS) for one in scripted_society(seed).event_scripts]
    assert {one.intensity.kind for one in scripts} == set(get_args(ProfileKind))
    assert {one.condition.hold for one in scripts if one.condition} == set(get_args(Hold))
    ledgers = [av.simulate_ensemble(scripted_society(seed)).ledger for seed in range(SEEDS)]
    waited = [
        (entry.started, one.scope.start_tick)
        for seed, ledger in enumerate(ledgers)
        for entry, one in zip(ledger, scripted_society(seed).event_scripts, strict=True)
        if one.condition
    ]
    assert any(max(started) > max(start, 1) for started, start in waited)
    assert any(len(set(started)) > 1 for started, _ in waited)
