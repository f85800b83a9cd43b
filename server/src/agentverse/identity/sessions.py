"""Sign-ins: begun, refreshed, listed, ended; each is a family of refresh tokens used once each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from agentverse import audit
from agentverse.identity import access_tokens, persons, repository
from agentverse.identity.access_tokens import AccessClaims
from agentverse.identity.devices import Device
from agentverse.identity.errors import (
    RefreshRaced,
    SessionEnded,
    SessionNotFound,
    suspended,
)
from agentverse.identity.models import PersonTenantRow, RefreshFamilyRow, RefreshTokenRow
from agentverse.identity.opaque_tokens import new_token, parse_token
from agentverse.identity.schemas import SignInSession
from agentverse.platform.clock import now
from agentverse.platform.db.person_directory import person_session
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Actor, Credential, Scope, system_scope
from agentverse.platform.settings import get_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    access_token: str
    expires_in_seconds: int
    refresh_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Where a sign-in comes from."""

    address: str | None = None
    agent: str | None = None
    request_id: str | None = None
    network: str = ""
    device: Device | None = None

    def source_of(self, email: str) -> str:
        """What failures at this address are counted under."""
        if self.device is not None and self.device.knows(email):
            return f"device:{self.device.id}"
        return f"network:{self.network}"

    def acting(self, tenant_id: UUID, user_id: UUID) -> Scope:
        """The scope of somebody who is just signing in; it holds no permission."""
        return Scope(
            tenant_id=tenant_id,
            actor=Actor(kind="user", id=user_id),
            credential=Credential(kind="session", address=self.address, agent=self.agent),
            request_id=self.request_id,
        )


def start_session(db: TenantSession, user_id: UUID) -> SignedIn:
    """Sign the user in to the session's tenant; raises SessionEnded, TenantSuspended."""
    refuse_without_authority(db, user_id)
    shown = db.scope.credential
    family = RefreshFamilyRow(
        id=new_id(),
        user_id=user_id,
        expires_at=_expiry(),
        address=shown and shown.address,
        agent=shown and shown.agent,
    )
    db.add(family)
    db.flush()
    audit.record(db, action="session.start", resource_type="session", resource_id=family.id)
    return _mint(db, family)


def refresh(text: str, *, request_id: str | None = None) -> SignedIn:
    """Exchange a refresh token for the next one; a second use ends the whole family.

    Raises SessionEnded, or RefreshRaced where the first use was a moment ago.
    """
    token = parse_token(text)
    if token is None:
        raise ended()
    with tenant_session(system_scope(token.tenant_id, request_id=request_id)) as db:
        row = repository.find_refresh_token(db, token.digest)
        family = None if row is None else repository.find_family(db, row.family_id, for_update=True)
        if row is None or family is None or not _is_live(family, now()):
            raise ended()
        if row.used_at is None:
            return _rotate(db, family, row)
        if now() - row.used_at <= timedelta(seconds=get_settings().refresh_grace_seconds):
            raise RefreshRaced(
                "Another tab refreshed this sign-in a moment ago. Send the request again with the "
                "cookie it received."
            )
        # Leaves the block without raising: the revocation must be committed.
        revoke(db, family, because="reuse")
    raise ended()


def sign_out(text: str | None, *, request_id: str | None = None) -> None:
    """End the sign-in the token belongs to. Unknown or ended ones need no answer."""
    token = parse_token(text or "")
    if token is None:
        return
    with tenant_session(system_scope(token.tenant_id, request_id=request_id)) as db:
        row = repository.find_refresh_token(db, token.digest)
        family = None if row is None else repository.find_family(db, row.family_id, for_update=True)
        if family is not None and family.revoked_at is None:
            revoke(db, family, because="sign_out")


def list_sessions(scope: Scope) -> list[SignInSession]:
    """Where the person is signed in now, in every organization, newest first."""
    described: list[SignInSession] = []
    for membership in _memberships(scope):
        with tenant_session(_in_tenant(scope, membership), read_only=True) as db:
            name = repository.get_organization(db).name
            families = repository.live_families(db, membership.user_id, now())
            described += [_described(family, name, scope) for family in families]
    return sorted(described, key=lambda session: session.created_at, reverse=True)


