"""Idempotency-Keys: the same key with the same request gives what it has made already."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from agentverse.platform.clock import now
from agentverse.platform.db.session import TenantSession
from agentverse.platform.request_digests import check_same_request
from agentverse.tasks import repository

KEPT: Final = timedelta(hours=24)


def made_before(
    db: TenantSession, key: str | None, digest: str, *, resource_id: UUID
) -> UUID | None:
    """The id that this actor's key has made already; None: go on and make `resource_id`.

    Of two requests at once the second waits here until the first has committed. Without a key
    nothing is known. Raises IdempotencyConflict when the key was sent with another request.
    """
    if key is None:
        return None
    actor, moment = db.scope.actor.key, now()
    ours = repository.reserve_key(
        db,
        actor=actor,
        key=key,
        digest=digest,
        resource_id=resource_id,
        now=moment,
        expires_at=moment + KEPT,
    )
    if ours:
        repository.delete_expired_keys(db, actor=actor, now=moment)
        return None
    earlier = repository.get_key(db, actor=actor, key=key)
    check_same_request(earlier.digest, digest)
    return earlier.resource_id
