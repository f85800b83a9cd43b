"""Who may use the model doors: a credential's scope, kept for a moment."""

import asyncio
import hashlib
import time
from collections.abc import Callable

from agentverse.platform.errors import Forbidden, Unauthenticated
from agentverse.platform.scope import PlatformScope, Scope

PERMISSION = "llm:call"
# With the half second that API keys are kept for: a revoked one is refused within one second.
KEPT_SECONDS = 0.4
MOST_KEPT = 10_000


class PermissionDenied(Forbidden):
    code = "permission_denied"


class Credentials:
    """Bearer credentials to scopes. Lives in one event loop."""

    def __init__(self, authenticate: Callable[[str], Scope | PlatformScope]) -> None:
        self._authenticate = authenticate
        self._kept: dict[bytes, tuple[float, asyncio.Future[Scope | PlatformScope]]] = {}

    async def scope(self, headers: dict[str, str]) -> Scope:
        """Raises Unauthenticated or PermissionDenied."""
        credential = _credential(headers)
        digest = hashlib.blake2b(credential.encode(), digest_size=32).digest()
        moment = time.monotonic()
        entry = self._kept.get(digest)
        if entry is None or moment - entry[0] > KEPT_SECONDS:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            asked = asyncio.ensure_future(asyncio.to_thread(self._authenticate, credential))
            entry = self._kept[digest] = (moment, asked)
        scope = await asyncio.shield(entry[1])
        if isinstance(scope, PlatformScope):
            raise PermissionDenied(
                "A platform administrator has no part in an organization's calls. Use a key or an "
                "access token of one of its members."
            )
        if not scope.allows(PERMISSION):
            raise PermissionDenied(
                f"This needs the permission {PERMISSION!r}. Use a key with that scope, or ask an "
                "owner or admin of your organization for another role."
            )
        return scope


def _credential(headers: dict[str, str]) -> str:
    scheme, _, credential = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credential.strip():
        return credential.strip()
    if key := headers.get("x-api-key", "").strip():
        return key
    raise Unauthenticated("Send `Authorization: Bearer <API key or access token>`.")