def end_session(scope: Scope, session_id: UUID) -> None:
    """End one of the person's own sign-ins, in whichever organization it is.

    Raises SessionNotFound.
    """
    for membership in _memberships(scope):
        with tenant_session(_in_tenant(scope, membership)) as db:
            family = repository.find_family(db, session_id, for_update=True)
            if family is not None and family.user_id == membership.user_id:
                if family.revoked_at is None:
                    revoke(db, family, because="sign_out")
                return
    raise SessionNotFound("Look it up in the list of your sign-ins (GET /api/v1/sessions).")


def end_everywhere(scope: Scope, *, because: str, keep: UUID | None = None) -> None:
    """End the person's sign-ins in every organization, all but `keep`."""
    for membership in _memberships(scope):
        with tenant_session(_in_tenant(scope, membership)) as db:
            end_all_of(db, membership.user_id, because=because, keep=keep)


def end_all_of(db: TenantSession, user_id: UUID, *, because: str, keep: UUID | None = None) -> None:
    """End a user's sign-ins in this tenant."""
    for family in repository.live_families(db, user_id, now()):
        if family.id != keep:
            revoke(db, family, because=because)


def refuse_without_authority(db: TenantSession, user_id: UUID) -> None:
    """Raises SessionEnded, or TenantSuspended."""
    authority = repository.find_authority(db, user_id)
    if authority is None:
        raise ended()
    if authority.tenant_status != "active":
        raise suspended()


def person_of(scope: Scope) -> UUID:
    """The person behind the scope's user; raises SessionEnded when there is none any more."""
    user_id = scope.actor.id
    with tenant_session(system_scope(scope.tenant_id), read_only=True) as db:
        user = None if user_id is None else repository.find_user(db, user_id)
    if user is None or user.person_id is None:
        raise ended()
    return user.person_id


def ended() -> SessionEnded:
    return SessionEnded("Your sign-in has ended. Sign in again.")


def revoke(db: TenantSession, family: RefreshFamilyRow, *, because: str) -> None:
    family.revoked_at = now()
    family.revoked_because = because
    audit.record(
        db,
        action="session.end",
        resource_type="session",
        resource_id=family.id,
        after={"because": because},
    )


def _memberships(scope: Scope) -> Sequence[PersonTenantRow]:
    person_id = person_of(scope)
    with person_session(scope, read_only=True) as db:
        person = repository.find_person(db, person_id)
        return [] if person is None else persons.tenants_of(db, person)


def _in_tenant(scope: Scope, membership: PersonTenantRow) -> Scope:
    """The same person and request in another of their tenants."""
    return Scope(
        tenant_id=membership.tenant_id,
        actor=Actor(kind="user", id=membership.user_id),
        credential=scope.credential,
        request_id=scope.request_id,
    )


def _described(family: RefreshFamilyRow, organization: str, scope: Scope) -> SignInSession:
    own = scope.credential and scope.credential.session_id
    return SignInSession(
        id=family.id,
        organization=organization,
        created_at=family.created_at,
        refreshed_at=family.refreshed_at,
        expires_at=family.expires_at,
        address=family.address,
        agent=family.agent,
        is_current=family.id == own,
    )


def _rotate(db: TenantSession, family: RefreshFamilyRow, row: RefreshTokenRow) -> SignedIn:
    refuse_without_authority(db, family.user_id)
    row.used_at = family.refreshed_at = now()
    family.expires_at = _expiry()
    audit.record(db, action="session.refresh", resource_type="session", resource_id=family.id)
    return _mint(db, family)


def _mint(db: TenantSession, family: RefreshFamilyRow) -> SignedIn:
    settings = get_settings()
    token = new_token(db.scope.tenant_id)
    db.add(RefreshTokenRow(id=new_id(), family_id=family.id, token_hash=token.digest))
    claims = AccessClaims(
        user_id=family.user_id, tenant_id=db.scope.tenant_id, session_id=family.id
    )
    return SignedIn(
        access_token=access_tokens.issue(claims, settings),
        expires_in_seconds=settings.access_token_seconds,
        refresh_token=token.text,
    )


def _is_live(family: RefreshFamilyRow, moment: datetime) -> bool:
    return family.revoked_at is None and family.expires_at > moment


def _expiry() -> datetime:
    return now() + timedelta(days=get_settings().refresh_token_days)
