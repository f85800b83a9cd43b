"""Members of a tenant: who they are, what role they have, how they leave."""

from uuid import UUID

from agentverse import audit
from agentverse.identity import repository, sessions
from agentverse.platform.db.session import TenantSession


def leave(db: TenantSession, user_id: UUID, *, because: str) -> None:
    """End the membership and every sign-in of it; what the user did stays theirs by name."""
    sessions.end_all_of(db, user_id, because=because)
    repository.hand_over_user(db, user_id, None)
    repository.remove_membership(db, user_id)
    audit.record(
        db,
        action="member.remove",
        resource_type="user",
        resource_id=user_id,
        after={"because": because},
    )
