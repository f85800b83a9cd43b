"""Who the current actor is."""

from agentverse.identity import repository
from agentverse.identity.errors import SessionEnded
from agentverse.identity.roles import permissions_of
from agentverse.identity.schemas import Me, Organization
from agentverse.platform.db.session import TenantSession


def describe_actor(db: TenantSession) -> Me:
    user_id = db.scope.actor.id
    authority = None if user_id is None else repository.find_authority(db, user_id)
    if user_id is None or authority is None:
        raise SessionEnded("Your sign-in has ended. Sign in again.")
    user = repository.get_user(db, user_id)
    return Me(
        user_id=user.id,
        tenant_id=user.tenant_id,
        email=user.email,
        full_name=user.full_name,
        role=authority.role,
        permissions=sorted(permissions_of(authority.role)),
        organization=Organization.model_validate(repository.get_organization(db)),
        created_at=user.created_at,
    )
