"""Keys of answers: everything that can change an answer is in them, the tenant first."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from agentverse.llm.catalogue import ModelEntry, Profile
from agentverse.llm.plans import Plan
from agentverse.llm.requests import CallRequest, Document

SCHEMA_VERSION = 1
# How an answer is delivered does not change it; everything else does, so nothing else is left out.
LEFT_OUT = frozenset({"stream", "stream_options"})
STORED_REASONS = frozenset({"stop", "length", "tool_calls", "function_call", None})
LARGEST_ENTRY_BYTES = 1024 * 1024
IDEMPOTENCY_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheKeys:
    """`key`: of the first model's answer. `ttl_seconds` None: kept until it is invalidated.

    `by_caller`: the caller's own Idempotency-Key, which stands for the request whatever answers.
    """

    key: str
    request_hash: str
    ttl_seconds: int | None
    by_caller: bool = False


def cache_keys(
    tenant_id: UUID, plan: Plan, request: CallRequest, profile: Profile | None
) -> CacheKeys | None:
    """Where the answer is looked for; None where it is not to be kept."""
    first = answer_key(tenant_id, plan, request, profile, plan.models[0])
    if request.labels.idempotency_key is not None:
        named = _digest(
            {"tenant": str(tenant_id), "idempotency_key": request.labels.idempotency_key}
        )
        return CacheKeys(
            key=named, request_hash=first, ttl_seconds=IDEMPOTENCY_SECONDS, by_caller=True
        )
    if not plan.settings.cache_enabled or request.labels.cache == "no-store":
        return None
    return CacheKeys(key=first, request_hash=first, ttl_seconds=plan.settings.cache_ttl_seconds)


def answer_key(
    tenant_id: UUID,
    plan: Plan,
    request: CallRequest,
    profile: Profile | None,
    model: ModelEntry,
) -> str:
    """SHA-256 of everything that this model's answer depends on, as sorted JSON."""
    body = plan.document_for(model)
    return _digest(
        {
            "schema": SCHEMA_VERSION,
            "tenant": str(tenant_id),
            "profile": None if profile is None else [profile.key, str(profile.id)],
            "profile_version": None if profile is None else profile.version,
            "endpoint": plan.endpoint,
            "model": model.name,
            "body": {name: value for name, value in body.items() if name not in LEFT_OUT},
            "draw": request.labels.draw,
        }
    )


def _digest(document: Document) -> str:
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()


def entry(
    keys: CacheKeys,
    *,
    key: str,
    document: Document,
    finish_reason: str | None,
    profile_key: str | None,
    served_model: str,
    version: int,
) -> dict[str, Any] | None:
    """What is stored of a whole answer; None where it is not worth keeping."""
    if finish_reason not in STORED_REASONS:
        return None
    text = orjson.dumps(document)
    if len(text) > LARGEST_ENTRY_BYTES:
        return None
    return {
        "key": key,
        "request_hash": keys.request_hash if keys.by_caller else key,
        "profile_key": profile_key,
        "served_model": served_model,
        "finish_reason": finish_reason,
        "document": text.decode(),
        "ttl_seconds": keys.ttl_seconds,
        "version": version,
    }
