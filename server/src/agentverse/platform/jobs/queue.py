"""Enqueue on the session's own connection: the job exists exactly if the transaction commits."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from agentverse.platform.db.session import TenantSession
from agentverse.platform.jobs.registry import job_name
from agentverse.platform.scope import Actor, Credential, Scope

QUEUE = "default"

DEFER = text(
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW("
    ":queue, :name, 0, :lock, NULL, :arguments, NULL)::procrastinate_job_to_defer_v1])"
).bindparams(bindparam("arguments", type_=JSONB))


def enqueue(
    db: TenantSession, payload: BaseModel, *, lock: str | None = None, scope: Scope | None = None
) -> int:
    """Queue `payload` for its handler and return the job's number.

    scope: what the job runs with; absent: the session's.
    Jobs with the same `lock` run one after the other, in the order they were queued. Tenants take
    turns: a trigger of the table gives each job its priority, whatever is written here (ADR 0029).
    """
    numbers = db.scalar(
        DEFER,
        {
            "queue": QUEUE,
            "name": job_name(type(payload)),
            "lock": lock,
            "arguments": {
                "scope": scope_document(scope or db.scope),
                "payload": payload.model_dump(mode="json"),
            },
        },
    )
    return int(numbers[0])


def scope_document(scope: Scope) -> dict[str, Any]:
    return {
        "tenant_id": str(scope.tenant_id),
        "actor": {
            "kind": scope.actor.kind,
            "id": None if scope.actor.id is None else str(scope.actor.id),
        },
        "permissions": sorted(scope.permissions),
        "credential": scope.credential and _credential_document(scope.credential),
        "request_id": scope.request_id,
    }


def read_scope(document: dict[str, Any]) -> Scope:
    actor = document["actor"]
    return Scope(
        tenant_id=UUID(document["tenant_id"]),
        actor=Actor(kind=actor["kind"], id=None if actor["id"] is None else UUID(actor["id"])),
        permissions=frozenset(document["permissions"]),
        credential=_read_credential(document.get("credential")),
        request_id=document["request_id"],
    )


def _credential_document(credential: Credential) -> dict[str, Any]:
    return {
        "kind": credential.kind,
        "id": None if credential.id is None else str(credential.id),
        "address": credential.address,
        "agent": credential.agent,
    }


def _read_credential(document: dict[str, Any] | None) -> Credential | None:
    if document is None:
        return None
    credential_id = document["id"]
    return Credential(
        kind=document["kind"],
        id=None if credential_id is None else UUID(credential_id),
        address=document["address"],
        agent=document["agent"],
    )
