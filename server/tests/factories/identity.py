"""People and their tenants."""

from dataclasses import dataclass
from uuid import UUID

from agentverse import audit
from agentverse.identity import (
    access_tokens,
    api_keys,
    invitations,
    issue_one_time_sign_in,
    persons,
    platform_tokens,
    tenant_administration,
    tenants,
)
from agentverse.identity.authentication import authenticate
from agentverse.identity.models import MembershipRow
from agentverse.identity.passwords import passwords
from agentverse.identity.roles import Role, permissions_of
from agentverse.identity.schemas import (
    ApiKeyCreate,
    ApiKeyCreated,
    InvitationCreate,
    TenantSuspend,
)
from agentverse.identity.signing_in import exchange_one_time_token
from agentverse.platform.db.session import tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Actor, PlatformScope, Scope, system_scope
from agentverse.platform.settings import get_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A user in a tenant, with the scope the API would give it."""

    tenant_id: UUID
    user_id: UUID
    email: str
    role: str
    scope: Scope


def make_member(email: str = "a@example.org", *, organization: str = "Acme") -> Member:
    """A new tenant with its owner."""
    made = tenants.create_tenant_with_owner(
        email=email, full_name="", organization_name=organization, password_hash=None
    )
    return Member(
        tenant_id=made.tenant_id,
        user_id=made.user_id,
        email=email,
        role="owner",
        scope=made.scope,
    )


def add_member(owner: Member, role: str) -> Member:
    """Another user of the owner's tenant."""
    user_id = new_id()
    email = f"{role}-{user_id}@example.org"
    person_id = make_person(email)
    with tenant_session(owner.scope) as db:
        tenants.add_member(db, user_id, person_id=person_id, address=email, full_name="")
        db.add(MembershipRow(user_id=user_id, role=role))
    scope = Scope(
        tenant_id=owner.tenant_id,
        actor=Actor(kind="user", id=user_id),
        permissions=permissions_of(role),
    )
    return Member(tenant_id=owner.tenant_id, user_id=user_id, email=email, role=role, scope=scope)


def make_person(email: str, password: str | None = None) -> UUID:
    """A person who is a member of nothing."""
    return persons.sign_up(
        system_scope(audit.INSTALLATION),
        address=email,
        full_name="",
        password_hash=None if password is None else passwords().hash(password),
    )


def access_token(member: Member) -> str:
    """A live access token of the member, as signing in would give."""
    token = issue_one_time_sign_in(member.scope, member.user_id)
    return exchange_one_time_token(token).access_token


def bearer(member: Member) -> dict[str, str]:
    return {"Authorization": f"Bearer {access_token(member)}"}


def make_api_key(scope: Scope) -> ApiKeyCreated:
    """A key of the scope's user that may do whatever its maker may."""
    request = ApiKeyCreate(name="a key", scopes=sorted(scope.permissions))
    with tenant_session(scope) as db:
        return api_keys.create_api_key(db, request)


def key_bearer(member: Member) -> dict[str, str]:
    return {"Authorization": f"Bearer {make_api_key(member.scope).key}"}


def revoked_key_bearer(member: Member) -> dict[str, str]:
    made = make_api_key(member.scope)
    with tenant_session(member.scope) as db:
        api_keys.revoke_api_key(db, made.id)
    return {"Authorization": f"Bearer {made.key}"}


def make_session(scope: Scope) -> UUID:
    """The id of a live sign-in of the scope's user."""
    if scope.actor.id is None:
        raise TypeError("Only a user signs in.")
    signed_in = exchange_one_time_token(issue_one_time_sign_in(scope, scope.actor.id))
    return access_tokens.verify(signed_in.access_token, get_settings()).session_id


def platform_scope() -> PlatformScope:
    """The home's owner, as `agentverse admin token` lets them in."""
    found = authenticate(platform_tokens.issue_to_home_owner(get_settings()))
    if not isinstance(found, PlatformScope):
        raise TypeError("A platform token opens the platform realm.")
    return found


def suspend(tenant_id: UUID) -> None:
    tenant_administration.suspend(platform_scope(), tenant_id, TenantSuspend(reason="a test"))


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeInvitation:
    id: UUID
    token: str


def make_invitation(
    scope: Scope, email: str = "invited@example.org", role: Role = "viewer"
) -> MadeInvitation:
    with tenant_session(scope) as db:
        made = invitations.invite(db, InvitationCreate(email=email, role=role))
    if made.token is None:
        raise TypeError("A new invitation shows its token.")
    return MadeInvitation(id=made.id, token=made.token)
