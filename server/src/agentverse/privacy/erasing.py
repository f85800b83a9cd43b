"""Deletions: an organization with everything it kept, and the words of somebody who left.

The audit keeps its entries, without words, so that its chain of hashes verifies as before.
"""

import logging
import time
from collections.abc import Mapping
from typing import Any, Final

from agentverse import tasks
from agentverse.identity import departing
from agentverse.platform.db.administration import erasing_session
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.storage import artifact_store
from agentverse.privacy import repository
from agentverse.privacy.errors import WorkStillRunning
from agentverse.tasks import Attempt, Store

logger = logging.getLogger(__name__)

# Running work looks once a second whether it may go on.
PATIENCE_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 0.5


def erase_organization(attempt: Attempt) -> Store:
    """Close the tenant, wait for its work to end, erase; each step may be done again.

    Raises WorkStillRunning, after which the job is tried again.
    """
    scope = attempt.scope
    departing.close_tenant(scope)
    _wait_for_work(attempt)
    departing.forget_members(scope)
    with erasing_session(scope) as db:
        erased = repository.erase_tenant(db, kept_task=attempt.task_id)
    artifact_store().delete_all(scope.tenant_id)

    def tell(_db: TenantSession) -> Mapping[str, Any]:
        return {"rows": erased}

    departing.bury_tenant(scope)
    logger.info("An organization was erased: %s rows.", erased)
    return tell


def erase_user(attempt: Attempt) -> Store:
    """Who left: what they typed and from where, what others typed of their address, their name."""
    user_id = attempt.subject_id
    with tenant_session(attempt.scope, read_only=True) as db:
        address = departing.known_address(db, user_id)
    with erasing_session(attempt.scope) as db:
        erased = repository.erase_audit_words(db, of_actor=user_id, about=address)

    def forget(db: TenantSession) -> Mapping[str, Any]:
        departing.erase_user(db, user_id)
        return {"entries": erased}

    return forget


def _wait_for_work(attempt: Attempt) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with tenant_session(attempt.scope, read_only=True) as db:
            running = tasks.count_running(db, but=attempt.task_id)
        if running == 0:
            return
        if time.monotonic() > deadline:
            raise WorkStillRunning(f"{running} tasks have not ended yet; it is tried again.")
        time.sleep(LOOK_SECONDS)
