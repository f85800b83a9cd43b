"""Write one audit entry in the caller's transaction: no entry, no change."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, cast
from uuid import UUID

from pydantic_core import to_jsonable_python

from agentverse.audit import personal, repository
from agentverse.audit.models import AuditEntryRow
from agentverse.audit.personal import Personal
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.scope import Credential, Scope, system_scope

Outcome = Literal["success", "denied", "failure"]

# The stream of what belongs to no tenant: unknown addresses, acts of the platform realm.
INSTALLATION = UUID(int=0)

REDACTED = "[redacted]"
_SECRET_WORDS = ("password", "secret", "token", "api_key", "private_key", "authorization", "cookie")


def record(
    db: TenantSession,
    *,
    action: str,
    resource_type: str,
    resource_id: UUID | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    outcome: Outcome = "success",
) -> None:
    """`action` reads `resource.verb`. Values under secret-sounding keys are never stored.

    Free text in `before` and `after`, address and agent are kept apart, so that they can be erased.
    """
    documents, texts = personal.split(
        {"before": _redacted_document(before), "after": _redacted_document(after)}
    )
    credential = db.scope.credential
    about = _personal(credential, texts)
    entry = AuditEntryRow(
        actor_kind=db.scope.actor.kind,
        actor_id=db.scope.actor.id,
        credential_kind=None if credential is None else credential.kind,
        credential_id=None if credential is None else credential.id,
        action=action,
        resource_type=resource_type,
        resource_id=resource_id,
        outcome=outcome,
        request_id=db.scope.request_id,
        before=documents["before"],
        after=documents["after"],
        commitment=None if about is None else about.commitment,
    )
    repository.add_entry(db, entry, about)


def record_outside_tenants(
    *, action: str, resource_type: str, scope: Scope | None = None, **details: Any
) -> None:
    """An event that belongs to no tenant, in the installation's own stream and transaction.

    scope: who acted, where that is known; its tenant is not used. details: as of `record`.
    """
    stream = replace(scope or system_scope(INSTALLATION), tenant_id=INSTALLATION)
    details.setdefault("resource_id", None)
    with tenant_session(stream) as db:
        record(db, action=action, resource_type=resource_type, **details)


def record_denial(
    scope: Scope, *, action: str, resource_id: UUID | None, permission: str, method: str
) -> None:
    """What was refused for want of a permission, in a transaction of its own."""
    with tenant_session(scope) as db:
        record(
            db,
            action=action,
            resource_type=action.partition(".")[0],
            resource_id=resource_id,
            after={"method": method, "permission": permission},
            outcome="denied",
        )


def _personal(credential: Credential | None, texts: dict[str, Any]) -> Personal | None:
    address = None if credential is None else credential.address
    agent = None if credential is None else credential.agent
    if not texts and address is None and agent is None:
        return None
    return Personal(salt=personal.new_salt(), address=address, agent=agent, texts=texts)


def _redacted_document(document: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if document is None else redact(to_jsonable_python(dict(document)))


def redact(value: Any) -> Any:
    """The same document with every value under a secret-sounding key replaced."""
    if isinstance(value, dict):
        document = cast("dict[str, Any]", value)
        return {
            key: REDACTED if _is_secret(key) else redact(item) for key, item in document.items()
        }
    if isinstance(value, list):
        return [redact(item) for item in cast("list[Any]", value)]
    return value


def _is_secret(key: str) -> bool:
    lowered = key.lower()
    return any(word in lowered for word in _SECRET_WORDS)
