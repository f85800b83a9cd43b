"""A caller's request, checked: what is passed on, and what the router must know of it."""

from dataclasses import dataclass, field
from typing import Any, Literal, cast
from uuid import UUID

import orjson

from agentverse.llm.errors import InvalidValue, UnsupportedParameter
from agentverse.llm.structured_output import OutputSchema, check_schema, read_schema

Document = dict[str, Any]
Endpoint = Literal["chat", "embeddings"]
CacheDirective = Literal["no-store", "refresh"]

# A chat template adds a few tokens around each message; no known one adds more than this.
TEMPLATE_TOKENS_PER_MESSAGE = 32
LARGEST_OUTPUT_TOKENS = 10_000_000

# What OpenAI documents for chat completions and every server understands or refuses by itself.
PASSED_ON = frozenset(
    {
        *("messages", "model", "frequency_penalty", "function_call", "functions", "logit_bias"),
        *("logprobs", "max_completion_tokens", "max_tokens", "metadata", "n"),
        *("parallel_tool_calls", "prediction", "presence_penalty", "prompt_cache_key"),
        *("prompt_cache_retention", "reasoning_effort", "response_format", "safety_identifier"),
        *("seed", "service_tier", "stop", "store", "stream", "stream_options", "temperature"),
        *("tool_choice", "tools", "top_logprobs", "top_p", "user", "verbosity"),
        # Sampling and routing of OpenRouter, vLLM, Ollama and llama.cpp.
        *("chat_template_kwargs", "guided_json", "include_reasoning", "min_p", "provider"),
        *("reasoning", "repetition_penalty", "top_a", "top_k", "transforms"),
    }
)
REFUSED = {
    "audio": "Spoken answers have no price here.",
    "modalities": "Only text is answered.",
    "web_search_options": "A provider's own search costs extra and has no price here.",
    "models": "The chain of models is the profile's; name a profile instead.",
    "plugins": "A provider's plugins cost extra and have no price here.",
}
EMBEDDINGS_PASSED_ON = frozenset({"model", "input", "dimensions", "encoding_format", "user"})
SERVICE_TIERS = frozenset({None, "auto", "default", "flex"})

ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What a call is made for. Never looked up; a project's overrides apply by its id."""

    project_id: UUID | None = None
    run_id: UUID | None = None
    feature: str | None = None
    origin: UUID | None = None
    request_id: str | None = None
    draw: int = 0
    cache: CacheDirective | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequest:
    """`document` is what the caller sent. `text_tokens` bounds its tokens from above, except
    where `has_media`: nobody can tell the tokens of a picture from its address.
    """

    endpoint: Endpoint
    model: str
    document: Document
    stream: bool = False
    include_usage: bool = False
    max_tokens: int | None = None
    answers: int = 1
    text_tokens: int = 0
    has_media: bool = False
    output_schema: OutputSchema | None = None
    labels: Labels = field(default_factory=Labels)


def read_chat(document: object, labels: Labels) -> CallRequest:
    """Check a chat completion request. Raises InvalidValue or UnsupportedParameter by field."""
    body = _object(document)
    _refuse_unknown(body, PASSED_ON)
    model = _model(body)
    messages = _messages(body)
    _check_numbers(body)
    _check_tools(body)
    output_schema = _output_schema(body)
    if body.get("service_tier") not in SERVICE_TIERS:
        raise _unsupported(
            "service_tier", "Only auto, default and flex are offered; dearer tiers have no price."
        )
    stream = _boolean(body, "stream")
    options = body.get("stream_options")
    if options is not None and (not stream or not isinstance(options, dict)):
        raise _invalid("stream_options", "must be an object, and needs `stream`: true")
    tokens, has_media = _bound(messages)
    extra = [body[name] for name in ("tools", "functions", "response_format") if name in body]
    tokens += sum(len(orjson.dumps(part)) + TEMPLATE_TOKENS_PER_MESSAGE for part in extra)
    return CallRequest(
        endpoint="chat",
        model=model,
        document=body,
        stream=stream,
        include_usage=bool(cast("Document", options or {}).get("include_usage")),
        max_tokens=_max_tokens(body),
        answers=_integer(body, "n", 1, 128) or 1,
        text_tokens=tokens,
        has_media=has_media,
        output_schema=output_schema,
        labels=labels,
    )


def read_embeddings(document: object, labels: Labels) -> CallRequest:
    """Check an embeddings request: text, texts, or token ids.

    Raises InvalidValue or UnsupportedParameter, by field.
    """
    body = _object(document)
    _refuse_unknown(body, EMBEDDINGS_PASSED_ON)
    _integer(body, "dimensions", 1, 100_000)
    if body.get("encoding_format") not in (None, "float", "base64"):
        raise _invalid("encoding_format", "must be `float` or `base64`")
    return CallRequest(
        endpoint="embeddings",
        model=_model(body),
        document=body,
        text_tokens=_embedding_tokens(body.get("input")),
        labels=labels,
    )


def _embedding_tokens(given: object) -> int:
    wrong = _invalid("input", "must be a text, a list of texts, or token ids, and not empty")
    if isinstance(given, str) and given:
        return len(given.encode()) + TEMPLATE_TOKENS_PER_MESSAGE
    if not isinstance(given, list) or not given:
        raise wrong
    items = cast("list[object]", given)
    if all(isinstance(item, int) for item in items):
        return len(items) + TEMPLATE_TOKENS_PER_MESSAGE
    total = 0
    for item in items:
        if isinstance(item, str) and item:
            total += len(item.encode()) + TEMPLATE_TOKENS_PER_MESSAGE
        elif isinstance(item, list) and item:
            total += len(cast("list[object]", item)) + TEMPLATE_TOKENS_PER_MESSAGE
        else:
            raise wrong
    return total


