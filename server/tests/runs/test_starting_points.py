"""Nothing moves without a cause: every template's baseline rests, or names what moves it."""

from dataclasses import replace
from typing import Final
from uuid import UUID

import numpy as np
import pytest
from factories.snapshots import snapshot_of_nobody, variants

from agentverse.populations import Snapshot
from agentverse.runs import starting_points
from agentverse.runs.inputs import scenario_of, with_parameters
from agentverse.runs.selection import (
    TemplateSelection,
    build_template,
    population_of,
    select_template,
)
from agentverse.runs.spec import RunSpec
from agentverse.universe.moving_starts import drift_message
from agentverse_engine import (
    Level,
    Scenario,
    StartDrift,
    simulate_ensemble,
    start_drift,
)
from agentverse_engine.execution.recalibrating import recalibrate, with_shifts

SIZE: Final = 400
NOWHERE: Final = UUID(int=0)
ANCHORED: Final = ("friedkin_johnsen", "confirmation_bias")


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return snapshot_of_nobody(SIZE)


def named(selection: TemplateSelection) -> str:
    return "-".join([selection.name, *(value for _, value in selection.options)])


def baseline(
    snapshot: Snapshot, selection: TemplateSelection, parameters: dict[str, float]
) -> Scenario:
    spec = RunSpec(
        population_id=NOWHERE,
        template=selection,
        event_scripts=(),
        parameters=parameters,
        horizon=12,
        replicates=8,
        seed=3,
    )
    scenario = scenario_of(snapshot, spec, social_rules=True)
    if selection.name != "election":
        return scenario
    counts = np.bincount(scenario.population.choice, minlength=len(scenario.pack.alternatives))
    target = dict(zip(scenario.pack.alternatives, (counts / SIZE).tolist(), strict=True))
    return with_shifts(scenario, recalibrate(scenario, target).shifts)


def rests(selection: TemplateSelection) -> bool:
    return dict(selection.options).get("influence") in ANCHORED


def moves(selection: TemplateSelection) -> bool:
    """Beyond what chance moves; pairs meet in the middle, and the few who are ill are too few."""
    return not rests(selection) and named(selection) not in ("opinion-pairwise", "contagion-sis")


@pytest.mark.parametrize("selection", variants(), ids=named)
def test_a_baseline_rests_or_what_moves_it_is_named(
    snapshot: Snapshot, selection: TemplateSelection
) -> None:
    drift = start_drift(simulate_ensemble(baseline(snapshot, selection, {}), threads=1))
    assert not (drift and rests(selection))
    assert drift or not moves(selection)
    if not drift:
        return
    built = build_template(snapshot, selection)
    template = selection.template
    movers = starting_points.movers(template, selection.settled, built.variables)
    assert movers, "an assumption is to blame"
    told = drift_message(
        drift,
        movers,
        tick_unit=template.tick_unit,
        first=built.pack.outcome,
        labels=built.pack.labels,
        levels={level.name: level for level in built.pack.levels},
    )
    assert f"in the first 10 {template.tick_unit}s" in told
    assert all(mover.text in told and mover.source in told for mover in movers)


def still_values(selection: TemplateSelection) -> dict[str, float]:
    """What is named as moving people, at the values with which it moves nobody."""
    built = selection.template.build(None, selection.settled, ())
    known = {item.name: item for item in built.variables}
    return {
        name: value
        for name, value in selection.template.moved_by(selection.settled).items()
        if isinstance(value, float) and known[name].minimum <= value
    }


