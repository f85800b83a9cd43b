"""What tells a run with actors from other requests that a job answers."""

from typing import Final

from agentverse.hybrids.errors import HybridAlreadyFinished, HybridNotFound, HybridSuperseded
from agentverse.hybrids.models import HybridRow
from agentverse.plans.inquiries import Kind

HYBRIDS: Final = Kind(
    row=HybridRow,
    resource="hybrid",
    words="run with actors",
    not_found=HybridNotFound,
    advice="There is no run with actors with this id. List a project's with "
    "GET /api/v1/projects/{id}/hybrids.",
    already_finished=HybridAlreadyFinished,
    superseded=HybridSuperseded,
)
