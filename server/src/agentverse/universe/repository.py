"""Every query of projects, nodes and questions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import defer

from agentverse.platform.db.queries import RowPage, get_or_raise, paginate
from agentverse.platform.db.session import TenantSession
from agentverse.platform.errors import NotFound
from agentverse.universe.errors import (
    AskNotFound,
    HybridNotFound,
    NodeNotFound,
    PlanNotFound,
    ProjectNotFound,
)
from agentverse.universe.models import (
    AskRow,
    EdgeRow,
    EventScriptRow,
    HybridRow,
    Inquiry,
    NodeRow,
    PlanRow,
    ProjectRow,
)

NO_PROJECT = "There is no project with this id. List yours with GET /api/v1/projects."
NO_NODE = "There is no node with this id. List a project's nodes with GET /api/v1/nodes."
NO_PLAN = "There is no plan with this id. List a project's with GET /api/v1/projects/{id}/plans."
NO_HYBRID = (
    "There is no run with actors with this id. List a project's with "
    "GET /api/v1/projects/{id}/hybrids."
)
NO_ASK = "There is no question with this id. List a project's with GET /api/v1/projects/{id}/asks."

InquiryRow = TypeVar("InquiryRow", bound=Inquiry)
MISSING: Final[Mapping[type[Inquiry], tuple[type[NotFound], str]]] = {
    PlanRow: (PlanNotFound, NO_PLAN),
    HybridRow: (HybridNotFound, NO_HYBRID),
}


def get_project(db: TenantSession, project_id: UUID) -> ProjectRow:
    return get_or_raise(db, ProjectRow, project_id, ProjectNotFound, NO_PROJECT)


def page_projects(db: TenantSession, *, cursor: str | None, limit: int) -> RowPage[ProjectRow]:
    return paginate(db, select(ProjectRow), ProjectRow, cursor=cursor, limit=limit)


def find_project_by_slug(db: TenantSession, slug: str) -> ProjectRow | None:
    return db.scalars(select(ProjectRow).where(ProjectRow.slug == slug)).one_or_none()


def find_project_by_key(db: TenantSession, key: str) -> ProjectRow | None:
    return db.scalars(select(ProjectRow).where(ProjectRow.idempotency_key == key)).one_or_none()


def slugs(db: TenantSession) -> Sequence[str]:
    return db.scalars(select(ProjectRow.slug).order_by(ProjectRow.slug)).all()


def get_node(db: TenantSession, node_id: UUID, *, for_update: bool = False) -> NodeRow:
    return get_or_raise(db, NodeRow, node_id, NodeNotFound, NO_NODE, for_update=for_update)


def find_node_by_key(db: TenantSession, key: str) -> NodeRow | None:
    return db.scalars(select(NodeRow).where(NodeRow.idempotency_key == key)).one_or_none()


def nodes_of(db: TenantSession, project_id: UUID) -> Sequence[NodeRow]:
    """Parents before children: ids are in order of creation."""
    statement = select(NodeRow).where(NodeRow.project_id == project_id).order_by(NodeRow.id)
    return db.scalars(statement).all()


def edges_of(db: TenantSession, project_id: UUID) -> Sequence[EdgeRow]:
    statement = select(EdgeRow).where(EdgeRow.project_id == project_id).order_by(EdgeRow.id)
    return db.scalars(statement).all()


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


def get_ask(db: TenantSession, ask_id: UUID, *, for_update: bool = False) -> AskRow:
    return get_or_raise(db, AskRow, ask_id, AskNotFound, NO_ASK, for_update=for_update)


def find_ask_by_key(db: TenantSession, key: str) -> AskRow | None:
    return db.scalars(select(AskRow).where(AskRow.idempotency_key == key)).one_or_none()


def page_asks(
    db: TenantSession, project_id: UUID, *, cursor: str | None, limit: int
) -> RowPage[AskRow]:
    statement = select(AskRow).where(AskRow.project_id == project_id)
    return paginate(db, statement, AskRow, cursor=cursor, limit=limit)


def get_inquiry(
    db: TenantSession, model: type[InquiryRow], inquiry_id: UUID, *, for_update: bool = False
) -> InquiryRow:
    error, detail = MISSING[model]
    return get_or_raise(db, model, inquiry_id, error, detail, for_update=for_update)


def find_inquiry_by_key(db: TenantSession, model: type[InquiryRow], key: str) -> InquiryRow | None:
    return db.scalars(select(model).where(model.idempotency_key == key)).one_or_none()


def page_plans(
    db: TenantSession, project_id: UUID, *, cursor: str | None, limit: int
) -> RowPage[PlanRow]:
    statement = select(PlanRow).where(PlanRow.project_id == project_id)
    return paginate(db, statement, PlanRow, cursor=cursor, limit=limit)


def page_hybrids(
    db: TenantSession, project_id: UUID, *, cursor: str | None, limit: int
) -> RowPage[HybridRow]:
    """Without their results, which hold ledgers."""
    statement = select(HybridRow).where(HybridRow.project_id == project_id)
    unread = statement.options(defer(HybridRow.request), defer(HybridRow.result))
    return paginate(db, unread, HybridRow, cursor=cursor, limit=limit)


def project_of_nodes(db: TenantSession, project_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    statement = select(NodeRow.id, NodeRow.project_id).where(
        NodeRow.project_id.in_(list(project_ids))
    )
    return {row[0]: row[1] for row in db.execute(statement)}
