"""HTTP door of comparisons."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from agentverse.comparisons import comparing
from agentverse.comparisons.schemas import Comparison
from agentverse.platform.http.context_router import ContextRouter
from agentverse.runs.schemas import ShareKind
from agentverse.universe.permissions import ProjectsReader

router = ContextRouter("comparisons")


@router.get("/nodes/{node_id}/compare/{other_id}")
def compare_nodes(
    scope: ProjectsReader,
    node_id: UUID,
    other_id: UUID,
    metric: Annotated[
        ShareKind | None, Query(description="Default: the first of the project's metrics.")
    ] = None,
    from_tick: int | None = None,
    to_tick: int | None = None,
) -> Comparison:
    """node_id is the base, other_id the branch."""
    return comparing.compare(
        scope, node_id, other_id, metric=metric, from_tick=from_tick, to_tick=to_tick
    )
