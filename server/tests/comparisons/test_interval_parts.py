"""An interval holds chance and estimation, and says how much of it each is."""

import numpy as np
import pytest
from factories.universe import Answered, answer, make_project, run_baseline

from agentverse.comparisons import comparing
from agentverse.comparisons.schemas import Comparison
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.runs import launches
from agentverse.universe import repository, variables
from agentverse_engine import simulate_ensemble


def answered(scope: Scope, *, estimation: bool) -> Answered:
    project = make_project(scope, personas=1500, replicates=30)
    with tenant_session(scope) as db:
        row = repository.get_project(db, project.id)
        assert row.estimation  # what a new project begins with
        row.estimation = estimation
    run_baseline(scope, project)
    return Answered(project=project, ask=answer(scope, project))


def compared(scope: Scope, made: Answered) -> Comparison:
    return comparing.compare(scope, made.project.root_node_id, made.node_id)


def test_difference_holds_chance_and_estimation_and_shows_both(scope: Scope) -> None:
    found = compared(scope, answered(scope, estimation=True))
    parts = {part.kind: part for part in found.interval_parts}
    assert set(parts) == {"chance", "estimation"}
    assert sum(part.share for part in parts.values()) == pytest.approx(1.0)
    whole = found.without_social_rules[-1].difference
    spread = np.sqrt(sum(part.variance for part in parts.values()))
    assert (whole.high - whole.low) / spread == pytest.approx(3.29, rel=0.5)  # 90 % of a normal
    # The same error of the same estimates as the closed form's 500 draws show.
    closed = found.closed_form[-1]
    width = closed.difference_high - closed.difference_low
    assert width / np.sqrt(parts["estimation"].variance) == pytest.approx(3.29, rel=0.5)
    assert any("a draw of its own" in text for text in found.assumptions)


def test_project_of_an_earlier_release_goes_on_as_it_began(scope: Scope) -> None:
    made = answered(scope, estimation=False)
    found = compared(scope, made)
    assert found.interval_parts == []
    assert any("not the error of the estimated coefficients" in text for text in found.assumptions)
    with tenant_session(scope, read_only=True) as db:
        project = repository.get_project(db, made.project.id)
        registry = variables.load_registry(db, project)
        run = launches.latest(db, made.project.root_node_id).run("without_social_rules")
    scenario = registry.scenario(variables.spec_of(project, ()), social_rules=False)
    assert not scenario.draws.replicates
    assert run.digest == simulate_ensemble(scenario, threads=1).digest
