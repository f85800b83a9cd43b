"""How long things are kept: exports a week, the audit's words as each organization says."""

import logging
from datetime import datetime, timedelta
from threading import Event
from uuid import UUID

from agentverse import audit
from agentverse.identity import tenant_administration
from agentverse.platform.clock import now
from agentverse.platform.db.administration import erasing_session
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.scope import system_scope
from agentverse.platform.storage import artifact_store
from agentverse.privacy import archives, repository
from agentverse.privacy.schemas import Resource, RetentionPolicy

logger = logging.getLogger(__name__)

POLL_SECONDS = 3600.0
AUDIT_WORDS: Resource = "audit_words"


def policies(db: TenantSession) -> list[RetentionPolicy]:
    days = repository.policies(db)
    return [RetentionPolicy(resource=AUDIT_WORDS, days=days.get(AUDIT_WORDS))]


def set_policy(db: TenantSession, resource: Resource, days: int | None) -> RetentionPolicy:
    before = repository.policies(db).get(resource)
    repository.set_policy(db, resource, days)
    audit.record(
        db,
        action="retention.update",
        resource_type="retention",
        resource_id=None,
        before={"kind": resource, "days": before},
        after={"kind": resource, "days": days},
    )
    return RetentionPolicy(resource=resource, days=days)


def enforce_until_stopped(stop: Event) -> None:
    """Look every hour; several workers may, each step looks at what is there."""
    while True:
        try:
            for tenant_id in tenant_administration.active_tenants():
                enforce(tenant_id, now())
        except AgentVerseError as error:
            logger.warning("What is too old is looked for again later: %s", error.detail)
        if stop.wait(timeout=POLL_SECONDS):
            return


def enforce(tenant_id: UUID, moment: datetime) -> int:
    """Delete exports that are too old and erase the audit's old words; how many words went."""
    scope = system_scope(tenant_id)
    with tenant_session(scope) as db:
        keys = archives.end_expired(db, moment)
        days = repository.policies(db).get(AUDIT_WORDS)
    for key in keys:
        artifact_store().delete(tenant_id, key)
    if days is None:
        return 0
    with erasing_session(scope) as db:
        erased = repository.erase_audit_words(db, older_than=moment - timedelta(days=days))
        if erased:
            audit.record(
                db,
                action="retention.enforce",
                resource_type="retention",
                resource_id=None,
                after={"kind": AUDIT_WORDS, "days": days, "entries": erased},
            )
    return erased
