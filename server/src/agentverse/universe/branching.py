"""Grow the map: a child node with its edge and scripts, and the runs of any node."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from agentverse import audit, runs
from agentverse.platform.db.session import TenantSession
from agentverse.platform.errors import FieldError
from agentverse.platform.ids import new_id
from agentverse.runs import RunOrigin, RunSpec, launches
from agentverse.universe import repository, scripts, variables
from agentverse.universe.errors import NodeRunning, ParentOfAnotherProject
from agentverse.universe.models import EdgeRow, EventScriptRow, NodeRow, ProjectRow
from agentverse.universe.schemas import RunStarted
from agentverse_engine import EventScript


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """What a new node adds to its parent, in the engine's form and in words.

    node_id: the id it is to have; None: a new one.
    """

    event_scripts: tuple[EventScript, ...]
    sentences: tuple[str, ...]
    label: str
    question: str | None
    explanation: str
    ask_id: UUID | None = None
    node_id: UUID | None = None


def fork(db: TenantSession, parent: NodeRow, branch: Branch) -> NodeRow:
    """A child of `parent`: node, edge and scripts together; nothing of the parent changes."""
    node = NodeRow(
        id=branch.node_id or new_id(),
        project_id=parent.project_id,
        parent_id=parent.id,
        ask_id=branch.ask_id,
        kind="branch",
        label=branch.label,
        question=branch.question,
        explanation=branch.explanation,
        depth=parent.depth + 1,
    )
    db.add(node)
    db.flush()
    db.add(_edge(parent, node))
    numbered = enumerate(zip(branch.event_scripts, branch.sentences, strict=True))
    for position, (script, sentence) in numbered:
        db.add(scripts.stored_form(node.id, position, script, sentence))
    db.flush()
    audit.record(
        db,
        action="node.create",
        resource_type="node",
        resource_id=node.id,
        after={"parent_id": str(parent.id), "label": node.label, "scripts": list(branch.sentences)},
    )
    return node


def parent_of(
    db: TenantSession, project: ProjectRow, parent_id: UUID | None, *, field: str
) -> NodeRow:
    """The node of this project to start from; None: its baseline. field: its name in requests.

    Raises ParentOfAnotherProject.
    """
    if parent_id is None:
        return repository.root_of(db, project.id)
    parent = repository.get_node(db, parent_id)
    if parent.project_id != project.id:
        raise ParentOfAnotherProject(
            "The node to start from belongs to another project. Choose a node of this project, "
            "or leave it out to start from the baseline.",
            errors=[FieldError(field=field, message="is a node of another project")],
        )
    return parent


def run_node(db: TenantSession, node_id: UUID) -> RunStarted:
    """Start both variants of a node, for the first time or again after a failure.

    Raises NodeRunning.
    """
    node = repository.get_node(db, node_id, for_update=True)
    latest = launches.of_node(db, node_id).latest
    if latest is not None and latest.status == "running":
        raise NodeRunning(
            "The node is running already. Wait for it, or cancel its run before starting again."
        )
    project = repository.get_project(db, node.project_id)
    return start_node(db, project, node)


def start_node(
    db: TenantSession, project: ProjectRow, node: NodeRow, *, origin_id: UUID | None = None
) -> RunStarted:
    """Scripts of the whole chain, the project's seed: a branch shares its parent's numbers."""
    origin = RunOrigin(
        title=f"{project.name}: {node.label}",
        node_id=node.id,
        project_id=project.id,
        origin_id=origin_id or node.ask_id,
    )
    started = runs.start(db, spec_of(db, project, node), origin)
    return RunStarted(node_id=node.id, run_ids=[row.id for row in started])


def spec_of(db: TenantSession, project: ProjectRow, node: NodeRow) -> RunSpec:
    """What a run of this node computes: the project's settings with the scripts of its chain."""
    return variables.spec_of(project, chain_scripts(db, node))


def chain_scripts(db: TenantSession, node: NodeRow) -> tuple[EventScript, ...]:
    """Event scripts from the root down to the node, in the order they fold."""
    return tuple(scripts.engine_form(row) for row in chain_rows(db, node))


def chain_rows(db: TenantSession, node: NodeRow) -> Sequence[EventScriptRow]:
    """Stored scripts from the root down to the node, in the order they fold."""
    return scripts.of_nodes(db, [row.id for row in repository.path_to(db, node.id)])


def _edge(parent: NodeRow, child: NodeRow) -> EdgeRow:
    return EdgeRow(
        project_id=parent.project_id,
        parent_id=parent.id,
        child_id=child.id,
        label=child.label,
        explanation=child.explanation,
    )
