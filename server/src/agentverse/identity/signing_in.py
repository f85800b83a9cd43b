"""Sign up, sign in, refresh, sign out: each ends in one audit entry in its own transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from agentverse import audit
from agentverse.identity import access_tokens, attempts, repository
from agentverse.identity.access_tokens import AccessClaims
from agentverse.identity.errors import (
    InvalidEmail,
    OneTimeTokenRefused,
    RefreshRaced,
    SessionEnded,
    SignInFailed,
    TenantSuspended,
)
from agentverse.identity.models import (
    OneTimeTokenRow,
    RefreshFamilyRow,
    RefreshTokenRow,
    UserRow,
)
from agentverse.identity.opaque_tokens import new_token, parse_token
from agentverse.identity.passwords import passwords
from agentverse.identity.tenants import create_tenant_with_owner, normalise_email
from agentverse.platform.clock import now
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.db.system import system_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import Actor, Scope, system_scope
from agentverse.platform.settings import get_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    access_token: str
    expires_in_seconds: int
    refresh_token: str


def register(
    *,
    email: str,
    password: str,
    full_name: str,
    organization_name: str,
    request_id: str | None = None,
) -> SignedIn:
    made = create_tenant_with_owner(
        email=email,
        full_name=full_name,
        organization_name=organization_name,
        password_hash=passwords().hash(password),
        request_id=request_id,
    )
    with tenant_session(made.scope) as db:
        return _start_session(db, made.user_id)


def sign_in(*, email: str, password: str, request_id: str | None = None) -> SignedIn:
    """Wrong address and wrong password are one answer, after the same work."""
    address = _address_or_nobody(email)
    attempts.claim_attempt(address)
    user = _find_user(address)
    if not passwords().matches(password, user.password_hash if user else None) or user is None:
        _record_failure(user, request_id)
        raise SignInFailed("The email address or the password is wrong. Check both and try again.")
    attempts.forgive(address)
    with tenant_session(_scope_of(user.tenant_id, user.id, request_id)) as db:
        return _start_session(db, user.id)


def exchange_one_time_token(text: str, *, request_id: str | None = None) -> SignedIn:
    refused = OneTimeTokenRefused(
        "The link was already used or is too old. Run `agentverse demo` again for a new one."
    )
    token = parse_token(text)
    if token is None:
        raise refused
    with tenant_session(system_scope(token.tenant_id, request_id=request_id)) as db:
        row = repository.use_one_time_token(db, token.digest, now())
    if row is None:
        raise refused
    with tenant_session(_scope_of(token.tenant_id, row.user_id, request_id)) as db:
        return _start_session(db, row.user_id)


def issue_one_time_sign_in(scope: Scope, user_id: UUID) -> str:
    """A token that signs the user in once; shown once, stored as a hash."""
    token = new_token(scope.tenant_id)
    life = timedelta(minutes=get_settings().one_time_token_minutes)
    with tenant_session(scope) as db:
        row = OneTimeTokenRow(
            id=new_id(), user_id=user_id, token_hash=token.digest, expires_at=now() + life
        )
        db.add(row)
        audit.record(
            db,
            action="one_time_sign_in.issue",
            resource_type="user",
            resource_id=user_id,
        )
    return token.text


def refresh(text: str, *, request_id: str | None = None) -> SignedIn:
    """Exchange a refresh token for the next one; a second use ends the whole family."""
    token = parse_token(text)
    if token is None:
        raise _ended()
    with tenant_session(system_scope(token.tenant_id, request_id=request_id)) as db:
        row = repository.find_refresh_token(db, token.digest)
        family = None if row is None else repository.find_family(db, row.family_id, for_update=True)
        if row is None or family is None or not _is_live(family, now()):
            raise _ended()
        if row.used_at is None:
            return _rotate(db, family, row)
        if now() - row.used_at <= timedelta(seconds=get_settings().refresh_grace_seconds):
            raise RefreshRaced(
                "Another tab refreshed this sign-in a moment ago. Send the request again with the "
                "cookie it received."
            )
        # Leaves the block without raising: the revocation must be committed.
        _revoke(db, family, because="reuse")
    raise _ended()


def sign_out(text: str | None, *, request_id: str | None = None) -> None:
    """End the sign-in the token belongs to. Unknown or ended ones need no answer."""
    token = parse_token(text or "")
    if token is None:
        return
    with tenant_session(system_scope(token.tenant_id, request_id=request_id)) as db:
        row = repository.find_refresh_token(db, token.digest)
        family = None if row is None else repository.find_family(db, row.family_id, for_update=True)
        if family is not None and family.revoked_at is None:
            _revoke(db, family, because="sign_out")


def _address_or_nobody(email: str) -> str:
    try:
        return normalise_email(email)
    except InvalidEmail:
        # Cannot be anybody's, but must take as long to refuse.
        return email.strip().lower()


def _find_user(address: str) -> UserRow | None:
    with system_session() as db:
        found = repository.find_sign_in(db, address)
    if found is None:
        return None
    with tenant_session(system_scope(found.tenant_id), read_only=True) as db:
        return repository.get_user(db, found.user_id)


def _record_failure(user: UserRow | None, request_id: str | None) -> None:
    if user is None:
        return
    with tenant_session(_scope_of(user.tenant_id, user.id, request_id)) as db:
        audit.record(
            db,
            action="session.start",
            resource_type="user",
            resource_id=user.id,
            outcome="failure",
        )


def _scope_of(tenant_id: UUID, user_id: UUID, request_id: str | None) -> Scope:
    return Scope(tenant_id=tenant_id, actor=Actor(kind="user", id=user_id), request_id=request_id)


def _start_session(db: TenantSession, user_id: UUID) -> SignedIn:
    _refuse_without_authority(db, user_id)
    family = RefreshFamilyRow(id=new_id(), user_id=user_id, expires_at=_expiry())
    db.add(family)
    db.flush()
    audit.record(db, action="session.start", resource_type="session", resource_id=family.id)
    return _mint(db, family)


def _rotate(db: TenantSession, family: RefreshFamilyRow, row: RefreshTokenRow) -> SignedIn:
    _refuse_without_authority(db, family.user_id)
    row.used_at = now()
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


def _refuse_without_authority(db: TenantSession, user_id: UUID) -> None:
    authority = repository.find_authority(db, user_id)
    if authority is None:
        raise _ended()
    if authority.tenant_status != "active":
        raise TenantSuspended(
            "Your organization's access is suspended. Ask whoever runs this server."
        )


def _revoke(db: TenantSession, family: RefreshFamilyRow, *, because: str) -> None:
    family.revoked_at = now()
    family.revoked_because = because
    audit.record(
        db,
        action="session.end",
        resource_type="session",
        resource_id=family.id,
        after={"because": because},
    )


def _is_live(family: RefreshFamilyRow, moment: datetime) -> bool:
    return family.revoked_at is None and family.expires_at > moment


def _expiry() -> datetime:
    return now() + timedelta(days=get_settings().refresh_token_days)


def _ended() -> SessionEnded:
    return SessionEnded("Your sign-in has ended. Sign in again.")
