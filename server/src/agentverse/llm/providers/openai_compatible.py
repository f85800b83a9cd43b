"""One adapter for every server that speaks OpenAI's wire format, on aiohttp.

Every failure becomes one of the errors of `llm.errors`; the key appears in none of them.
"""

import json
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, cast

import aiohttp
from pydantic import SecretStr

from agentverse.llm.errors import (
    AnswerUnreadable,
    CredentialsRefused,
    CreditExhausted,
    DeadlineExceeded,
    LlmError,
    ModelUnknown,
    PromptTooLong,
    ProviderUnavailable,
    RateLimited,
    RequestRejected,
)
from agentverse.llm.providers.base import ProviderAnswer, ProviderRequest, TokenUsage

LARGEST_ANSWER_BYTES = 8 * 1024 * 1024
LONGEST_QUOTE = 300
LONGEST_NAME = 200

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAICompatibleProvider:
    name: str
    model: str
    base_url: str
    api_key: SecretStr | None = field(default=None, repr=False)

    async def complete(self, request: ProviderRequest) -> ProviderAnswer:
        timeout = aiohttp.ClientTimeout(
            total=request.total_seconds, sock_connect=request.connect_seconds
        )
        # No proxies or credentials from the environment, no cookies, no redirects: a redirect
        # would carry the key to another host.
        async with aiohttp.ClientSession(
            timeout=timeout, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            status, headers, body = await self._post(session, request)
        document = _document(body)
        if status != 200 or "error" in document:
            raise self._refusal(status, headers, document)
        return read_answer(document)

    async def _post(
        self, session: aiohttp.ClientSession, request: ProviderRequest
    ) -> tuple[int, dict[str, str], bytes]:
        try:
            async with session.post(
                f"{self.base_url.rstrip('/')}/chat/completions",
                json=_wire_request(request),
                headers=self._headers(),
                allow_redirects=False,
            ) as response:
                body = await response.content.read(LARGEST_ANSWER_BYTES + 1)
                body += await _rest(response, LARGEST_ANSWER_BYTES + 1 - len(body))
                return response.status, {k.lower(): v for k, v in response.headers.items()}, body
        except aiohttp.ConnectionTimeoutError:
            raise self._unreachable() from None
        except TimeoutError:
            raise DeadlineExceeded(
                f"{self.name} did not answer within {request.total_seconds:g} seconds. Try again; "
                "whether the provider charges for the broken call is unknown."
            ) from None
        except aiohttp.ClientConnectorError:
            raise self._unreachable() from None
        except aiohttp.ClientError:
            raise AnswerUnreadable(
                f"The connection to {self.name} broke before the answer was complete. Try again."
            ) from None

    def _headers(self) -> dict[str, str]:
        if self.api_key is None:
            return {}
        return {"Authorization": f"Bearer {self.api_key.get_secret_value()}"}

    def _unreachable(self) -> LlmError:
        return ProviderUnavailable(
            f"{self.name} cannot be reached. Check AGENTVERSE_LLM_BASE_URL and that the server "
            "runs, then try again."
        )

    def _refusal(self, status: int, headers: dict[str, str], document: Document) -> LlmError:
        """A refusal in the status or, as OpenRouter does it, inside a 200."""
        error = _dictionary(document.get("error"))
        code = error.get("code")
        status = code if status == 200 and isinstance(code, int) else status
        said = self._quoted(str(error.get("message") or ""))
        match status:
            case 401 | 403:
                # The provider's text may repeat part of the key, so it is not quoted.
                return CredentialsRefused(
                    f"{self.name} answered {status}. Check OPENROUTER_API_KEY or "
                    "AGENTVERSE_LLM_API_KEY."
                )
            case 402:
                return CreditExhausted(f"{self.name} wants payment before it answers.{said}")
            case 404:
                return ModelUnknown(
                    f"{self.name} has no model {self.model!r} at this address. Check "
                    f"AGENTVERSE_LLM_MODEL and AGENTVERSE_LLM_BASE_URL.{said}"
                )
            case 429:
                return RateLimited(f"{self.name} limits our rate.{said}", **_retry_after(headers))
            case 400 | 413 if _is_too_long(error):
                return PromptTooLong(f"Shorten the text or choose a larger model.{said}")
            case _ if 500 <= status < 600 or status in (408, 409):
                return ProviderUnavailable(
                    f"{self.name} answered {status}. Try again later.{said}",
                    **_retry_after(headers),
                )
            case _:
                return RequestRejected(f"{self.name} answered {status}.{said}")

    def _quoted(self, message: str) -> str:
        """The provider's own words, short and without our key."""
        if self.api_key is not None:
            message = message.replace(self.api_key.get_secret_value(), "[redacted]")
        message = " ".join(message.split())[:LONGEST_QUOTE]
        return f" It said: {message}" if message else ""


async def _rest(response: aiohttp.ClientResponse, room: int) -> bytes:
    """`read(n)` returns what has arrived; go on to the end or to one byte past the limit."""
    parts: list[bytes] = []
    while room > 0 and (part := await response.content.read(room)):
        parts.append(part)
        room -= len(part)
    return b"".join(parts)


def _wire_request(request: ProviderRequest) -> Document:
    return {
        "model": request.model,
        "messages": [{"role": m.role, "content": m.content} for m in request.messages],
        "temperature": request.temperature,
        "max_tokens": request.max_output_tokens,
        "stream": False,
    }


def _document(body: bytes) -> Document:
    """An empty document where the body is no JSON object: an error page of some proxy."""
    if len(body) > LARGEST_ANSWER_BYTES:
        raise AnswerUnreadable("The provider's answer is larger than 8 MiB. Ask for less.")
    try:
        # Decimal, not float: the provider's cost is money.
        return _dictionary(json.loads(body, parse_float=Decimal))
    except ValueError:
        return {}


def read_answer(document: Document) -> ProviderAnswer:
    """The first choice of a chat completion with its token counts."""
    choices = document.get("choices")
    first = (
        _dictionary(cast("list[Any]", choices)[0]) if isinstance(choices, list) and choices else {}
    )
    text = _dictionary(first.get("message")).get("content")
    if not isinstance(text, str):
        raise AnswerUnreadable(
            "The provider's answer holds no text. Try again or change the model."
        )
    usage = _dictionary(document.get("usage"))
    return ProviderAnswer(
        text=text,
        finish_reason=_name(first.get("finish_reason")) or "unknown",
        served_model=_name(document.get("model")) or "unknown",
        call_id=_name(document.get("id")),
        usage=read_usage(usage),
        cost_usd=_money(usage.get("cost")),
    )


def read_usage(usage: Document) -> TokenUsage | None:
    asked, answered = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    if asked is None or answered is None:
        return None
    cached = _count(_dictionary(usage.get("prompt_tokens_details")).get("cached_tokens"))
    reasoned = _count(_dictionary(usage.get("completion_tokens_details")).get("reasoning_tokens"))
    return TokenUsage(
        input_tokens=asked,
        cached_input_tokens=min(cached or 0, asked),
        output_tokens=answered,
        reasoning_tokens=reasoned or 0,
    )


def _count(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value < 2**31 else None


def _money(value: object) -> Decimal | None:
    """A cost in USD; anything that is not a finite amount ≥ 0 is no report at all."""
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < 10**9 else None


def _name(value: object) -> str | None:
    return value[:LONGEST_NAME] if isinstance(value, str) and value else None


def _dictionary(value: object) -> Document:
    return cast("Document", value) if isinstance(value, dict) else {}


def _is_too_long(error: Document) -> bool:
    words = f"{error.get('code')} {error.get('type')} {error.get('message')}".lower()
    return "context_length" in words or "context length" in words or "too many tokens" in words


def _retry_after(headers: dict[str, str]) -> Document:
    seconds = headers.get("retry-after", "")
    return {"retry_after_seconds": int(seconds)} if seconds.isdecimal() else {}
