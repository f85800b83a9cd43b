"""Exports that are finished."""

from uuid import UUID

from agentverse.platform.db.session import tenant_session
from agentverse.platform.jobs.testing import run_queued_jobs
from agentverse.platform.scope import Scope
from agentverse.privacy import jobs as privacy_jobs
from agentverse.privacy import privacy_requests

# Importing it registers the handlers.
DOOR = privacy_jobs


def make_export(scope: Scope) -> UUID:
    """Of the scope's organization, by the scope's user."""
    with tenant_session(scope) as db:
        made = privacy_requests.export_organization(db)
    run_queued_jobs()
    return made.id
