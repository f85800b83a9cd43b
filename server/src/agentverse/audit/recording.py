"""Write one audit entry in the caller's transaction: no entry, no change."""

from collections.abc import Mapping
from typing import Any, Literal, cast
from uuid import UUID

from pydantic_core import to_jsonable_python

from agentverse.audit.models import AuditEntryRow
from agentverse.platform.db.session import TenantSession

Outcome = Literal["success", "denied", "failure"]

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
    """`action` reads `resource.verb`. Values under secret-sounding keys are never stored."""
    actor = db.scope.actor
    db.add(
        AuditEntryRow(
            actor_kind=actor.kind,
            actor_id=actor.id,
            action=action,
            resource_type=resource_type,
            resource_id=resource_id,
            outcome=outcome,
            request_id=db.scope.request_id,
            before=_redacted_document(before),
            after=_redacted_document(after),
        )
    )
    # At once, so that a refused entry fails the operation here and not at some later flush.
    db.flush()


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
