"""Errors as RFC 9457 problem documents: stable code, request id, what to do next."""

import logging
from collections.abc import Sequence
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from agentverse.platform.errors import AgentVerseError, BodyTooLarge
from agentverse.platform.http.body_limit import budget_of
from agentverse.platform.settings import MEBIBYTE
from agentverse.platform.wire import UNUSABLE_TEXT, WireModel

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
# Of a request that is wrong everywhere, as much is told as somebody can read.
MOST_FIELDS = 20
LONGEST_FIELD = 200


class FieldProblem(WireModel):
    field: str
    message: str


class Problem(WireModel):
    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str | None = None
    retryable: bool = False
    errors: list[FieldProblem] = []  # noqa: RUF012 - pydantic copies defaults


def problem_document(error: AgentVerseError, request_id: str | None = None) -> dict[str, Any]:
    """What API, run rows and ask rows all show for one error."""
    return {
        "type": f"urn:agentverse:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "request_id": request_id,
        "retryable": error.retryable,
        "errors": [{"field": e.field, "message": e.message} for e in error.errors],
        **error.extra,
    }


def unexpected_document(request_id: str | None = None) -> dict[str, Any]:
    """What is told about an error nobody foresaw: nothing but where to look for it."""
    return problem_document(
        AgentVerseError(
            "The request failed for a reason on our side and changed nothing. Try again; if it "
            "fails again, give the request id to whoever runs this server."
        ),
        request_id,
    )


def problem_response(
    document: dict[str, Any], *, headers: dict[str, str] | None = None
) -> JSONResponse:
    return JSONResponse(
        document, status_code=document["status"], headers=headers, media_type=MEDIA_TYPE
    )


def request_id_of(request: Request) -> str | None:
    return cast("str | None", request.scope.get("request_id"))


def add_problem_handlers(app: FastAPI) -> None:
    app.add_exception_handler(AgentVerseError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def _expected(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AgentVerseError)  # noqa: S101 - registered for this class
    if error.status >= 500 and error.logged:
        # Named errors say what is wrong themselves; a traceback would only bury it.
        unnamed = error if error.code == "internal_error" else None
        # What passes by itself (no worker yet, database restarting) pages nobody.
        level = logging.WARNING if error.retryable else logging.ERROR
        logger.log(level, "%s: %s", error.code, error.detail, exc_info=unnamed)
    if error.code == "internal_error":
        return problem_response(unexpected_document(request_id_of(request)))
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
    if "retry_after_seconds" in error.extra:
        headers = {**(headers or {}), "Retry-After": str(error.extra["retry_after_seconds"])}
    return problem_response(problem_document(error, request_id_of(request)), headers=headers)


class InvalidRequest(AgentVerseError):
    code = "invalid_request"
    status = 422
    title = "The request is malformed"


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    errors = [_field_problem(entry, error.body) for entry in error.errors()[:MOST_FIELDS]]
    named = ", ".join(dict.fromkeys(entry["field"] for entry in errors))
    document = problem_document(
        InvalidRequest(f"Correct these fields and send the request again: {named}."),
        request_id_of(request),
    )
    return problem_response({**document, "errors": errors})


def _field_problem(entry: dict[str, Any], body: Any) -> dict[str, str]:
    """Location and message; never the value, which may be a password."""
    # Where JSON breaks off is a number of characters, no field.
    unread = entry["type"] == "json_invalid"
    location: list[str | int] = ["body"] if unread else [*entry["loc"]]
    if entry["type"] == UNUSABLE_TEXT:
        location += entry["ctx"]["place"]
    if location[0] == "body" and isinstance(body, dict | list):
        location = ["body", *_sent(location[1:], cast("Any", body), entry["type"])]
    if len(location) > 1 and location[0] in {"body", "query", "path", "header", "cookie"}:
        location = location[1:]
    message = (
        "This field is unknown; leave it out."
        if entry["type"] == "extra_forbidden"
        else (str(entry["msg"]))
    )
    return {"field": _field_name(location), "message": message}


def _sent(location: list[str | int], body: Any, kind: str) -> list[str | int]:
    """The location as the request has it: pydantic also names the member of a union it tried."""
    kept: list[str | int] = []
    for index, part in enumerate(location):
        if _holds(body, part):
            body = body[part]
            kept.append(part)
        elif kind == "missing" and index == len(location) - 1:
            kept.append(part)
    return kept


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in cast("dict[Any, Any]", value)
    return isinstance(value, list) and isinstance(part, int) and part < len(cast("Any", value))


def _field_name(location: Sequence[str | int]) -> str:
    """As the engine names fields too: event_scripts[0].value."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")[:LONGEST_FIELD]


class NoSuchRoute(AgentVerseError):
    code = "no_such_route"
    status = 404
    title = "No such address"


class MethodNotAllowed(AgentVerseError):
    code = "method_not_allowed"
    status = 405
    title = "Method not allowed"


class BadRequest(AgentVerseError):
    code = "bad_request"
    status = 400
    title = "The request cannot be read"


def _too_large(request: Request) -> BodyTooLarge:
    limit = budget_of(request).limit_bytes
    return BodyTooLarge(
        f"The limit here is {limit / MEBIBYTE:g} MiB. Send less: split a file into parts, or "
        "raise AGENTVERSE_BODY_LIMIT_BYTES or AGENTVERSE_UPLOAD_LIMIT_BYTES on the server.",
        limit_bytes=limit,
    )


def _http(request: Request, error: Exception) -> JSONResponse:
    """Errors of the framework itself: routing, methods, unreadable bodies."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    if error.status_code == 413:
        return problem_response(problem_document(_too_large(request), request_id_of(request)))
    by_status: dict[int, AgentVerseError] = {
        404: NoSuchRoute(
            "There is nothing at this address. The API is described in /openapi.json."
        ),
        405: MethodNotAllowed("This address does not answer this method; see /openapi.json."),
    }
    fallback = BadRequest(str(error.detail))
    document = problem_document(by_status.get(error.status_code, fallback), request_id_of(request))
    headers = dict(error.headers) if error.headers else None
    return problem_response({**document, "status": error.status_code}, headers=headers)
