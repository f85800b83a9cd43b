"""Members of a tenant: who they are, what role they have, how they leave."""

from collections.abc import Sequence
from uuid import UUID

from agentverse import audit
from agentverse.identity import api_keys, key_authentication, repository, sessions
from agentverse.identity.errors import LastOwner, RoleBeyondOwn
from agentverse.identity.models import MembershipRow, UserRow
from agentverse.identity.roles import is_above
from agentverse.identity.schemas import Member, MemberUpdate
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.pagination import Page
from agentverse.platform.scope import Scope
from agentverse.platform.versions import refuse_stale


def list_members(db: TenantSession, *, cursor: str | None, limit: int) -> Page[Member]:
    page = repository.list_users(db, cursor=cursor, limit=limit)
    return Page(items=_described(db, page.items), next_cursor=page.next_cursor)


def get_member(db: TenantSession, user_id: UUID) -> Member:
    user, _ = repository.get_member(db, user_id)
    return _described(db, [user])[0]


def update_member(
    db: TenantSession, user_id: UUID, request: MemberUpdate, *, if_match: str | None = None
) -> Member:
    """Change role or status; in force with the member's next request, everywhere.

    Raises MemberNotFound, RoleBeyondOwn, LastOwner, ChangedMeanwhile.
    """
    owners = repository.lock_owners(db)
    user, membership = repository.get_member(db, user_id, for_update=True)
    refuse_stale(if_match, _described(db, [user])[0])
    before = {"role": membership.role, "status": membership.status}
    after = {
        "role": request.role or membership.role,
        "status": request.status or membership.status,
    }
    refuse_role_beyond_own(db, membership.role)
    refuse_role_beyond_own(db, after["role"])
    if after != {"role": "owner", "status": "active"}:
        _keep_an_owner(membership, owners)
    if after != before:
        membership.role, membership.status = after["role"], after["status"]
        _record(db, "member.update", user_id, before=before, after=after)
    return _described(db, [user])[0]


def remove_member(db: TenantSession, user_id: UUID) -> None:
    """End another's membership. Raises MemberNotFound, RoleBeyondOwn, LastOwner."""
    owners = repository.lock_owners(db)
    _, membership = repository.get_member(db, user_id, for_update=True)
    refuse_role_beyond_own(db, membership.role)
    _keep_an_owner(membership, owners)
    leave(db, user_id, because="removed")


def leave_own(scope: Scope) -> None:
    """The signed-in member goes, whatever their role. Raises LastOwner, SessionEnded."""
    with tenant_session(scope) as db:
        owners = repository.lock_owners(db)
        user_id = scope.actor.id
        held = {} if user_id is None else repository.memberships_of(db, [user_id])
        if user_id is None or user_id not in held:
            raise sessions.ended()
        _keep_an_owner(held[user_id], owners)
        leave(db, user_id, because="left")


def leave(db: TenantSession, user_id: UUID, *, because: str) -> None:
    """End the membership with its sign-ins and API keys; what the user did stays theirs by name."""
    sessions.end_all_of(db, user_id, because=because)
    api_keys.revoke_all_of(db, user_id)
    repository.reassign_user(db, user_id, None)
    repository.remove_membership(db, user_id)
    _record(db, "member.remove", user_id, after={"because": because})


def refuse_role_beyond_own(db: TenantSession, role: str) -> None:
    """Nobody grants, changes or takes away a role above their own. Raises RoleBeyondOwn."""
    actor_id = db.scope.actor.id
    authority = None if actor_id is None else repository.find_authority(db, actor_id)
    if authority is None or is_above(role, authority.role):
        raise RoleBeyondOwn("Ask an owner of your organization to do it.")


def _keep_an_owner(membership: MembershipRow, owners: Sequence[UUID]) -> None:
    """owners: locked before, so that two who leave at once do not both find the other."""
    if list(owners) == [membership.user_id]:
        raise LastOwner("Make another member an owner first.")


def _record(
    db: TenantSession,
    action: str,
    user_id: UUID,
    *,
    after: dict[str, str],
    before: dict[str, str] | None = None,
) -> None:
    audit.record(
        db, action=action, resource_type="user", resource_id=user_id, before=before, after=after
    )
    db.call_after_commit(key_authentication.forget)


def _described(db: TenantSession, users: Sequence[UserRow]) -> list[Member]:
    held = repository.memberships_of(db, [user.id for user in users])
    return [
        Member.model_validate(
            {
                "user_id": user.id,
                "email": user.email,
                "full_name": user.full_name,
                "role": held[user.id].role,
                "status": held[user.id].status,
                "joined_at": held[user.id].created_at,
            }
        )
        for user in users
        if user.id in held
    ]
