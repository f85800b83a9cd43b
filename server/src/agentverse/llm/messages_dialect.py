"""Anthropic's Messages: translated to chat completions and back, for its clients and Claude Code.

Cache marks of blocks and thinking of earlier turns have no counterpart and change no answer's
meaning; everything else is translated or refused.
"""

from typing import Any, cast

import orjson

from agentverse.llm.calls import Report
from agentverse.llm.dialects import Document, StreamWriter, named
from agentverse.llm.errors import InvalidValue, UnsupportedParameter
from agentverse.llm.plans import BYTES_PER_TOKEN
from agentverse.llm.pricing import TokenUsage
from agentverse.llm.providers import openai_format
from agentverse.llm.providers.provider import as_dictionary
from agentverse.llm.requests import CallRequest, Labels, read_chat
from agentverse.llm.wire_errors import WireError

PARAMETERS = frozenset(
    {
        *("model", "messages", "system", "max_tokens", "temperature", "top_p", "top_k"),
        *("stop_sequences", "stream", "tools", "tool_choice", "metadata", "thinking"),
        "service_tier",
    }
)
SKIPPED_BLOCKS = frozenset({"thinking", "redacted_thinking"})
STOP_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}
ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
}
# Tokens a model may think, at most → how hard OpenAI's parameter asks it to think.
EFFORTS = ((4096, "low"), (16_384, "medium"))


class MessagesDialect:
    def read(self, body: object, labels: Labels) -> CallRequest:
        return read_chat(to_chat(body), labels)

    def whole(self, answer: Document, body: Document, report: Report) -> bytes:
        choice = answer["choices"][0]
        return orjson.dumps(
            {
                "id": f"msg_{report.call_id}",
                "type": "message",
                "role": "assistant",
                "model": named(answer, report).get("model"),
                "content": _blocks(choice["message"]),
                "stop_reason": STOP_REASONS.get(choice.get("finish_reason"), "end_turn"),
                "stop_sequence": None,
                "usage": _usage(openai_format.read_usage(as_dictionary(answer.get("usage")))),
            }
        )

    def stream(self, request: CallRequest, body: Document, report: Report) -> StreamWriter:
        return MessagesStream(report)

    def error(self, error: WireError, request_id: str) -> bytes:
        return orjson.dumps({**_error(error), "request_id": request_id})


