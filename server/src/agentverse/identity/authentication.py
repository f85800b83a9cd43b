"""Credential to Scope: the token says who, the database says what they may do right now."""

from dataclasses import replace

from agentverse import audit
from agentverse.identity import (
    access_tokens,
    administrators,
    key_secrets,
    persons,
    platform_tokens,
    repository,
)
from agentverse.identity.errors import SessionEnded, suspended
from agentverse.identity.key_authentication import authenticate_key
from agentverse.identity.roles import permissions_of
from agentverse.platform.db.person_directory import person_session
from agentverse.platform.db.session import tenant_session
from agentverse.platform.errors import NotFound
from agentverse.platform.scope import Actor, Credential, PlatformScope, Scope, system_scope
from agentverse.platform.settings import get_settings

# Held by no role: the installation's own work of erasing a tenant goes on where all other ends.
ERASE = "privacy:erase"


class NobodyOfThatAddress(NotFound):
    code = "no_such_user"
    title = "Nobody has this email address"


def authenticate(credential: str) -> Scope | PlatformScope:
    """Implements platform's Authenticator: the prefix says which kind of credential it is.

    A change of role or status takes effect at once, for API keys within half a second.
    Raises SessionEnded or TenantSuspended for an access token, and what `authenticate_key` raises
    for an API key.
    """
    if credential.startswith(key_secrets.PREFIX):
        return authenticate_key(credential)
    if credential.startswith(platform_tokens.PREFIX):
        return _authenticate_platform_token(credential)
    return _authenticate_access_token(credential)


def turn_of(credential: str) -> str | None:
    """Implements platform's TurnTaker: a signature names the tenant, a key only the database."""
    if credential.startswith(key_secrets.PREFIX):
        return None
    if credential.startswith(platform_tokens.PREFIX):
        platform_tokens.verify(credential, get_settings())
        return "platform"
    return str(access_tokens.verify(credential, get_settings()).tenant_id)


def _authenticate_platform_token(token: str) -> PlatformScope:
    """Raises InvalidCredential; SessionEnded for who is no administrator any more or signed out."""
    claims = platform_tokens.verify(token, get_settings())
    if claims is None:
        return PlatformScope(
            actor=Actor(kind="platform"), credential=Credential(kind="platform_token")
        )
    with tenant_session(system_scope(claims.tenant_id), read_only=True) as db:
        family = repository.find_family(db, claims.session_id)
    if (
        family is None
        or family.revoked_at is not None
        or not administrators.is_administrator(claims.person_id)
    ):
        raise SessionEnded("Your sign-in as an administrator has ended. Sign in and enter again.")
    return PlatformScope(
        actor=Actor(kind="platform", id=claims.person_id),
        credential=Credential(kind="platform_token", id=claims.session_id),
    )


def _authenticate_access_token(token: str) -> Scope:
    claims = access_tokens.verify(token, get_settings())
    with tenant_session(system_scope(claims.tenant_id), read_only=True) as db:
        authority = repository.find_authority(db, claims.user_id)
        family = repository.find_family(db, claims.session_id)
    ended = family is None or family.revoked_at is not None or family.user_id != claims.user_id
    if authority is None or ended:
        raise SessionEnded("Your sign-in has ended. Sign in again.")
    if authority.tenant_status != "active":
        raise suspended()
    return Scope(
        tenant_id=claims.tenant_id,
        actor=Actor(kind="user", id=claims.user_id),
        permissions=permissions_of(authority.role),
        credential=Credential(kind="session", id=claims.session_id),
    )


def revalidate(scope: Scope) -> Scope:
    """What the maker of queued work may do now: no more than then, no more than their role today.

    Signing out ends no work; leaving, a suspension and the end of the API key do. Raises
    SessionEnded, TenantSuspended.
    """
    with tenant_session(system_scope(scope.tenant_id), read_only=True) as db:
        tenant = repository.get_tenant(db)
        user_id, key_id = scope.actor.id, scope.credential and scope.credential.api_key_id
        authority = None if user_id is None else repository.find_authority(db, user_id)
        key = None if key_id is None else repository.get_api_key(db, key_id)
    if tenant.status in ("deleting", "deleted") and scope.allows(ERASE):
        return scope
    if tenant.status != "active":
        raise suspended()
    if scope.actor.kind != "user":
        return scope
    if authority is None or (key is not None and key.revoked_at is not None):
        raise SessionEnded("Who started this is no longer a member, or their API key has ended.")
    return replace(scope, permissions=scope.permissions & permissions_of(authority.role))


def scope_of_email(email: str) -> Scope:
    """The scope of the user with this address, for the command line on the machine itself.

    Raises NobodyOfThatAddress, or SessionEnded for one who may no longer enter.
    """
    with person_session(system_scope(audit.INSTALLATION), read_only=True) as db:
        holder = next(iter(persons.candidates(db, email.strip().lower())), None)
        memberships = [] if holder is None else persons.tenants_of(db, holder)
    if not memberships:
        raise NobodyOfThatAddress(
            f"Nobody has the address {email}. Register first or name another with --as."
        )
    membership = memberships[0]
    with tenant_session(system_scope(membership.tenant_id), read_only=True) as db:
        authority = repository.find_authority(db, membership.user_id)
    if authority is None:
        raise SessionEnded(f"{email} is no longer a member of the organization.")
    return Scope(
        tenant_id=membership.tenant_id,
        actor=Actor(kind="user", id=membership.user_id),
        permissions=permissions_of(authority.role),
        credential=Credential(kind="command_line"),
    )


def scope_of_only_user() -> Scope:
    """The scope of the one user there is, for the command line on the machine itself.

    Raises NobodyOfThatAddress where there is none, or more than one.
    """
    with person_session(system_scope(audit.INSTALLATION), read_only=True) as db:
        emails = repository.first_addresses(db, 2)
    if len(emails) != 1:
        raise NobodyOfThatAddress(
            "Several users are registered here; name one with --as EMAIL."
            if emails
            else "Nobody is registered here yet. Run `agentverse demo`, or register in the app."
        )
    return scope_of_email(emails[0])
