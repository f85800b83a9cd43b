"""The examples of every template: each asks for something that has an effect."""

from typing import Final
from uuid import UUID

import pytest
from factories.snapshots import snapshot_of_nobody, variants

from agentverse.asks import examples
from agentverse.compiler import compile_question
from agentverse.runs.inputs import scenario_of
from agentverse.runs.selection import TemplateSelection, build_template
from agentverse.runs.spec import RunSpec
from agentverse.universe.change_checks import checks_of
from agentverse.universe.models import ProjectRow
from agentverse.universe.variables import Registry
from agentverse_engine import Trajectory, ensembles, simulate_ensemble

HORIZON: Final = 12
# What a reader looks at; what a campaign leaves behind in people is no answer.
BEHIND: Final = ("exposure", "receptivity", "salience", "deviation")


def clear(base: Trajectory, branch: Trajectory) -> list[str]:
    """Outcomes whose difference at the end is clear: its central 90 % leaves zero out."""
    outcomes = {
        name: run_pair
        for place, name in enumerate(base.alternatives)
        for run_pair in [(branch.shares()[:, -1, place], base.shares()[:, -1, place])]
    }
    for level in base.levels:
        if level.name not in BEHIND:
            ends = [run.level_means(level.name)[:, -1] for run in (branch, base)]
            outcomes[level.name] = (ends[0], ends[1])
    moved: list[str] = []
    for name, (after, before) in outcomes.items():
        low, _, high = ensembles.interval(after - before)
        if low > 0.0 or high < 0.0:
            moved.append(name)
    return moved


def shares_in(names: list[str], run: Trajectory) -> bool:
    """Whether votes are among them: an election is not asked about for opinions alone."""
    return not set(names).isdisjoint(run.alternatives)


def name_of(selection: TemplateSelection) -> str:
    return "-".join([selection.name, *(value for _, value in selection.options)])


@pytest.mark.parametrize("selection", variants(), ids=name_of)
def test_every_example_has_a_clear_effect(selection: TemplateSelection) -> None:
    snapshot = snapshot_of_nobody(2000)
    registry = Registry(
        snapshot=snapshot,
        selection=selection,
        seed=3,
        built=build_template(snapshot, selection),
    )
    project = ProjectRow(
        horizon=HORIZON, parameters={}, outcome_alternative=registry.outcome_alternative
    )
    spec = RunSpec(
        population_id=UUID(int=0),
        template=selection,
        event_scripts=(),
        parameters={},
        horizon=HORIZON,
        replicates=8,
        seed=3,
    )
    base = scenario_of(snapshot, spec, social_rules=True)
    before = simulate_ensemble(base)
    questions = examples.examples(registry, project)
    assert len(questions) >= 2
    checks = checks_of(registry, project, ())
    idle: dict[str, object] = {}
    for question in questions:
        scripts = compile_question(question, registry.vocabulary(HORIZON, {})).event_scripts
        assert all(checks.refusal(script) is None for script in scripts)
        moved = clear(before, simulate_ensemble(base.branch(scripts)))
        if not moved or (selection.name == "election" and not shares_in(moved, before)):
            idle[question] = scripts
    assert not idle
