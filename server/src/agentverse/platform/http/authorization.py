"""Credential to session: no permission, no session; no session, no data."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Protocol
from uuid import UUID

from fastapi import Depends, Path, Request

from agentverse.platform.db.administration import PlatformSession, platform_session
from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.errors import Forbidden, Unauthenticated
from agentverse.platform.http.problems import request_id_of
from agentverse.platform.http.rate_limits import count_request
from agentverse.platform.http.request_starts import network_of
from agentverse.platform.pagination import bind_owner
from agentverse.platform.scope import Credential, PlatformScope, Scope

PERMISSION_MARK = "agentverse_permission"
AUDIT_MARK = "agentverse_audit_action"
WATCH_MARK = "agentverse_watches"
SIGNED_IN = "signed in"
# Any of the tenant's credentials; which permission is needed depends on what is found.
ANY_CREDENTIAL = "any credential"
PLATFORM_REALM = "platform realm"
LONGEST_AGENT = 200
# How old the authority of a stream or a long poll may be.
REVALIDATED_SECONDS = 0.8


class Authenticator(Protocol):
    """Identity implements it, the API's entry point installs it (`app.state.authenticator`)."""

    def __call__(self, credential: str) -> Scope | PlatformScope:
        """The scope a bearer credential stands for now; raises Unauthenticated."""
        ...


class DenialRecorder(Protocol):
    """The audit implements it, the API's entry point installs it (`app.state.record_denial`)."""

    def __call__(
        self, scope: Scope, *, action: str, resource_id: UUID | None, permission: str, method: str
    ) -> None:
        """Write, in a transaction of its own, that the actor was refused."""
        ...


class TurnTaker(Protocol):
    """Identity implements it, the API's entry point installs it (`app.state.turn_taker`)."""

    def __call__(self, credential: str) -> str | None:
        """Whose turn a credential takes, told without the database; None: only that could tell.

        Raises Unauthenticated for what is no credential of ours.
        """
        ...


class PermissionMissing(Forbidden):
    code = "permission_missing"
    title = "Your role does not allow this"


class WrongRealm(Forbidden):
    code = "wrong_realm"
    title = "This credential belongs to the other realm"


class SignInNeeded(Forbidden):
    code = "sign_in_needed"
    title = "Only a person who is signed in may do this"


def requires(permission: str, *, read_only: bool = False) -> Any:
    """A dependency giving a TenantSession whose transaction commits before the answer is sent."""

    def session(request: Request) -> Iterator[TenantSession]:
        with tenant_session(authorize(request, permission), read_only=read_only) as db:
            yield db

    setattr(session, PERMISSION_MARK, permission)
    # "function": the exit code (the commit) runs before the response leaves, so that a failing
    # commit is a 500 and never a 2xx.
    return Depends(session, scope="function")


def requires_scope(permission: str) -> Any:
    """A dependency giving only the Scope, for routes that wait and must hold no session."""

    def scope(request: Request) -> Scope:
        return authorize(request, permission)

    setattr(scope, PERMISSION_MARK, permission)
    return Depends(scope)


class RevalidatedScope:
    """A watcher's scope, asked for again while it waits: a sign-out or a lost role ends it."""

    def __init__(self, request: Request, ask: Callable[[Request], Scope]) -> None:
        """ask: the scope that the request has now, or an error."""
        self._request = request
        self._ask = ask
        self._scope = ask(request)
        self._asked = time.monotonic()

    def scope(self) -> Scope:
        """The scope as of a moment ago; raises when the authority is gone."""
        if time.monotonic() - self._asked >= REVALIDATED_SECONDS:
            self._scope = self._ask(self._request)
            self._asked = time.monotonic()
        return self._scope


def requires_revalidated(permission: str) -> Any:
    """A dependency for routes that watch: a scope that can be asked for again and again."""

    def revalidated(request: Request) -> RevalidatedScope:
        return RevalidatedScope(request, partial(authorize, permission=permission))

    setattr(revalidated, PERMISSION_MARK, permission)
    setattr(revalidated, WATCH_MARK, True)
    return Depends(revalidated)


def requires_revalidated_credential() -> Any:
    """Like `requires_revalidated`, where what is found depends on the caller's permissions."""

    def revalidated(request: Request) -> RevalidatedScope:
        return RevalidatedScope(request, authenticate)

    setattr(revalidated, PERMISSION_MARK, ANY_CREDENTIAL)
    setattr(revalidated, WATCH_MARK, True)
    return Depends(revalidated)


def requires_credential(*, read_only: bool = False) -> Any:
    """Like `requires`, for a list that shows what the caller's permissions let it see."""

    def session(request: Request) -> Iterator[TenantSession]:
        with tenant_session(authenticate(request), read_only=read_only) as db:
            yield db

    setattr(session, PERMISSION_MARK, ANY_CREDENTIAL)
    return Depends(session, scope="function")


def requires_found(parameter: str, permission_of: Callable[[Scope, UUID], str]) -> Any:
    """Like `requires`, where the permission depends on what an id in the path names.

    permission_of: which permission that is; raises when the caller may not know of it.
    """

    def session(
        request: Request, found_id: Annotated[UUID, Path(alias=parameter)]
    ) -> Iterator[TenantSession]:
        permission = permission_of(authenticate(request), found_id)
        with tenant_session(authorize(request, permission)) as db:
            yield db

    setattr(session, PERMISSION_MARK, ANY_CREDENTIAL)
    return Depends(session, scope="function")