@pytest.mark.parametrize(
    "selection",
    [
        select_template("adoption", {"mechanism": "bass"}, None),
        select_template("adoption", {"mechanism": "complex"}, None),
        select_template("contagion", {"course": "sir"}, None),
        select_template("contagion", {"course": "sis"}, None),
        select_template("opinion", {"influence": "degroot"}, None),
        select_template("opinion", {"influence": "pairwise"}, None),
        select_template("election", {"influence": "degroot"}, None),
    ],
    ids=named,
)
def test_without_what_is_named_nothing_moves(
    snapshot: Snapshot, selection: TemplateSelection
) -> None:
    """The named cause is the cause: set to where it moves nobody, the baseline rests."""
    still = still_values(selection)
    known = {item.name: item for item in build_template(snapshot, selection).variables}
    assert any(known[name].default != value for name, value in still.items())
    scenario = baseline(snapshot, selection, still)
    variables = with_parameters(scenario.variables, still)
    assert variables == scenario.variables
    run = simulate_ensemble(scenario, threads=1)
    assert start_drift(run) == ()
    left = starting_points.movers(selection.template, selection.settled, variables)
    assert all(mover.text != known[name].label for mover in left for name in still)


def test_both_variants_are_of_the_same_people_and_rest(snapshot: Snapshot) -> None:
    selection = select_template("opinion", {}, None)
    scenario = baseline(snapshot, selection, {})
    spec = RunSpec(
        population_id=NOWHERE,
        template=selection,
        event_scripts=(),
        parameters={},
        horizon=12,
        replicates=8,
        seed=3,
    )
    plain = scenario_of(snapshot, spec, social_rules=False)
    gave_way = starting_points.susceptibility(
        population_of(snapshot, selection, spec.seed), scenario.population
    )
    assert gave_way is not None
    assert 0.0 < gave_way["allowed"] < gave_way["assumed"]
    assert 0.5 < gave_way["lowered"] < 1.0
    own, other = (one.population.attributes["susceptibility"] for one in (scenario, plain))
    assert np.array_equal(own, other)
    assert start_drift(simulate_ensemble(plain, threads=1)) == ()


def test_a_project_that_sets_what_moves_people_is_told_of_it(snapshot: Snapshot) -> None:
    selection = select_template("opinion", {}, None)
    scenario = baseline(snapshot, selection, {"campaign_for": 2.0})
    assert {one.outcome for one in start_drift(simulate_ensemble(scenario, threads=1))} >= {
        "opinion"
    }
    (mover,) = starting_points.movers(selection.template, selection.settled, scenario.variables)
    assert (mover.text, mover.value) == ("campaign in favour", 2.0)


def test_the_outcome_that_is_asked_about_is_told_first_and_equal_replicates_are_said() -> None:
    def moved(outcome: str, by: float, width: float) -> StartDrift:
        return StartDrift(
            outcome=outcome, start=0.4, moved=by, low=by - width, high=by + width, ticks=3
        )

    drifts = [moved(name, 0.05, 0.0) for name in ("b", "c", "a")]
    labels = {"a": "Ayes", "b": "Bees", "c": "Sees"}
    told = drift_message(drifts, [], tick_unit="week", first="a", labels=labels, levels={})
    assert told.startswith(
        "The baseline moves although nothing changes: in the first 3 weeks “Ayes” goes from 40.0 "
        "to 45.0 % of people (+5.0 to +5.0 points), “Bees” goes"
    )
    assert "and 1 more. All replicates move alike, so no interval shows it." in told
    wide = [replace(one, high=one.high + 0.1) for one in drifts]
    assert "alike" not in drift_message(
        wide, [], tick_unit="week", first="a", labels=labels, levels={}
    )


def test_a_mean_is_written_out_in_its_unit() -> None:
    money = Level(
        name="wealth",
        label="wealth",
        unit="USD",
        minimum=0.0,
        maximum=1e6,
        default=0.0,
        per_unit=100,
    )
    drift = StartDrift(
        outcome="wealth", start=21140.2, moved=21550.0, low=21550.0, high=21560.0, ticks=10
    )
    message = drift_message(
        [drift], [], tick_unit="quarter", first="", labels={}, levels={"wealth": money}
    )
    assert "the mean of “wealth” goes from 21,140 to 42,690 USD" in message
