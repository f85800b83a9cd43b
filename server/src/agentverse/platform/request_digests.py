"""A repeated request: what a client sends again under one Idempotency-Key gives the same result."""

import hashlib

from pydantic import BaseModel

from agentverse.platform.errors import IdempotencyConflict


def digest_of(request: BaseModel, *context: object) -> str:
    """SHA-256 of the request and of what it is addressed to, as 64 hexadecimal digits."""
    parts = (*map(str, context), request.model_dump_json())
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def check_same_request(stored: str, digest: str) -> None:
    """Raise IdempotencyConflict when the key was used for a request with another digest."""
    if stored != digest:
        raise IdempotencyConflict(
            "This Idempotency-Key was sent before with other content. Use a new key for a new "
            "request."
        )
