"""Credential to session: no permission, no session; no session, no data."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Protocol

from fastapi import Depends, Request

from agentverse.platform.db.session import TenantSession, tenant_session
from agentverse.platform.errors import Forbidden, Unauthenticated
from agentverse.platform.http.problems import request_id_of
from agentverse.platform.scope import Scope

PERMISSION_MARK = "agentverse_permission"
SIGNED_IN = "signed in"


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


def requires_sign_in(*, read_only: bool = False) -> Any:
    """Like `requires`, for what every member may do whatever the role."""

    def session(request: Request) -> Iterator[TenantSession]:
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
