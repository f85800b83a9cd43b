"""A presented API key becomes a Scope: what it may do now, remembered for half a second.

A memory that short needs no message when a key is revoked: whatever changed, the next look at the
database is at most AUTHORITY_CACHE_SECONDS away in every process.
"""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock

from agentverse.identity import key_secrets, repository
from agentverse.identity.errors import ApiKeyExpired, InvalidCredential, suspended
from agentverse.identity.key_secrets import KeySecret
from agentverse.identity.repository import KeyAuthority
from agentverse.identity.roles import permissions_of
from agentverse.platform.clock import now
from agentverse.platform.db.session import tenant_session
from agentverse.platform.db.system import system_session
from agentverse.platform.scope import Actor, Credential, Scope, system_scope
from agentverse.platform.settings import get_settings

AUTHORITY_CACHE_SECONDS = 0.5
MOST_REMEMBERED = 10_000
NOTE_USE_EVERY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Remembered:
    scope: Scope
    until: float


_lock = Lock()
_memory: OrderedDict[bytes, _Remembered] = OrderedDict()
# Counts forget(): an answer read before the last one must not be remembered after it.
_age = 0


def authenticate_key(text: str) -> Scope:
    """Raises InvalidCredential for a key that is malformed, unknown, revoked or its maker's gone;
    ApiKeyExpired; TenantSuspended."""
    remembered = recall(text)
    return remembered if remembered is not None else _look_up(text)


def recall(text: str) -> Scope | None:
    """The scope of a key seen a moment ago, without any look at the database."""
    with _lock:
        entry = _memory.get(_name(text))
    return entry.scope if entry is not None and entry.until > time.monotonic() else None


def forget() -> None:
    """Look again at once, in this process; call it after a change is committed."""
    global _age
    with _lock:
        _age += 1
        _memory.clear()


def _look_up(text: str) -> Scope:
    age, asked = _age, time.monotonic()
    key = key_secrets.parse(text)
    if key is None:
        raise _refused()
    scope = _scope_of(key)
    with _lock:
        if age == _age:
            _memory[_name(text)] = _Remembered(scope=scope, until=asked + AUTHORITY_CACHE_SECONDS)
            _memory.move_to_end(_name(text))
            while len(_memory) > MOST_REMEMBERED:
                _memory.popitem(last=False)
    return scope


def _scope_of(key: KeySecret) -> Scope:
    with system_session() as db:
        tenant_id = repository.find_key_tenant(db, key.public_id)
    if tenant_id is None:
        raise _refused()
    with tenant_session(system_scope(tenant_id), read_only=True) as db:
        authority = repository.find_key_authority(db, key.public_id)
    if authority is None or not _is_right(key, authority):
        raise _refused()
    _refuse_ended(authority)
    _note_use(key, authority)
    return Scope(
        tenant_id=tenant_id,
        actor=Actor(kind="user", id=authority.key.user_id),
        permissions=permissions_of(authority.role) & frozenset(authority.key.scopes),
        credential=Credential(kind="api_key", id=authority.key.id),
    )


def _is_right(key: KeySecret, authority: KeyAuthority) -> bool:
    stored = authority.secret
    right = key_secrets.matches(key, stored.digest, stored.pepper_version, get_settings())
    return right and authority.key.revoked_at is None


def _refuse_ended(authority: KeyAuthority) -> None:
    ends = [
        end for end in (authority.key.expires_at, authority.secret.expires_at) if end is not None
    ]
    if min(ends) <= now():
        raise ApiKeyExpired("Create a new API key, or use the one it was rotated to.")
    if authority.tenant_status != "active":
        raise suspended()


def _note_use(key: KeySecret, authority: KeyAuthority) -> None:
    """At most once a minute for each key, however often and wherever it is used."""
    moment, newest = now(), key_secrets.peppers(get_settings())[0]
    since = moment - NOTE_USE_EVERY
    used = authority.key.last_used_at
    outdated = authority.secret.pepper_version != newest.version
    if used is not None and used > since and not outdated:
        return
    with tenant_session(system_scope(authority.key.tenant_id)) as db:
        repository.note_key_use(db, authority.key.id, moment, unless_since=since)
        if outdated:
            digest = key_secrets.digest(key, newest)
            repository.replace_key_digest(db, authority.secret.id, digest, newest.version)


def _name(text: str) -> bytes:
    """The plaintext is not kept in memory longer than a request."""
    return hashlib.sha256(text.encode()).digest()


def _refused() -> InvalidCredential:
    return InvalidCredential(
        "The API key is malformed, unknown or revoked. Check that it was copied whole, or create "
        "another."
    )
