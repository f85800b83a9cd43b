"""Credential to session: no permission, no session; no session, no data."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request

from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.errors import Forbidden, Unauthenticated
from agentverse.platform.http.places import session_place
from agentverse.platform.http.problems import request_id_of
from agentverse.platform.scope import Scope

PERMISSION_MARK = "agentverse_permission"
SIGNED_IN = "signed in"
# How old the authority of a stream or a long poll may be.
STANDING_SECONDS = 0.8

SessionPlace = Annotated[None, Depends(session_place, scope="function")]


class Authenticator(Protocol):
    """Identity implements it, the API's entry point installs it (`app.state.authenticator`)."""

    def __call__(self, credential: str) -> Scope:
        """The scope a bearer credential stands for now; raises Unauthenticated."""
        ...


class PermissionMissing(Forbidden):
    code = "permission_missing"
    title = "Your role does not allow this"


def requires(permission: str, *, read_only: bool = False) -> Any:
    """A dependency giving a TenantSession whose transaction commits before the answer is sent."""

    def session(request: Request, _place: SessionPlace) -> Iterator[TenantSession]:
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


class Standing:
    """A watcher's scope, asked for again while it waits: a sign-out or a lost role ends it."""

    def __init__(self, request: Request, permission: str) -> None:
        self._request = request
        self._permission = permission
        self._scope = authorize(request, permission)
        self._asked = time.monotonic()

    def scope(self) -> Scope:
        """The scope as of a moment ago; raises when the authority is gone."""
        if time.monotonic() - self._asked >= STANDING_SECONDS:
            self._scope = authorize(self._request, self._permission)
            self._asked = time.monotonic()
        return self._scope


def requires_standing(permission: str) -> Any:
    """A dependency for routes that watch: a scope that can be asked for again and again."""

    def standing(request: Request) -> Standing:
        return Standing(request, permission)

    setattr(standing, PERMISSION_MARK, permission)
    return Depends(standing)


def requires_sign_in(*, read_only: bool = False) -> Any:
    """Like `requires`, for what every member may do whatever the role."""

    def session(request: Request, _place: SessionPlace) -> Iterator[TenantSession]:
        with tenant_session(authenticate(request), read_only=read_only) as db:
            yield db

    setattr(session, PERMISSION_MARK, SIGNED_IN)
    return Depends(session, scope="function")


def authenticate(request: Request) -> Scope:
    authenticator: Authenticator = request.app.state.authenticator
    return replace(authenticator(_bearer(request)), request_id=request_id_of(request))


def authorize(request: Request, permission: str) -> Scope:
    scope = authenticate(request)
    if not scope.allows(permission):
        raise PermissionMissing(
            f"This needs the permission {permission!r}, which your role does not have. Ask an "
            "owner or admin of your organization for another role.",
            permission=permission,
        )
    return scope


def _bearer(request: Request) -> str:
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise Unauthenticated("Send `Authorization: Bearer <access token>`; sign in to get one.")
    return credential.strip()
