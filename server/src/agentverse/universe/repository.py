"""Every query of projects, nodes and questions."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import func, select

from agentverse.platform.db.queries import RowPage, get_or_raise, paginate
from agentverse.platform.db.session import TenantSession
from agentverse.universe.errors import NodeNotFound, ProjectNotFound
from agentverse.universe.models import EdgeRow, EventScriptRow, NodeRow, ProjectRow

NO_PROJECT = "There is no project with this id. List yours with GET /api/v1/projects."
NO_NODE = "There is no node with this id. List a project's nodes with GET /api/v1/nodes."


def get_project(db: TenantSession, project_id: UUID, *, for_update: bool = False) -> ProjectRow:
    return get_or_raise(
        db, ProjectRow, project_id, ProjectNotFound, NO_PROJECT, for_update=for_update
    )


def project_names_of(db: TenantSession, population_id: UUID) -> Sequence[str]:
    """The projects that name a population, the oldest first."""
    named = select(ProjectRow.name).where(ProjectRow.population_id == population_id)
    return db.scalars(named.order_by(ProjectRow.id)).all()


def page_projects(db: TenantSession, *, cursor: str | None, limit: int) -> RowPage[ProjectRow]:
    return paginate(db, select(ProjectRow), ProjectRow, cursor=cursor, limit=limit)


def find_project_by_slug(db: TenantSession, slug: str) -> ProjectRow | None:
    return db.scalars(select(ProjectRow).where(ProjectRow.slug == slug)).one_or_none()


def slugs(db: TenantSession) -> Sequence[str]:
    return db.scalars(select(ProjectRow.slug).order_by(ProjectRow.slug)).all()


def get_node(db: TenantSession, node_id: UUID, *, for_update: bool = False) -> NodeRow:
    return get_or_raise(db, NodeRow, node_id, NodeNotFound, NO_NODE, for_update=for_update)


def path_to(db: TenantSession, node_id: UUID) -> Sequence[NodeRow]:
    """The node's ancestors from the root down, and the node itself."""
    path = select(NodeRow.id, NodeRow.parent_id).where(NodeRow.id == node_id).cte(recursive=True)
    above = select(NodeRow.id, NodeRow.parent_id).join(path, NodeRow.id == path.c.parent_id)
    ids = select(path.union_all(above).c.id)
    return db.scalars(select(NodeRow).where(NodeRow.id.in_(ids)).order_by(NodeRow.depth)).all()


def children_of(db: TenantSession, node_id: UUID) -> Sequence[NodeRow]:
    """Oldest first."""
    return db.scalars(
        select(NodeRow).where(NodeRow.parent_id == node_id).order_by(NodeRow.id)
    ).all()


def page_nodes(
    db: TenantSession, project_id: UUID, *, cursor: str | None, limit: int
) -> RowPage[NodeRow]:
    """Parents before children, over the pages too."""
    statement = select(NodeRow).where(NodeRow.project_id == project_id)
    return paginate(db, statement, NodeRow, cursor=cursor, limit=limit, oldest_first=True)


def edges_to(db: TenantSession, project_id: UUID, node_ids: Iterable[UUID]) -> Sequence[EdgeRow]:
    """The edge that leads to each of these nodes, in order of creation."""
    leading = (EdgeRow.project_id == project_id, EdgeRow.child_id.in_(list(node_ids)))
    return db.scalars(select(EdgeRow).where(*leading).order_by(EdgeRow.id)).all()


def root_of(db: TenantSession, project_id: UUID) -> NodeRow:
    statement = select(NodeRow).where(NodeRow.project_id == project_id, NodeRow.kind == "root")
    return db.scalars(statement).one()


def roots_of(db: TenantSession, project_ids: Iterable[UUID]) -> Sequence[NodeRow]:
    statement = select(NodeRow).where(
        NodeRow.project_id.in_(list(project_ids)), NodeRow.kind == "root"
    )
    return db.scalars(statement).all()


def node_counts(db: TenantSession, project_ids: Iterable[UUID]) -> dict[UUID, int]:
    statement = (
        select(NodeRow.project_id, func.count())
        .where(NodeRow.project_id.in_(list(project_ids)))
        .group_by(NodeRow.project_id)
    )
    return {row[0]: row[1] for row in db.execute(statement)}


def scripts_of(db: TenantSession, node_ids: Iterable[UUID]) -> Sequence[EventScriptRow]:
    statement = (
        select(EventScriptRow)
        .where(EventScriptRow.node_id.in_(list(node_ids)))
        .order_by(EventScriptRow.node_id, EventScriptRow.position)
    )
    return db.scalars(statement).all()


def project_of_nodes(db: TenantSession, project_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    statement = select(NodeRow.id, NodeRow.project_id).where(
        NodeRow.project_id.in_(list(project_ids))
    )
    return {row[0]: row[1] for row in db.execute(statement)}
