"""A router that refuses a route without a permission and names every operation."""

from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from agentverse.platform.http.admission import Admission
from agentverse.platform.http.authorization import AUDIT_MARK, PERMISSION_MARK, WATCH_MARK

PUBLIC_MARK = "agentverse_public"
UPLOAD_MARK = "agentverse_upload"
ALONE_MARK = "agentverse_alone"
CHANGING_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class RouteWithoutPermission(TypeError):
    """The programme is wrong: a route would be open to anybody."""


class RouteWithoutAuditAction(TypeError):
    """The programme is wrong: a route would change something and leave no entry."""


def public(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark an endpoint as open to everybody (sign-in, health); a closed list test names them."""
    setattr(function, PUBLIC_MARK, True)
    return function


def counts_alone(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a public endpoint whose turn no flood from its caller's address may take."""
    setattr(function, ALONE_MARK, True)
    return function


def uploads(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark an endpoint that takes a file: the upload limit holds instead of the body limit."""
    setattr(function, UPLOAD_MARK, True)
    return function


def audits(action: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare the one audit entry (`resource.verb`) that a successful call writes.

    `*.verb` where the resource is what the id in the path turns out to name.
    """

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        setattr(function, AUDIT_MARK, action)
        return function

    return declare


def stores_nothing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark an endpoint that takes a body only to answer, and therefore leaves no audit entry."""
    setattr(function, AUDIT_MARK, None)
    return function


class PermissionRoute(APIRoute):
    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        action = getattr(endpoint, AUDIT_MARK, None)
        if action is not None:
            given: dict[str, Any] = options.get("openapi_extra") or {}
            options["openapi_extra"] = {**given, "x-audit-action": action}
        super().__init__(path, endpoint, **options)
        if CHANGING_METHODS & set(self.methods or ()) and not hasattr(endpoint, AUDIT_MARK):
            raise RouteWithoutAuditAction(
                f"{endpoint.__module__}.{endpoint.__qualname__} changes something: declare its "
                "entry with @audits('resource.verb') below the route, or @stores_nothing."
            )
        if not is_public(self) and permission_needed(self) is None:
            raise RouteWithoutPermission(
                f"{endpoint.__module__}.{endpoint.__qualname__} takes no session or scope made "
                "by requires(...) and is not marked @public."
            )

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return Admission(
            super().get_route_handler(),
            permission=None if is_public(self) else permission_needed(self),
            is_upload=takes_upload(self),
            sender=self.path if getattr(self.endpoint, ALONE_MARK, False) else None,
            watches=_find(self.dependant, WATCH_MARK) is not None,
            query_names=frozenset(_names(self.dependant, "query_params")),
            form_names=frozenset(_names(self.dependant, "body_params")),
            body_field=None if takes_upload(self) else self.body_field,
        )


def _names(dependant: Dependant, kind: Literal["query_params", "body_params"]) -> Iterator[str]:
    """What the parameters of a route and its dependencies are called in a request."""
    yield from (field.alias for field in getattr(dependant, kind))
    for child in dependant.dependencies:
        yield from _names(child, kind)


def is_public(route: APIRoute) -> bool:
    return bool(getattr(route.endpoint, PUBLIC_MARK, False))


def takes_upload(route: APIRoute) -> bool:
    return bool(getattr(route.endpoint, UPLOAD_MARK, False))


def audit_action(route: APIRoute) -> str | None:
    """The entry that a successful call writes; None: it writes none."""
    action = getattr(route.endpoint, AUDIT_MARK, None)
    return None if action is None else str(action)


def permission_needed(route: APIRoute) -> str | None:
    """The permission a route's dependencies demand, wherever in the tree it stands."""
    return _find(route.dependant, PERMISSION_MARK)


def _find(dependant: Dependant, mark: str) -> str | None:
    value = getattr(dependant.call, mark, None)
    if value is not None:
        return str(value)
    for child in dependant.dependencies:
        value = _find(child, mark)
        if value is not None:
            return value
    return None


class ContextRouter(APIRouter):
    """Routes of one context under /api/v1; operation ids read `<context>_<function>`."""

    def __init__(self, context: str, prefix: str = "/api/v1") -> None:
        super().__init__(
            prefix=prefix,
            tags=[context],
            route_class=PermissionRoute,
            generate_unique_id_function=lambda route: f"{context}_{route.name}",
        )
