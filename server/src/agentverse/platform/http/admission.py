"""The way of a request to its endpoint: whose turn, which body, a place, then the work.

Credentials are checked by signature before anything is read or waits; a client that leaves while
it waits is dropped; large bodies are parsed and validated in a thread.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, Final, Protocol

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect

from agentverse.platform import pagination
from agentverse.platform.errors import FieldError
from agentverse.platform.http.authorization import address_of, authorize, turn_of
from agentverse.platform.http.body_limit import budget_of
from agentverse.platform.http.documents import SMALL_BYTES, read_document
from agentverse.platform.http.places import (
    ClientGone,
    file_places,
    request_places,
    turn,
    upload_places,
)
from agentverse.platform.http.problems import InvalidRequest
from agentverse.platform.http.rate_limits import count_request
from agentverse.platform.pagination import CursorBinding
from agentverse.platform.settings import MEBIBYTE, get_settings

Handle = Callable[[Request], Coroutine[Any, Any, Response]]

# Nobody signs in with more; checked before anybody is known.
PUBLIC_BODY_BYTES: Final = 64 * 1024
# Boundaries and form fields around the file itself.
MULTIPART_OVERHEAD_BYTES: Final = 64 * 1024
MOST_FILES: Final = 4
MOST_FORM_FIELDS: Final = 32
# What nginx calls it: the client closed the request. Nobody reads it but the log.
CLIENT_CLOSED_REQUEST: Final = 499


class BodyField(Protocol):
    """What FastAPI validates a whole body with."""

    def validate(
        self, value: Any, values: dict[str, Any], *, loc: tuple[str | int, ...]
    ) -> tuple[Any, list[Any]]: ...


class Admission:
    """How requests to one route are let in; `permission` None: open to everybody."""

    def __init__(
        self,
        handle: Handle,
        *,
        permission: str | None,
        is_upload: bool,
        sender: str | None,
        watches: bool,
        query_names: frozenset[str],
        form_names: frozenset[str],
        body_field: BodyField | None,
    ) -> None:
        self._handle = handle
        self._permission = permission
        self._is_upload = is_upload
        self._sender = sender
        self._watches = watches
        self._query_names = query_names
        self._form_names = form_names
        self._body_field = body_field

    async def __call__(self, request: Request) -> Response:
        try:
            return await self._admit(request)
        except (ClientGone, ClientDisconnect):
            return Response(status_code=CLIENT_CLOSED_REQUEST)

    async def _admit(self, request: Request) -> Response:
        sender = self._sender or self._sender_of(request)
        turn.set(sender)
        pagination.binding.set(CursorBinding(query=_query_of(request)))
        _refuse_unknown("query", request.query_params.keys(), self._query_names)
        if self._is_upload:
            return await self._take_file(request, sender)
        if self._permission is None:
            budget = budget_of(request)
            budget.limit_bytes = min(budget.limit_bytes, PUBLIC_BODY_BYTES)
        await request.body()
        gone = partial(_gone, request)
        if self._watches:
            return await _unless_gone(gone, self._handle(request))
        async with request_places.hold(sender, gone=gone):
            if self._permission is None and self._sender is None:
                address = address_of(request)
                await run_in_threadpool(count_request, request, None, address=address)
            await self._read_document(request)
            return await self._handle(request)

    def _sender_of(self, request: Request) -> str:
        return address_of(request) if self._permission is None else turn_of(request)

    async def _take_file(self, request: Request, sender: str) -> Response:
        """The permission first, then the file, which may take long to arrive; then the work."""
        async with upload_places.hold(sender):
            if self._permission is not None:
                async with request_places.hold(sender):
                    await run_in_threadpool(authorize, request, self._permission)
            budget_of(request).limit_bytes = (
                get_settings().upload_limit_bytes + MULTIPART_OVERHEAD_BYTES
            )
            async with _form(request) as form:
                _refuse_unknown("form", form.keys(), self._form_names)
                async with file_places.hold(sender, gone=partial(_gone, request)):
                    return await self._handle(request)

    async def _read_document(self, request: Request) -> None:
        """Put the document where the framework looks for it, a large one already validated."""
        body = await request.body()
        if not body or self._body_field is None or not _is_json(request):
            return
        try:
            if len(body) <= SMALL_BYTES:
                document = read_document(body)
            else:
                document = await run_in_threadpool(_validated, body, self._body_field)
        except json.JSONDecodeError as error:
            raise _unreadable(error) from error
        request._json = document  # pyright: ignore[reportPrivateUsage]


def _query_of(request: Request) -> str:
    return pagination.query_of(request.url.path, request.query_params.multi_items())


def _validated(body: bytes, field: BodyField) -> Any:
    """An instance of the body's type, which the framework takes as it is."""
    document = read_document(body)
    value, errors = field.validate(document, {}, loc=("body",))
    if errors:
        raise RequestValidationError(errors, body=document)
    return value


def _unreadable(error: json.JSONDecodeError) -> RequestValidationError:
    entry = {
        "type": "json_invalid",
        "loc": ("body", error.pos),
        "msg": "JSON decode error",
        "input": {},
        "ctx": {"error": error.msg},
    }
    return RequestValidationError([entry])


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind.startswith("application/") and (kind.endswith(("/json", "+json")))


def _form(request: Request) -> AbstractAsyncContextManager[FormData]:
    """The form, read whole; its files are closed and gone at the end."""
    return request.form(max_files=MOST_FILES, max_fields=MOST_FORM_FIELDS, max_part_size=MEBIBYTE)


def _refuse_unknown(place: str, given: Any, allowed: frozenset[str]) -> None:
    unknown = [str(name) for name in given if name not in allowed]
    if unknown:
        names = ", ".join(name[:80] for name in unknown[:20])
        errors = [
            FieldError(field=name[:80], message="This field is unknown; leave it out.")
            for name in unknown[:20]
        ]
        raise InvalidRequest(
            f"Correct these fields of the {place} and send the request again: {names}.",
            errors=errors,
        )


async def _gone(request: Request) -> None:
    """Return when the client has closed its connection; the body must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _unless_gone(
    gone: Callable[[], Coroutine[Any, Any, None]], work: Coroutine[Any, Any, Response]
) -> Response:
    """The answer, unless the client leaves before; then the work is given up."""
    async with _running(work) as working, _running(gone()) as leaving:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientGone
        return await working


@asynccontextmanager
async def _running(
    work: Coroutine[Any, Any, Any],
) -> AsyncGenerator["asyncio.Task[Any]"]:
    task = asyncio.ensure_future(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})
