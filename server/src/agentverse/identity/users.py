"""Who the current actor is, and their name."""

from agentverse import audit
from agentverse.identity import repository, sessions
from agentverse.identity.roles import permissions_of
from agentverse.identity.schemas import Me, Organization, UserUpdate
from agentverse.platform.db.person_directory import person_session
from agentverse.platform.db.session import tenant_session
from agentverse.platform.scope import Scope
from agentverse.platform.versions import refuse_stale


def describe_actor(scope: Scope) -> Me:
    """Raises SessionEnded where the user is gone, or no person's."""
    user_id = scope.actor.id
    with tenant_session(scope, read_only=True) as db:
        authority = None if user_id is None else repository.find_authority(db, user_id)
        user = None if user_id is None else repository.find_user(db, user_id)
        organization = Organization.model_validate(repository.get_organization(db))
    if authority is None or user is None or user.person_id is None:
        raise sessions.ended()
    with person_session(scope, read_only=True) as db:
        person = repository.find_person(db, user.person_id)
    return Me(
        user_id=user.id,
        tenant_id=user.tenant_id,
        email=user.email,
        full_name=user.full_name,
        role=authority.role,
        permissions=sorted(permissions_of(authority.role)),
        organization=organization,
        is_address_verified=person is not None and person.verified_at is not None,
        created_at=user.created_at,
    )


def update_own_name(scope: Scope, request: UserUpdate, *, if_match: str | None = None) -> Me:
    """Here and for organizations joined from now on; others keep the name they know.

    Raises SessionEnded where the user is gone, or no person's; ChangedMeanwhile.
    """
    user_id, name = scope.actor.id, request.full_name.strip()
    with tenant_session(scope) as db:
        user = None if user_id is None else repository.find_user(db, user_id, for_update=True)
        if user is None or user.person_id is None:
            raise sessions.ended()
        refuse_stale(if_match, describe_actor(scope))
        before, user.full_name = user.full_name, name
        audit.record(
            db,
            action="user.update",
            resource_type="user",
            resource_id=user.id,
            before={"full_name": before},
            after={"full_name": name},
        )
    with person_session(scope) as db:
        person = repository.find_person(db, user.person_id)
        if person is not None:
            person.full_name = name
    return describe_actor(scope)
