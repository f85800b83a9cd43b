"""The universe map: nodes, edges, and one node in full."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from agentverse import llm, populations
from agentverse.platform.db.session import TenantSession
from agentverse.platform.pagination import MAXIMUM_LIMIT
from agentverse.populations import NamedPopulation
from agentverse.populations.schemas import DecisionMapping
from agentverse.runs import launches
from agentverse.runs.launches import NodeRuns
from agentverse.runs.outcomes import listed_difference, listed_strip
from agentverse.runs.schemas import RunVariant, ShareKind
from agentverse.universe import repository, scripts, variables
from agentverse.universe.bases import headline_basis
from agentverse.universe.headlines import about, headline_of
from agentverse.universe.models import EventScriptRow, NodeRow, ProjectRow
from agentverse.universe.schemas import Edge, Node, NodeDetail, NodeGraph, NodeStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """Everything some nodes of a project are drawn from, read at once."""

    project: ProjectRow
    runs: Mapping[UUID, NodeRuns]
    scripts: Mapping[UUID, Sequence[EventScriptRow]]
    root_id: UUID
    labels: Mapping[str, str]
    decision: DecisionMapping


def _map_of(db: TenantSession, project_id: UUID, node_ids: Sequence[UUID]) -> Map:
    """What these nodes are drawn from, and the root, which the others are measured against."""
    root = repository.root_of(db, project_id)
    project = repository.get_project(db, project_id)
    people = populations.named_populations(db, [project.population_id])[project.population_id]
    by_node: dict[UUID, list[EventScriptRow]] = {node_id: [] for node_id in node_ids}
    for row in repository.scripts_of(db, node_ids):
        by_node[row.node_id].append(row)
    return Map(
        project=project,
        runs=launches.of_nodes(db, {*node_ids, root.id}),
        scripts=by_node,
        root_id=root.id,
        labels=_labels(project, people),
        decision=people.decision,
    )


def _labels(project: ProjectRow, people: NamedPopulation) -> Mapping[str, str]:
    """What people call the alternatives."""
    selection = variables.template_of_project(project)
    if not selection.template.surveyed:
        return selection.labels
    return people.alternative_labels


def list_nodes(
    db: TenantSession, project_id: UUID, *, cursor: str | None = None, limit: int = MAXIMUM_LIMIT
) -> NodeGraph:
    """A page of nodes, parents before children, each with the edge that leads to it."""
    repository.get_project(db, project_id)
    page = repository.page_nodes(db, project_id, cursor=cursor, limit=limit)
    node_ids = [node.id for node in page.items]
    drawn = _map_of(db, project_id, node_ids)
    edges = repository.edges_to(db, project_id, node_ids)
    return NodeGraph(
        nodes=[_node(drawn, node) for node in page.items],
        edges=[Edge.model_validate(edge) for edge in edges],
        next_cursor=page.next_cursor,
    )


def node_detail(db: TenantSession, node_id: UUID) -> NodeDetail:
    node = repository.get_node(db, node_id)
    drawn = _map_of(db, node.project_id, [node_id])
    latest = drawn.runs[node_id].latest
    shown = drawn.runs[node_id].explored or latest
    ancestors = [row.id for row in repository.path_to(db, node_id)[:-1]]
    inherited = scripts.of_nodes(db, ancestors)
    usage = None if node.ask_id is None else llm.usage(db, origin=node.ask_id)
    return NodeDetail(
        **dict(_node(drawn, node)),
        inherited_scripts=[scripts.wire_of_row(row) for row in inherited],
        runs=list(latest.runs) if latest else [],
        compute_seconds=shown.compute_seconds if shown else None,
        llm_calls=usage.calls if usage else 0,
        llm_cost_usd=usage.cost_usd_text if usage else "0",
        population_digest=populations.get_population(db, drawn.project.population_id).digest or "",
        engine_version=shown.runs[0].engine_version if shown else None,
    )


def status_of(runs: NodeRuns) -> NodeStatus:
    return "not_run" if runs.latest is None else runs.latest.status


def _node(drawn: Map, row: NodeRow) -> Node:
    runs = drawn.runs[row.id]
    metric = variables.template_of_project(drawn.project).template.metric
    base = drawn.runs[drawn.root_id].explored
    headline = headline_of(drawn.project, base)
    variant = headline.variant
    alternative = _about(drawn, row, metric, variant)
    return Node(
        id=row.id,
        project_id=row.project_id,
        parent_id=row.parent_id,
        kind="root" if row.parent_id is None else "branch",
        label=row.label,
        question=row.question,
        explanation=row.explanation,
        status=status_of(runs),
        depth=row.depth,
        event_scripts=[scripts.wire_of_row(script) for script in drawn.scripts[row.id]],
        outcome_label=drawn.labels.get(alternative, alternative),
        outcome=listed_strip(runs.explored, alternative, metric, variant),
        difference=(
            None
            if row.parent_id is None
            else listed_difference(runs.explored, base, alternative, metric, variant)
        ),
        headline=variant,
        basis=headline_basis(drawn.project, headline, drawn.decision, metric),
        digest=runs.explored.run(variant).digest if runs.explored else None,
        created_at=row.created_at,
    )


def _about(drawn: Map, row: NodeRow, metric: ShareKind, variant: RunVariant) -> str:
    """The alternative that the node's own changes are about, else the project's."""
    default = drawn.project.outcome_alternative
    explored = drawn.runs[row.id].explored
    summary = None if explored is None else explored.summary(variant)
    if summary is None:
        return default
    changed = [script.variable for script in drawn.scripts[row.id]]
    return about(changed, summary.names(metric), default=default)
