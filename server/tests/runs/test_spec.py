"""A run's spec: stored in the columns of its row and read back as the same value."""

from uuid import UUID

from factories.universe import make_project

from agentverse import universe
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.runs import RunSpec, repository
from agentverse.runs.spec import spec_of
from agentverse.universe import branching
from agentverse.universe.changing import branch
from agentverse.universe.event_schemas import BranchRequest

EVENT = {
    "variable": "advertising",
    "operation": "set",
    "value": 400.0,
    "scope": {"start_tick": 2, "end_tick": 4},
    "intensity": {"kind": "linear_decay", "duration_ticks": 3},
    "condition": {"outcome": "adopted", "comparison": ">", "value": 0.1, "hold": "while"},
}


def test_spec_of_a_stored_run_is_the_spec_that_was_started(scope: Scope) -> None:
    project = make_project(
        scope,
        domain_template="adoption",
        parameters={"imitation": 0.2},
        start_shares={"not_yet": 0.75, "adopted": 0.25},
    )
    asked, stored = _branched(scope, project.root_node_id)
    assert stored == asked
    assert dict(stored.template.start_shares or ()) == {"not_yet": 0.75, "adopted": 0.25}
    assert stored.event_scripts[0].scope.end_tick == 4


def _branched(scope: Scope, root_id: UUID) -> tuple[RunSpec, RunSpec]:
    with tenant_session(scope) as db:
        node = branch(db, root_id, BranchRequest.model_validate({"event_scripts": [EVENT]}))
        row = universe.get_node(db, node.id)
        asked = branching.spec_of(db, universe.get_project(db, row.project_id), row)
        run = repository.get_run(db, node.runs[0].id)
        db.expire(run)
        return asked, spec_of(run)