def count_tokens(body: object) -> bytes:
    """An estimate: nobody here has the model's tokenizer.

    Raises InvalidValue for what is no object.
    """
    document = {**_object(body)}
    document.setdefault("max_tokens", 1)
    request = read_chat(to_chat(document), Labels())
    return orjson.dumps({"input_tokens": max(-(-request.text_tokens // BYTES_PER_TOKEN), 1)})


def _error(error: WireError) -> Document:
    kind = ERROR_TYPES.get(error.status, "api_error")
    detail: Document = {"type": kind, "message": error.message, "code": error.code}
    return {"type": "error", "error": {**detail, **(error.extra or {})}}


def _usage(usage: TokenUsage | None) -> Document:
    """Anthropic counts cached and written tokens beside the input, not within it."""
    if usage is None:
        return {"input_tokens": 0, "output_tokens": 0}
    fresh = usage.input_tokens - usage.cached_input_tokens - usage.cache_write_tokens
    return {
        "input_tokens": fresh,
        "cache_read_input_tokens": usage.cached_input_tokens,
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "output_tokens": usage.output_tokens,
    }


def _blocks(message: Document) -> list[Document]:
    blocks: list[Document] = []
    if message.get("content"):
        blocks.append({"type": "text", "text": message["content"]})
    for call in message.get("tool_calls") or ():
        function = as_dictionary(call.get("function"))
        blocks.append(
            {
                "type": "tool_use",
                "id": call.get("id"),
                "name": function.get("name"),
                "input": openai_format.read_object((function.get("arguments") or "{}").encode())
                or {},
            }
        )
    return blocks


# --- requests -----------------------------------------------------------------------------------


def to_chat(body: object) -> Document:
    """The same request as chat completions have it.

    Raises InvalidValue by field, or UnsupportedParameter for a parameter or tool that chat
    completions cannot say.
    """
    given = _object(body)
    for name in given:
        if name not in PARAMETERS:
            raise UnsupportedParameter(f"`{name}` is not supported here.", param=name)
    if "max_tokens" not in given:
        raise _invalid("max_tokens", "is missing")
    chat: Document = {"model": given.get("model"), "messages": _messages(given)}
    for name in ("max_tokens", "temperature", "top_p", "top_k", "stream"):
        if name in given:
            chat[name] = given[name]
    if given.get("stop_sequences"):
        chat["stop"] = given["stop_sequences"]
    if isinstance(user := as_dictionary(given.get("metadata")).get("user_id"), str):
        chat["user"] = user
    if given.get("service_tier") not in (None, "auto", "standard_only"):
        raise _invalid("service_tier", "must be auto or standard_only")
    chat |= _tools(given)
    chat |= _thinking(as_dictionary(given.get("thinking")))
    return chat


def _object(body: object) -> Document:
    if not isinstance(body, dict):
        raise InvalidValue("The request body must be a JSON object.")
    return cast("Document", body)


def _thinking(wanted: Document) -> Document:
    if wanted.get("type") not in ("enabled", "adaptive"):
        return {}
    budget = wanted.get("budget_tokens")
    if not isinstance(budget, int):
        return {"reasoning_effort": "medium"}
    return {"reasoning_effort": next((word for most, word in EFFORTS if budget < most), "high")}


def _tools(given: Document) -> Document:
    chat: Document = {}
    tools = given.get("tools")
    if tools:
        if not isinstance(tools, list):
            raise _invalid("tools", "must be a list")
        chat["tools"] = [
            _tool(as_dictionary(tool), number)
            for number, tool in enumerate(cast("list[Any]", tools))
        ]
    choice = as_dictionary(given.get("tool_choice"))
    match choice.get("type"):
        case None:
            pass
        case "auto" | "none":
            chat["tool_choice"] = choice["type"]
        case "any":
            chat["tool_choice"] = "required"
        case "tool":
            chat["tool_choice"] = {"type": "function", "function": {"name": choice.get("name")}}
        case _:
            raise _invalid("tool_choice.type", "must be auto, any, tool or none")
    if choice.get("disable_parallel_tool_use"):
        chat["parallel_tool_calls"] = False
    return chat


def _tool(tool: Document, number: int) -> Document:
    if tool.get("type") not in (None, "custom"):
        raise UnsupportedParameter(
            f"`tools[{number}].type`: tools that a provider runs itself have no price here.",
            param=f"tools[{number}].type",
        )
    function: Document = {"name": tool.get("name"), "parameters": tool.get("input_schema")}
    if "description" in tool:
        function["description"] = tool["description"]
    return {"type": "function", "function": function}


def _messages(given: Document) -> list[Document]:
    messages: list[Document] = []
    if given.get("system"):
        messages.append({"role": "system", "content": _plain(given["system"], "system")})
    turns = given.get("messages")
    if not isinstance(turns, list) or not turns:
        raise _invalid("messages", "must be a list with at least one message")
    for number, turn in enumerate(cast("list[Any]", turns)):
        place, message = f"messages[{number}]", as_dictionary(turn)
        match message.get("role"):
            case "user":
                messages += _user(message.get("content"), place)
            case "assistant":
                messages.append(_assistant(message.get("content"), place))
            case "system":
                content = _plain(message.get("content"), place)
                messages.append({"role": "system", "content": content})
            case _:
                raise _invalid(f"{place}.role", "must be user or assistant")
    return messages


def _plain(content: object, place: str) -> str:
    """Text, or the text of its blocks."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise _invalid(place, "must be a text or a list of blocks")
    blocks = [as_dictionary(block) for block in cast("list[Any]", content)]
    for block in blocks:
        if block.get("type") != "text" or not isinstance(block.get("text"), str):
            raise _invalid(place, "may hold text blocks only")
    return "\n".join(block["text"] for block in blocks)


def _user(content: object, place: str) -> list[Document]:
    """Results of tools first, as chat completions want them, then what the user says."""
    if isinstance(content, str):
        return [{"role": "user", "content": content}]
    if not isinstance(content, list):
        raise _invalid(f"{place}.content", "must be a text or a list of blocks")
    results: list[Document] = []
    parts: list[Document] = []
    for number, value in enumerate(cast("list[Any]", content)):
        block, inner = as_dictionary(value), f"{place}.content[{number}]"
        match block.get("type"):
            case "text":
                parts.append({"type": "text", "text": block.get("text")})
            case "image":
                parts.append(_image(as_dictionary(block.get("source")), inner))
            case "tool_result":
                text = _plain(block.get("content") or "", f"{inner}.content")
                if block.get("is_error"):
                    text = f"Error: {text}"
                call = {"role": "tool", "tool_call_id": block.get("tool_use_id")}
                results.append({**call, "content": text})
            case _:
                raise _invalid(f"{inner}.type", "must be text, image or tool_result")
    return [*results, {"role": "user", "content": parts}] if parts else results


def _image(source: Document, place: str) -> Document:
    match source.get("type"):
        case "base64":
            url = f"data:{source.get('media_type')};base64,{source.get('data')}"
        case "url":
            url = str(source.get("url"))
        case _:
            raise _invalid(f"{place}.source.type", "must be base64 or url")
    return {"type": "image_url", "image_url": {"url": url}}


def _assistant(content: object, place: str) -> Document:
    if isinstance(content, str):
        return {"role": "assistant", "content": content}
    if not isinstance(content, list):
        raise _invalid(f"{place}.content", "must be a text or a list of blocks")
    texts: list[str] = []
    calls: list[Document] = []
    for number, value in enumerate(cast("list[Any]", content)):
        block = as_dictionary(value)
        kind = block.get("type")
        if kind == "text":
            texts.append(str(block.get("text", "")))
        elif kind == "tool_use":
            arguments = orjson.dumps(block.get("input") or {}).decode()
            function = {"name": block.get("name"), "arguments": arguments}
            calls.append({"id": block.get("id"), "type": "function", "function": function})
        elif kind not in SKIPPED_BLOCKS:
            raise _invalid(f"{place}.content[{number}].type", "must be text or tool_use")
    message: Document = {"role": "assistant", "content": "\n".join(texts) or None}
    return {**message, "tool_calls": calls} if calls else message


def _invalid(param: str, message: str) -> InvalidValue:
    return InvalidValue(f"`{param}` {message}.", param=param)


# --- streams ------------------------------------------------------------------------------------


class MessagesStream:
    """Chat's deltas as content blocks that begin, grow and end one after another."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._open: str | None = None
        self._index = -1
        self._tool: int | None = None
        self._reason = "end_turn"
        self._usage: TokenUsage | None = None

    @property
    def keep_alive(self) -> bytes:
        return _event("ping", {})

    def begin(self) -> bytes:
        served = self._report.served_model or ""
        message: Document = {
            "id": f"msg_{self._report.call_id}",
            "type": "message",
            "role": "assistant",
            "model": served.partition("/")[2],
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 0, "output_tokens": 0},
        }
        return _event("message_start", {"message": message})

    def event(self, data: bytes) -> bytes:
        chunk = openai_format.read_object(data) or {}
        if isinstance(chunk.get("usage"), dict):
            self._usage = openai_format.read_usage(chunk["usage"])
        written = b""
        for choice in chunk.get("choices") or ():
            delta = as_dictionary(choice.get("delta"))
            if text := delta.get("content"):
                written += self._text(text)
            for call in delta.get("tool_calls") or ():
                written += self._call(call)
            if choice.get("finish_reason"):
                self._reason = STOP_REASONS.get(choice["finish_reason"], "end_turn")
        return written

    def _text(self, text: str) -> bytes:
        begun = b"" if self._open == "text" else self._begin("text", {"type": "text", "text": ""})
        return begun + self._delta({"type": "text_delta", "text": text})

    def _call(self, call: Document) -> bytes:
        function = as_dictionary(call.get("function"))
        begun = b""
        if self._open != "tool_use" or call.get("index", 0) != self._tool:
            self._tool = call.get("index", 0)
            block = {"type": "tool_use", "id": call.get("id"), "name": function.get("name")}
            begun = self._begin("tool_use", {**block, "input": {}})
        arguments = function.get("arguments")
        if not arguments:
            return begun
        return begun + self._delta({"type": "input_json_delta", "partial_json": arguments})

    def _begin(self, kind: str, block: Document) -> bytes:
        ended = self._stop()
        self._open, self._index = kind, self._index + 1
        started = {"index": self._index, "content_block": block}
        return ended + _event("content_block_start", started)

    def _delta(self, delta: Document) -> bytes:
        return _event("content_block_delta", {"index": self._index, "delta": delta})

    def _stop(self) -> bytes:
        if self._open is None:
            return b""
        self._open = None
        return _event("content_block_stop", {"index": self._index})

    def end(self) -> bytes:
        delta = {"stop_reason": self._reason, "stop_sequence": None}
        finished = {"delta": delta, "usage": _usage(self._usage)}
        return self._stop() + _event("message_delta", finished) + _event("message_stop", {})

    def fail(self, error: WireError) -> bytes:
        return b"event: error\ndata: " + orjson.dumps(_error(error)) + b"\n\n"


def _event(kind: str, document: Document) -> bytes:
    data = orjson.dumps({"type": kind, **document})
    return b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"