def _object(document: object) -> Document:
    if not isinstance(document, dict):
        raise InvalidValue("The request body must be a JSON object.")
    return cast("Document", document)


def _refuse_unknown(body: Document, allowed: frozenset[str]) -> None:
    for name in body:
        if name in REFUSED:
            raise _unsupported(name, REFUSED[name])
        if name not in allowed:
            raise _unsupported(name, "It is not known here, and nothing is dropped silently.")


def _model(body: Document) -> str:
    model = body.get("model")
    if not isinstance(model, str) or not model or len(model) > 300:
        raise _invalid("model", "must name `profile:KEY`, an alias or `provider/model`")
    return model


def _messages(body: Document) -> list[Document]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise _invalid("messages", "must be a list with at least one message")
    for number, message in enumerate(cast("list[object]", messages)):
        place = f"messages[{number}]"
        if not isinstance(message, dict):
            raise _invalid(place, "must be an object")
        _check_message(cast("Document", message), place)
    return cast("list[Document]", messages)


def _check_message(message: Document, place: str) -> None:
    if message.get("role") not in ROLES:
        raise _invalid(f"{place}.role", f"must be one of {', '.join(sorted(ROLES))}")
    content = message.get("content")
    if not (content is None or isinstance(content, str | list)):
        raise _invalid(f"{place}.content", "must be a text or a list of parts")
    if content is None and message["role"] not in ("assistant", "function"):
        raise _invalid(f"{place}.content", "is missing")
    for number, part in enumerate(cast("list[object]", content if content else [])):
        if isinstance(content, list) and (
            not isinstance(part, dict) or not isinstance(cast("Document", part).get("type"), str)
        ):
            raise _invalid(f"{place}.content[{number}]", "must be an object with a `type`")


def _bound(messages: list[Document]) -> tuple[int, bool]:
    """An upper bound of the tokens: a token holds at least one byte of the text."""
    tokens, has_media = 0, False
    for message in messages:
        content = message.get("content")
        if isinstance(content, str) and len(message) == 2:
            tokens += len(content.encode())
        else:
            tokens += len(orjson.dumps(message))
            has_media = has_media or _has_media(content)
        tokens += TEMPLATE_TOKENS_PER_MESSAGE
    return tokens, has_media


def _has_media(content: object) -> bool:
    if not isinstance(content, list):
        return False
    parts = cast("list[Document]", content)
    return any(part["type"] not in ("text", "refusal") for part in parts)


def _check_numbers(body: Document) -> None:
    _number(body, "temperature", 0, 2)
    _number(body, "top_p", 0, 1)
    _number(body, "presence_penalty", -2, 2)
    _number(body, "frequency_penalty", -2, 2)
    _integer(body, "top_logprobs", 0, 20)
    _integer(body, "seed", -(2**63), 2**63 - 1)
    for name in ("logprobs", "store", "parallel_tool_calls"):
        _boolean(body, name)
    stop = body.get("stop")
    texts = cast("list[object]", stop) if isinstance(stop, list) else [stop]
    if stop is not None and not all(isinstance(text, str) for text in texts):
        raise _invalid("stop", "must be a text or a list of texts")


def _check_tools(body: Document) -> None:
    tools = body.get("tools")
    if tools is None:
        return
    if not isinstance(tools, list):
        raise _invalid("tools", "must be a list")
    for number, tool in enumerate(cast("list[object]", tools)):
        place = f"tools[{number}]"
        kind = cast("Document", tool).get("type") if isinstance(tool, dict) else None
        if kind not in ("function", "custom"):
            raise _invalid(f"{place}.type", "must be `function` or `custom`")
        described = cast("Document", tool).get(kind)
        name = cast("Document", described).get("name") if isinstance(described, dict) else None
        if not isinstance(name, str) or not name:
            raise _invalid(f"{place}.{kind}.name", "is missing")
        schema = cast("Document", described).get("parameters")
        if schema is not None and not isinstance(schema, dict):
            raise _invalid(f"{place}.function.parameters", "must be a JSON schema (an object)")
        if schema is not None:
            check_schema(cast("Document", schema), param=f"{place}.function.parameters")


def _output_schema(body: Document) -> OutputSchema | None:
    wanted = body.get("response_format")
    if wanted is None:
        return None
    kind = cast("Document", wanted).get("type") if isinstance(wanted, dict) else None
    if kind not in ("text", "json_object", "json_schema"):
        raise _invalid("response_format.type", "must be text, json_object or json_schema")
    if kind != "json_schema":
        return None
    described = cast("Document", wanted).get("json_schema")
    schema = cast("Document", described).get("schema") if isinstance(described, dict) else None
    param = "response_format.json_schema.schema"
    if not isinstance(schema, dict):
        raise _invalid(param, "must be a JSON schema")
    return read_schema(cast("Document", schema), param=param)


def _max_tokens(body: Document) -> int | None:
    given = [
        _integer(body, name, 1, LARGEST_OUTPUT_TOKENS)
        for name in ("max_completion_tokens", "max_tokens")
    ]
    return next((value for value in given if value is not None), None)


def _integer(body: Document, name: str, least: int, most: int) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _invalid(name, f"must be a whole number from {least} to {most}")
    return value


def _number(body: Document, name: str, least: float, most: float) -> None:
    value = body.get(name)
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise _invalid(name, f"must be a number from {least:g} to {most:g}")


def _boolean(body: Document, name: str) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise _invalid(name, "must be true or false")
    return bool(value)


def _invalid(param: str, message: str) -> InvalidValue:
    return InvalidValue(f"`{param}` {message}.", param=param)


def _unsupported(param: str, message: str) -> UnsupportedParameter:
    return UnsupportedParameter(f"`{param}` is not supported. {message}", param=param)
