"""Administrators of the installation: persons who may enter the platform realm.

The first is made by a bootstrap token, which whoever owns the data home prints; others are named
by those who are. What they do stands in the installation's own stream of the audit.
"""

import hashlib
import secrets
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from agentverse import audit
from agentverse.identity import (
    persons,
    platform_tokens,
    repository,
    second_factors,
    sessions,
)
from agentverse.identity.errors import (
    AdministratorNotFound,
    BootstrapRefused,
    NoSuchVerifiedAddress,
    NotAnAdministrator,
)
from agentverse.identity.models import AdministratorRow, BootstrapTokenRow, PersonRow
from agentverse.identity.platform_tokens import PlatformClaims
from agentverse.identity.schemas import Administrator, PlatformToken
from agentverse.identity.tenants import normalise_email
from agentverse.platform.clock import now
from agentverse.platform.db.person_directory import PersonSession, person_session
from agentverse.platform.ids import new_id
from agentverse.platform.scope import PlatformScope, Scope, system_scope
from agentverse.platform.settings import get_settings

BOOTSTRAP_LIFE = timedelta(hours=24)


def new_bootstrap_token() -> str:
    """A token that makes one person an administrator; the ones before it end."""
    secret = secrets.token_urlsafe(32)
    row = BootstrapTokenRow(
        id=new_id(), token_hash=_digest(secret), expires_at=now() + BOOTSTRAP_LIFE
    )
    with person_session(system_scope(audit.INSTALLATION)) as db:
        repository.forget_bootstrap_tokens(db)
        db.add(row)
        _record(db, "bootstrap_token.create", row.id)
    return secret


def bootstrap(scope: Scope, token: str) -> None:
    """The signed-in person is an administrator from now on, and the token is used up.

    Raises BootstrapRefused for a token that is unknown, used, replaced or expired; SessionEnded.
    """
    person_id = sessions.person_of(scope)
    with person_session(_outside_tenants(scope)) as db:
        if not repository.use_bootstrap_token(db, _digest(token), now()):
            raise BootstrapRefused(
                "It is unknown, used, replaced by a newer one or older than a day. Run "
                "`agentverse admin bootstrap` where the server's data home is, for a new one."
            )
        repository.add_administrator(db, person_id)
        _record(db, "administrator.bootstrap", person_id)


def enter(scope: Scope, code: str) -> PlatformToken:
    """A token of the platform realm for the signed-in administrator; it ends with the sign-in.

    Raises NotAnAdministrator, NoSecondFactor, SecondFactorWrong, TooManyAttempts, SessionEnded,
    Misconfigured where the sealing key is gone.
    """
    person_id = sessions.person_of(scope)
    outside = _outside_tenants(scope)
    with person_session(outside, read_only=True) as db:
        is_one = repository.find_administrator(db, person_id) is not None
    if not is_one:
        _record_refusal(outside, person_id)
        raise NotAnAdministrator(
            "Administrators of this installation are named by one of them, or by "
            "`agentverse admin bootstrap` where the server's data home is."
        )
    second_factors.prove(scope, code)
    session_id = scope.credential and scope.credential.session_id
    if session_id is None or scope.actor.id is None:
        raise sessions.ended()
    with person_session(outside) as db:
        _record(db, "administrator.enter", person_id)
    settings = get_settings()
    claims = PlatformClaims(person_id=person_id, tenant_id=scope.tenant_id, session_id=session_id)
    return PlatformToken(
        platform_token=platform_tokens.issue(claims, settings),
        expires_in_seconds=settings.platform_token_minutes * 60,
    )


def is_administrator(person_id: UUID) -> bool:
    with person_session(system_scope(audit.INSTALLATION), read_only=True) as db:
        return repository.find_administrator(db, person_id) is not None


def list_administrators(
    scope: PlatformScope, *, cursor: str | None, limit: int
) -> tuple[list[Administrator], str | None]:
    """Newest first, and the cursor of the next page."""
    with person_session(_acting(scope), read_only=True) as db:
        rows, next_cursor = repository.list_administrators(db, cursor=cursor, limit=limit)
        return [_described(row, person) for row, person in rows], next_cursor


def name_administrator(scope: PlatformScope, email: str) -> Administrator:
    """The holder of the verified address may enter from now on. Done again, nothing changes.

    Raises NoSuchVerifiedAddress, InvalidEmail.
    """
    with person_session(_acting(scope)) as db:
        person = next(iter(persons.candidates(db, normalise_email(email))), None)
        if person is None or person.verified_at is None:
            raise NoSuchVerifiedAddress(
                f"Nobody here has verified the address {email}. Let them sign up and open the link "
                "in their mail first."
            )
        if repository.add_administrator(db, person.id):
            _record(db, "administrator.create", person.id)
        return _described(repository.get_administrator(db, person.id), person)


def remove_administrator(scope: PlatformScope, person_id: UUID) -> None:
    """In force with their next request. Raises AdministratorNotFound."""
    with person_session(_acting(scope)) as db:
        if not repository.remove_administrator(db, person_id):
            raise AdministratorNotFound("Look up the id in GET /api/v1/admin/administrators.")
        _record(db, "administrator.remove", person_id)


def _record(db: PersonSession, action: str, resource_id: UUID) -> None:
    kind = action.partition(".")[0]
    audit.record(db, action=action, resource_type=kind, resource_id=resource_id)


def _record_refusal(scope: Scope, person_id: UUID) -> None:
    with person_session(scope) as db:
        audit.record(
            db,
            action="administrator.enter",
            resource_type="administrator",
            resource_id=person_id,
            outcome="denied",
        )


def _outside_tenants(scope: Scope) -> Scope:
    """The same actor in the installation's stream."""
    return replace(scope, tenant_id=audit.INSTALLATION)


def _acting(scope: PlatformScope) -> Scope:
    return Scope(
        tenant_id=audit.INSTALLATION,
        actor=scope.actor,
        credential=scope.credential,
        request_id=scope.request_id,
    )


def _described(row: AdministratorRow, person: PersonRow) -> Administrator:
    return Administrator(
        person_id=row.person_id,
        email=person.address,
        full_name=person.full_name,
        since=row.created_at,
    )


def _digest(secret: str) -> bytes:
    """A plain hash is enough: the secret has 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()