def requires_sign_in(*, read_only: bool = False) -> Any:
    """Like `requires`, for what every member may do whatever the role; an API key may not."""

    def session(request: Request) -> Iterator[TenantSession]:
        with tenant_session(_signed_in(request), read_only=read_only) as db:
            yield db

    setattr(session, PERMISSION_MARK, SIGNED_IN)
    return Depends(session, scope="function")


def requires_signed_in_scope() -> Any:
    """Like `requires_sign_in`, giving only the Scope, for what spans a person's tenants."""

    def scope(request: Request) -> Scope:
        return _signed_in(request)

    setattr(scope, PERMISSION_MARK, SIGNED_IN)
    return Depends(scope, scope="function")


def requires_platform(*, read_only: bool = False) -> Any:
    """A dependency giving a PlatformSession to administrators of the installation only."""

    def session(request: Request) -> Iterator[PlatformSession]:
        with platform_session(authenticate_platform(request), read_only=read_only) as db:
            yield db

    setattr(session, PERMISSION_MARK, PLATFORM_REALM)
    return Depends(session, scope="function")


def requires_platform_scope() -> Any:
    """A dependency giving only the PlatformScope, for routes that hold no session."""

    def scope(request: Request) -> PlatformScope:
        return authenticate_platform(request)

    setattr(scope, PERMISSION_MARK, PLATFORM_REALM)
    return Depends(scope)


def authenticate(request: Request) -> Scope:
    """The tenant's scope that the request's credential stands for.

    Raises Unauthenticated without one, WrongRealm for one of the platform.
    """
    scope = _identify(request)
    if isinstance(scope, PlatformScope):
        raise WrongRealm(
            "A platform administrator has no part in an organization's data. Sign in as one of "
            "its members."
        )
    return scope


def authenticate_platform(request: Request) -> PlatformScope:
    """The platform realm's scope that the request's credential stands for.

    Raises Unauthenticated without one, WrongRealm for a tenant's.
    """
    scope = _identify(request)
    if not isinstance(scope, PlatformScope):
        raise WrongRealm(
            "Only administrators of this installation may do this, and no role of an organization "
            "makes one. Enter the platform realm (POST /api/v1/auth/platform) and use its token."
        )
    return scope


def authorize(request: Request, permission: str) -> Scope:
    """Raises PermissionMissing, and what `authenticate` raises."""
    scope = authenticate(request)
    if not scope.allows(permission):
        _record_denial(request, scope, permission)
        raise _missing(scope, permission)
    return scope


def _missing(scope: Scope, permission: str) -> PermissionMissing:
    by_key = scope.credential is not None and scope.credential.kind == "api_key"
    remedy = (
        "this API key does not have. Use a key with that scope, made by somebody who may do this."
        if by_key
        else "your role does not have. Ask an owner or admin of your organization for another role."
    )
    return PermissionMissing(
        f"This needs the permission {permission!r}, which {remedy}", permission=permission
    )


def _signed_in(request: Request) -> Scope:
    scope = authenticate(request)
    if scope.credential is None or scope.credential.kind != "session":
        raise SignInNeeded("An API key stands for no person here. Sign in and use that token.")
    return scope


def _identify(request: Request) -> Scope | PlatformScope:
    authenticator: Authenticator = request.app.state.authenticator
    scope = authenticator(_bearer(request))
    request_id = request_id_of(request)
    if isinstance(scope, PlatformScope):
        bind_owner(PLATFORM_REALM)
        seen = _seen_from(request, scope.credential)
        return replace(scope, credential=seen, request_id=request_id)
    bind_owner(str(scope.tenant_id))
    # After the credential was found good: a revoked one is told so, however many requests came.
    count_request(request, scope, address=address_of(request))
    seen = None if scope.credential is None else _seen_from(request, scope.credential)
    return replace(scope, credential=seen, request_id=request_id)


def _seen_from(request: Request, credential: Credential) -> Credential:
    return replace(
        credential,
        address=None if request.client is None else request.client.host,
        agent=request.headers.get("user-agent", "")[:LONGEST_AGENT] or None,
    )


def _record_denial(request: Request, scope: Scope, permission: str) -> None:
    record: DenialRecorder = request.app.state.record_denial
    declared = getattr(request.scope.get("endpoint"), AUDIT_MARK, None)
    record(
        scope,
        # What the id names is not told here, perhaps not even looked up.
        action=declared.replace("*", "task") if declared else permission.replace(":", "."),
        resource_id=_addressed(request),
        permission=permission,
        method=request.method,
    )


def _addressed(request: Request) -> UUID | None:
    """The id in the path, if there is one."""
    for value in reversed(request.path_params.values()):
        try:
            return UUID(str(value))
        except ValueError:
            continue
    return None


def turn_of(request: Request) -> str:
    """The sender that a request counts for: its tenant, else its address.

    Raises Unauthenticated for a header that is no bearer credential.
    """
    turn_taker: TurnTaker = request.app.state.turn_taker
    return turn_taker(_bearer(request)) or address_of(request)


def address_of(request: Request) -> str:
    """The client's address; of IPv6 the network."""
    return network_of(request.client.host if request.client else "unknown")


def _bearer(request: Request) -> str:
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise Unauthenticated(
            "Send `Authorization: Bearer <access token or API key>`; sign in to get one."
        )
    return credential.strip()
