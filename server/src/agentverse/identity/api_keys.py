"""API keys: made, listed, rotated and revoked; what a presented one may do is key_authentication's.

A key acts as its maker, with its own scopes only and never beyond the maker's current role.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from agentverse import audit
from agentverse.identity import key_authentication, key_secrets, repository
from agentverse.identity.errors import (
    ApiKeyRevoked,
    NotTheKeysMaker,
    ScopeBeyondOwn,
    UnknownScope,
)
from agentverse.identity.key_secrets import KeySecret
from agentverse.identity.models import ApiKeyRow, ApiKeySecretRow
from agentverse.identity.roles import CATALOGUE
from agentverse.identity.schemas import ApiKey, ApiKeyCreate, ApiKeyCreated, ApiKeyRotate
from agentverse.platform.clock import now
from agentverse.platform.db.session import TenantSession
from agentverse.platform.errors import FieldError
from agentverse.platform.ids import new_id
from agentverse.platform.pagination import Page
from agentverse.platform.settings import get_settings


def create_api_key(db: TenantSession, request: ApiKeyCreate) -> ApiKeyCreated:
    """Raises UnknownScope, or ScopeBeyondOwn for a scope that the caller does not have."""
    scopes = sorted(set(request.scopes))
    _refuse_unknown(scopes)
    _refuse_beyond_own(db, scopes)
    row = ApiKeyRow(
        id=new_id(),
        user_id=_maker(db),
        name=request.name.strip(),
        scopes=scopes,
        expires_at=now() + timedelta(days=request.expires_in_days),
    )
    db.add(row)
    db.flush()
    secret = _add_secret(db, row)
    audit.record(
        db,
        action="api_key.create",
        resource_type="api_key",
        resource_id=row.id,
        after={"name": row.name, "scopes": scopes, "expires_at": row.expires_at},
    )
    return _shown_once(row, secret)


def list_api_keys(db: TenantSession, *, cursor: str | None, limit: int) -> Page[ApiKey]:
    page = repository.list_api_keys(db, cursor=cursor, limit=limit)
    return Page(items=_described(db, page.items), next_cursor=page.next_cursor)


def get_api_key(db: TenantSession, key_id: UUID) -> ApiKey:
    return _described(db, [repository.get_api_key(db, key_id)])[0]


def rotate_api_key(db: TenantSession, key_id: UUID, request: ApiKeyRotate) -> ApiKeyCreated:
    """Give the key a new secret; the one before it works on for the grace the caller asked for.

    Raises ApiKeyRevoked, NotTheKeysMaker for another's key, or ScopeBeyondOwn for one whose scopes
    its maker no longer has.
    """
    row = repository.get_api_key(db, key_id, for_update=True)
    _refuse_stranger(db, row)
    moment = now()
    until = moment + timedelta(seconds=request.grace_seconds)
    for secret in repository.live_secrets(db, [row.id], moment):
        secret.expires_at = min(secret.expires_at or row.expires_at, until)
    before, row.expires_at = row.expires_at, moment + timedelta(days=request.expires_in_days)
    fresh = _add_secret(db, row)
    audit.record(
        db,
        action="api_key.rotate",
        resource_type="api_key",
        resource_id=row.id,
        before={"expires_at": before},
        after={"expires_at": row.expires_at, "grace_seconds": request.grace_seconds},
    )
    db.call_after_commit(key_authentication.forget)
    return _shown_once(row, fresh)


def revoke_api_key(db: TenantSession, key_id: UUID) -> None:
    """End the key everywhere within a second. Revoking it again changes nothing."""
    row = repository.get_api_key(db, key_id, for_update=True)
    if row.revoked_at is None:
        _revoke(db, row)


def revoke_all_of(db: TenantSession, user_id: UUID) -> None:
    """End every key that the user made in this tenant."""
    for row in repository.unrevoked_keys(db, user_id):
        _revoke(db, row)


def _revoke(db: TenantSession, row: ApiKeyRow) -> None:
    row.revoked_at = now()
    audit.record(
        db,
        action="api_key.revoke",
        resource_type="api_key",
        resource_id=row.id,
        before={"name": row.name, "scopes": row.scopes},
    )
    db.call_after_commit(key_authentication.forget)


def _refuse_unknown(scopes: Collection[str]) -> None:
    unknown = [scope for scope in scopes if scope not in CATALOGUE]
    if unknown:
        raise UnknownScope(
            f"Choose from: {', '.join(sorted(CATALOGUE))}.",
            errors=[FieldError(field="scopes", message=f"knows no {name!r}") for name in unknown],
        )


def _refuse_beyond_own(db: TenantSession, scopes: Collection[str]) -> None:
    beyond = [scope for scope in scopes if not db.scope.allows(scope)]
    if beyond:
        raise ScopeBeyondOwn(
            f"You do not have {', '.join(beyond)} yourself. Leave it out, or let somebody make "
            "the key who has it.",
            errors=[FieldError(field="scopes", message=f"you lack {name!r}") for name in beyond],
        )


def _refuse_stranger(db: TenantSession, row: ApiKeyRow) -> None:
    """Whoever gets the new secret acts as the key's maker, so it must be the maker."""
    if row.revoked_at is not None:
        raise ApiKeyRevoked("It cannot be used again. Create a new API key.")
    if row.user_id != _maker(db):
        raise NotTheKeysMaker("Revoke it and create one of your own, or ask its maker.")
    _refuse_beyond_own(db, row.scopes)


def _maker(db: TenantSession) -> UUID:
    user_id = db.scope.actor.id
    if user_id is None:
        raise TypeError("Only a user makes API keys.")
    return user_id


def _add_secret(db: TenantSession, row: ApiKeyRow) -> KeySecret:
    secret = key_secrets.new_secret()
    pepper = key_secrets.peppers(get_settings())[0]
    db.add(
        ApiKeySecretRow(
            id=new_id(),
            key_id=row.id,
            public_id=secret.public_id,
            digest=key_secrets.digest(secret, pepper),
            pepper_version=pepper.version,
        )
    )
    db.flush()
    return secret


def _shown_once(row: ApiKeyRow, secret: KeySecret) -> ApiKeyCreated:
    return ApiKeyCreated(**_fields(row, secret.public_id), key=secret.text)


def _described(db: TenantSession, rows: Collection[ApiKeyRow]) -> list[ApiKey]:
    secrets = repository.live_secrets(db, [row.id for row in rows], now())
    newest = {secret.key_id: secret.public_id for secret in secrets}
    return [ApiKey(**_fields(row, newest.get(row.id))) for row in rows]


def _fields(row: ApiKeyRow, public_id: str | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "scopes": row.scopes,
        "prefix": None if public_id is None else key_secrets.PREFIX + public_id,
        "created_by": row.user_id,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "last_used_at": row.last_used_at,
        "revoked_at": row.revoked_at,
    }
