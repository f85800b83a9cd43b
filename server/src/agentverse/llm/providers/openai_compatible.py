"""One adapter for every server that speaks OpenAI's wire format, on aiohttp.

Chat is always streamed from the provider, so that silence shows. Every failure becomes an
AttemptFailed; the key appears in none of them.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import orjson

from agentverse.llm.attempt_outcomes import AttemptFailed, Outcome, refusal
from agentverse.llm.catalogue import ProviderEntry
from agentverse.llm.providers import openai_format
from agentverse.llm.providers.event_stream import EventSplitter, EventTooLarge
from agentverse.llm.providers.provider import (
    Progress,
    ProviderAnswer,
    ProviderRequest,
    as_dictionary,
)
from agentverse.llm.requests import Document
from agentverse.platform.clock import now
from agentverse.platform.outgoing.addresses import AddressRefused, connector

LARGEST_ANSWER_BYTES = 32 * 1024 * 1024
LARGEST_ERROR_BYTES = 64 * 1024
# After a choice has ended only its usage may follow; a server that keeps the line open is left.
LATE_USAGE_SECONDS = 5.0
# What follows [DONE] is the end of the body; whoever sends it later pays with a new connection.
READ_ON_SECONDS = 0.1
UNREADABLE_EVENTS_ALLOWED = 1
DONE = b"[DONE]"
PATHS = {"chat": "/chat/completions", "embeddings": "/embeddings"}


class OpenAICompatibleProvider:
    """Pooled connections to one provider. Lives in one event loop."""

    def __init__(self, entry: ProviderEntry) -> None:
        self.name = entry.name
        self._base_url = entry.base_url.rstrip("/")
        self._key = None if entry.api_key is None else entry.api_key.get_secret_value()
        # No proxies or credentials from the environment, no cookies, no redirects: a redirect
        # would carry the key to another host.
        self._session = aiohttp.ClientSession(
            connector=connector(allow_private_network=entry.allow_private_network),
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=True,
            headers={"Authorization": f"Bearer {self._key}"} if self._key else {},
        )

    async def close(self) -> None:
        await self._session.close()

    async def attempt(self, request: ProviderRequest, progress: Progress) -> ProviderAnswer:
        phase = _Phase(request)
        try:
            async with asyncio.timeout_at(phase.due) as limit:
                phase.limit = limit
                return await self._exchange(request, progress, phase)
        except TimeoutError:
            raise self.failed(phase.timeout_outcome, phase.timeout_words) from None
        except AddressRefused as error:
            raise self.failed("connect_failed", f"{error}") from None
        except aiohttp.ClientConnectorError:
            raise self.failed("connect_failed", "cannot be reached") from None
        except aiohttp.ClientPayloadError:
            raise self.failed("cut", "broke its answer off") from None
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionError):
            outcome = "cut" if phase.headers_came else "reset"
            raise self.failed(outcome, "closed the connection before its answer ended") from None
        except aiohttp.ClientError:
            raise self.failed("malformed", "sent an answer that is no HTTP") from None
        except EventTooLarge:
            raise self.failed("too_large", "sent an event beyond 8 MiB") from None

    async def _exchange(
        self, request: ProviderRequest, progress: Progress, phase: "_Phase"
    ) -> ProviderAnswer:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=request.deadlines.connect)
        progress.sent = True
        async with self._session.post(
            f"{self._base_url}{PATHS[request.endpoint]}",
            data=orjson.dumps(_body(request)),
            headers={"Content-Type": "application/json", "Accept": "*/*"},
            allow_redirects=False,
            timeout=timeout,
        ) as response:
            phase.headers_came = True
            if response.status != 200:
                raise await self._refused(response)
            return await self._read(response, progress, phase)

    async def _refused(self, response: aiohttp.ClientResponse) -> AttemptFailed:
        body = await response.content.read(LARGEST_ERROR_BYTES)
        document = openai_format.read_object(body) or {}
        error = document.get("error")
        return refusal(
            self.name,
            response.status,
            {"message": error} if isinstance(error, str) else as_dictionary(error),
            retry_after_seconds=retry_after_seconds(response.headers),
            secret=self._key,
        )

    async def _read(
        self, response: aiohttp.ClientResponse, progress: Progress, phase: "_Phase"
    ) -> ProviderAnswer:
        """A whole document or an event stream, told apart by what arrives, not by its label."""
        first = b""
        while not first.lstrip() and (part := await response.content.readany()):
            first += part
        if first.lstrip()[:1] in (b"{", b"["):
            return self._whole(await self._rest(response, first), progress, phase)
        if not first.lstrip().startswith((b"data:", b":", b"event:", b"id:", b"retry:")):
            words = "sent neither JSON nor events" if first.strip() else "sent an empty answer"
            raise self.failed("malformed", words)
        if phase.request.endpoint != "chat":
            raise self.failed("malformed", "sent events where a document was asked for")
        return await self._events(response, first, progress, phase)

    async def _rest(self, response: aiohttp.ClientResponse, first: bytes) -> bytes:
        parts, size = [first], len(first)
        while part := await response.content.readany():
            parts.append(part)
            size += len(part)
            if size > LARGEST_ANSWER_BYTES:
                raise self.failed("too_large", "sent an answer beyond 32 MiB")
        return b"".join(parts)

    def _whole(self, body: bytes, progress: Progress, phase: "_Phase") -> ProviderAnswer:
        document = openai_format.read_object(body)
        if document is None:
            raise self.failed("malformed", "sent JSON that cannot be read")
        if "error" in document:
            raise self.error_inside(document)
        answer = openai_format.whole_answer(document, body)
        progress.usage, progress.cost_usd = answer.usage, answer.cost_usd
        if phase.request.endpoint == "chat":
            self._check_whole(document)
            for event in openai_format.as_events(document):
                progress.event(event, is_token=True)
        elif not isinstance(document.get("data"), list):
            raise self.failed("malformed", "sent no embeddings")
        return answer

    def _check_whole(self, document: Document) -> None:
        choices = document.get("choices")
        if not isinstance(choices, list) or not choices:
            raise self.failed("malformed", "sent an answer without choices")
        for choice in choices:  # pyright: ignore[reportUnknownVariableType]
            fields = as_dictionary(choice)
            message = fields.get("message")
            if message is None or not openai_format.is_message(message):
                raise self.failed("malformed", "sent an answer without a message")
            if not fields.get("finish_reason"):
                raise self.failed("cut", "sent an answer that does not say why it ended")

    async def _events(
        self,
        response: aiohttp.ClientResponse,
        first: bytes,
        progress: Progress,
        phase: "_Phase",
    ) -> ProviderAnswer:
        stream = _Stream(self, progress, phase)
        splitter, received, size = EventSplitter(), first, 0
        while received:
            size += len(received)
            if size > LARGEST_ANSWER_BYTES:
                raise self.failed("too_large", "sent an answer beyond 32 MiB")
            for data in splitter.feed(received):
                if stream.take(data):
                    await _read_on(response)
                    return stream.end()
            try:
                received = await response.content.readany()
            except (TimeoutError, aiohttp.ClientError):
                # Whatever breaks after the reason to stop breaks nothing of the answer.
                if stream.assembler.is_finished:
                    return stream.end()
                raise
        for data in splitter.end():
            stream.take(data)
        return stream.end()

    def error_inside(self, document: Document) -> AttemptFailed:
        error = document["error"]
        return refusal(
            self.name,
            200,
            {"message": error} if isinstance(error, str) else as_dictionary(error),
            retry_after_seconds=None,
            secret=self._key,
        )

    def failed(self, outcome: Outcome, words: str) -> AttemptFailed:
        return AttemptFailed(outcome, f"{self.name} {words}.")


class _Stream:
    """The events of one answer."""

    def __init__(
        self, provider: OpenAICompatibleProvider, progress: Progress, phase: "_Phase"
    ) -> None:
        self._provider = provider
        self._progress = progress
        self._phase = phase
        self._unreadable = 0
        self.assembler = openai_format.Assembler()

    def take(self, data: bytes) -> bool:
        """One event; True where it says that none follows."""
        if data.strip() == DONE:
            return True
        chunk = openai_format.read_object(data)
        if chunk is None or not openai_format.is_chunk(chunk):
            self._unreadable += 1
            if self._unreadable > UNREADABLE_EVENTS_ALLOWED:
                raise self._provider.failed("malformed", "sent events that cannot be read")
            return False
        if chunk.get("error"):
            raise self._provider.error_inside(chunk)
        is_token, size = self.assembler.add(chunk, data)
        progress = self._progress
        progress.output_bytes += size
        progress.usage, progress.cost_usd = self.assembler.usage, self.assembler.cost_usd
        progress.event(data, is_token=is_token)
        if self.assembler.is_finished:
            self._phase.finished()
        elif progress.first_token_at is not None:
            self._phase.moved()
        return False

    def end(self) -> ProviderAnswer:
        if not self.assembler.is_finished:
            raise self._provider.failed("cut", "ended its answer without saying why")
        return self.assembler.answer()


async def _read_on(response: aiohttp.ClientResponse) -> None:
    """Read what follows the last event: only a connection whose answer ended is used again."""
    with suppress(TimeoutError, aiohttp.ClientError, ConnectionError):
        async with asyncio.timeout(READ_ON_SECONDS):
            while await response.content.readany():
                pass


class _Phase:
    """Which deadline runs now: until the first token, then between two events."""

    def __init__(self, request: ProviderRequest) -> None:
        self.request = request
        self.limit: asyncio.Timeout | None = None
        self.headers_came = False
        self.started = False
        self._loop = asyncio.get_running_loop()
        self.due = self._loop.time() + request.deadlines.first_token

    def moved(self) -> None:
        self.started = True
        self._reschedule(self.request.deadlines.idle)

    def finished(self) -> None:
        self.started = True
        self._reschedule(min(LATE_USAGE_SECONDS, self.request.deadlines.idle))

    def _reschedule(self, seconds: float) -> None:
        assert self.limit is not None  # noqa: S101 - set before anything is read
        self.limit.reschedule(self._loop.time() + seconds)

    @property
    def timeout_outcome(self) -> Outcome:
        return "idle_timeout" if self.started else "first_token_timeout"

    @property
    def timeout_words(self) -> str:
        deadlines = self.request.deadlines
        if self.started:
            return f"fell silent for {deadlines.idle:g} seconds within its answer"
        return f"sent no token within {deadlines.first_token:g} seconds"


def _body(request: ProviderRequest) -> Document:
    body: Document = {**request.document, "model": request.model}
    if request.endpoint == "chat":
        options = as_dictionary(request.document.get("stream_options"))
        body |= {"stream": True, "stream_options": {**options, "include_usage": True}}
    return body


def retry_after_seconds(headers: Mapping[str, Any]) -> float | None:
    """How long the provider asks us to wait: milliseconds, seconds, or until a date."""
    for header in ("retry-after-ms", "x-ms-retry-after-ms"):
        if (milliseconds := _positive(headers.get(header))) is not None:
            return milliseconds / 1000
    given = headers.get("retry-after")
    if given is None:
        return None
    if (seconds := _positive(given)) is not None:
        return seconds
    try:
        moment = parsedate_to_datetime(str(given))
    except ValueError:
        return None
    return max((moment - now()).total_seconds(), 0.0) if moment.tzinfo else None


def _positive(text: object) -> float | None:
    try:
        value = float(str(text))
    except ValueError:
        return None
    return value if 0 <= value < 10**9 else None
