"""OpenAI's Responses: translated to chat completions and back; coding agents speak only this.

Nothing is stored under a response's id, so what refers to stored responses is refused.
"""

import time
from typing import Any, cast

import orjson

from agentverse.llm.calls import Report
from agentverse.llm.dialects import Document, StreamWriter, named
from agentverse.llm.errors import InvalidValue, UnsupportedParameter
from agentverse.llm.providers import openai_format
from agentverse.llm.providers.provider import as_dictionary
from agentverse.llm.requests import CallRequest, Labels, read_chat
from agentverse.llm.wire_errors import WireError

# Passed on under the same name.
SAME = (
    *("model", "temperature", "top_p", "stream", "metadata", "user", "parallel_tool_calls"),
    *("service_tier", "prompt_cache_key", "safety_identifier", "top_logprobs"),
)
PARAMETERS = frozenset(
    {
        *SAME,
        *("input", "instructions", "max_output_tokens", "tools", "tool_choice", "text"),
        *("reasoning", "store", "include", "truncation", "stream_options"),
    }
)
INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}


class ResponsesDialect:
    def read(self, body: object, labels: Labels) -> CallRequest:
        return read_chat(to_chat(body), labels)

    def whole(self, answer: Document, body: Document, report: Report) -> bytes:
        choice = answer["choices"][0]
        reason = INCOMPLETE.get(choice.get("finish_reason"))
        response = _response(body, report, named(answer, report).get("model"))
        response |= {
            "status": "completed" if reason is None else "incomplete",
            "incomplete_details": None if reason is None else {"reason": reason},
            "output": _output(choice["message"], report),
            "usage": _usage(as_dictionary(answer.get("usage"))),
        }
        return orjson.dumps(response)

    def stream(self, request: CallRequest, body: Document, report: Report) -> StreamWriter:
        return ResponsesStream(body, report)

    def error(self, error: WireError, request_id: str) -> bytes:
        return error.body()


def _response(body: Document, report: Report, model: object) -> Document:
    """What every form of a response says of its request."""
    return {
        "id": f"resp_{report.call_id}",
        "object": "response",
        "created_at": int(time.time()),
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "metadata": body.get("metadata") or {},
        "model": model,
        "output": [],
        "parallel_tool_calls": body.get("parallel_tool_calls", True),
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None, **(body.get("reasoning") or {})},
        "service_tier": body.get("service_tier") or "default",
        "store": False,
        "temperature": body.get("temperature"),
        "text": body.get("text") or {"format": {"type": "text"}},
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": body.get("tools") or [],
        "top_p": body.get("top_p"),
        "truncation": "disabled",
        "usage": None,
        "user": body.get("user"),
    }


def _usage(counted: Document) -> Document | None:
    usage = openai_format.read_usage(counted)
    if usage is None:
        return None
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_input_tokens},
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }


def _output(message: Document, report: Report) -> list[Document]:
    items: list[Document] = []
    if message.get("content"):
        items.append(_message(report, [_part(message["content"])], "completed"))
    for number, call in enumerate(message.get("tool_calls") or ()):
        items.append(_function_call(report, number, call, "completed"))
    return items


def _part(text: str) -> Document:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _message(report: Report, content: list[Document], status: str) -> Document:
    return {
        "id": f"msg_{report.call_id}",
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": content,
    }


def _function_call(report: Report, number: int, call: Document, status: str) -> Document:
    function = as_dictionary(call.get("function"))
    return {
        "id": f"fc_{report.call_id}_{number}",
        "type": "function_call",
        "status": status,
        "call_id": call.get("id"),
        "name": function.get("name"),
        "arguments": function.get("arguments") or "",
    }


# --- requests -----------------------------------------------------------------------------------


def to_chat(body: object) -> Document:
    """The same request as chat completions have it.

    Raises InvalidValue by field, or UnsupportedParameter for a parameter, content or tool that chat
    completions cannot say.
    """
    if not isinstance(body, dict):
        raise InvalidValue("The request body must be a JSON object.")
    given = cast("Document", body)
    for name, value in given.items():
        if name not in PARAMETERS and value is not None:
            raise _unsupported(name, "Nothing is stored here, and nothing is dropped silently.")
    if given.get("store"):
        raise _unsupported("store", "Responses are not stored; send false.")
    if given.get("truncation") not in (None, "disabled"):
        raise _unsupported("truncation", "Nothing is cut from a request; send `disabled`.")
    chat: Document = {"messages": _messages(given)}
    chat |= {name: given[name] for name in SAME if given.get(name) is not None}
    if given.get("max_output_tokens") is not None:
        chat["max_completion_tokens"] = given["max_output_tokens"]
    if effort := as_dictionary(given.get("reasoning")).get("effort"):
        chat["reasoning_effort"] = effort
    chat |= _tools(given)
    chat |= _text(as_dictionary(given.get("text")))
    return chat


def _text(text: Document) -> Document:
    chat: Document = {}
    if text.get("verbosity") is not None:
        chat["verbosity"] = text["verbosity"]
    wanted = as_dictionary(text.get("format"))
    if wanted.get("type") == "json_schema":
        schema = {name: wanted[name] for name in ("name", "schema", "strict") if name in wanted}
        chat["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif wanted.get("type") == "json_object":
        chat["response_format"] = {"type": "json_object"}
    return chat


def _tools(given: Document) -> Document:
    chat: Document = {}
    tools = given.get("tools")
    if isinstance(tools, list) and tools:
        chat["tools"] = [
            _tool(as_dictionary(tool), number)
            for number, tool in enumerate(cast("list[Any]", tools))
        ]
    choice = given.get("tool_choice")
    if isinstance(choice, dict):
        named_tool = {"name": cast("Document", choice).get("name")}
        chat["tool_choice"] = {"type": "function", "function": named_tool}
    elif choice is not None:
        chat["tool_choice"] = choice
    return chat


def _tool(tool: Document, number: int) -> Document:
    if tool.get("type") != "function":
        raise _unsupported(
            f"tools[{number}].type", "Tools that a provider runs itself have no price here."
        )
    names = ("name", "description", "parameters", "strict")
    function = {name: tool[name] for name in names if tool.get(name) is not None}
    return {"type": "function", "function": function}


def _messages(given: Document) -> list[Document]:
    messages: list[Document] = []
    if given.get("instructions"):
        messages.append({"role": "system", "content": given["instructions"]})
    items = given.get("input")
    if isinstance(items, str):
        return [*messages, {"role": "user", "content": items}]
    if not isinstance(items, list) or not items:
        raise _invalid("input", "must be a text or a list of items")
    for number, item in enumerate(cast("list[Any]", items)):
        _add_item(messages, as_dictionary(item), f"input[{number}]")
    return messages


def _add_item(messages: list[Document], item: Document, place: str) -> None:
    match item.get("type", "message"):
        case "message":
            content = _content(item.get("content"), f"{place}.content")
            messages.append({"role": item.get("role"), "content": content})
        case "function_call":
            function = {"name": item.get("name"), "arguments": item.get("arguments") or "{}"}
            call = {"id": item.get("call_id"), "type": "function", "function": function}
            last = messages[-1] if messages else {}
            if last.get("role") == "assistant":
                last.setdefault("tool_calls", []).append(call)
            else:
                message = {"role": "assistant", "content": None, "tool_calls": [call]}
                messages.append(message)
        case "function_call_output":
            output = item.get("output")
            text = output if isinstance(output, str) else _texts(output, f"{place}.output")
            result = {"role": "tool", "tool_call_id": item.get("call_id"), "content": text}
            messages.append(result)
        case "reasoning":
            # Of an earlier turn; chat completions have no place for it.
            pass
        case _:
            raise _unsupported(f"{place}.type", "It has no counterpart in chat completions.")


def _texts(parts: object, place: str) -> str:
    content = _content(parts, place)
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content)


def _content(content: object, place: str) -> str | list[Document]:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise _invalid(place, "must be a text or a list of parts")
    parts: list[Document] = []
    for number, value in enumerate(cast("list[Any]", content)):
        part = as_dictionary(value)
        match part.get("type"):
            case "input_text" | "output_text" | "text":
                parts.append({"type": "text", "text": part.get("text")})
            case "refusal":
                parts.append({"type": "text", "text": part.get("refusal")})
            case "input_image" if part.get("image_url"):
                image = {"url": part["image_url"], "detail": part.get("detail") or "auto"}
                parts.append({"type": "image_url", "image_url": image})
            case _:
                raise _unsupported(f"{place}[{number}].type", "Only text and pictures by URL.")
    if all(part["type"] == "text" for part in parts):
        return "\n".join(str(part["text"]) for part in parts)
    return parts


def _invalid(param: str, message: str) -> InvalidValue:
    return InvalidValue(f"`{param}` {message}.", param=param)


def _unsupported(param: str, message: str) -> UnsupportedParameter:
    return UnsupportedParameter(f"`{param}` is not supported. {message}", param=param)


# --- streams ------------------------------------------------------------------------------------


class ResponsesStream:
    """Chat's deltas as output items that begin, grow and end; every event is numbered."""

    keep_alive = b": keep-alive\n\n"

    def __init__(self, body: Document, report: Report) -> None:
        self._report = report
        model = (report.served_model or "").partition("/")[2]
        self._response = _response(body, report, model)
        self._number = -1
        self._assembler = openai_format.Assembler()
        self._done: list[Document] = []
        self._text = ""
        self._open: Document | None = None
        self._tool: int | None = None

    def begin(self) -> bytes:
        return self._event("response.created", response=self._response) + self._event(
            "response.in_progress", response=self._response
        )

    def event(self, data: bytes) -> bytes:
        chunk = openai_format.read_object(data) or {}
        self._assembler.add(chunk, data)
        if isinstance(chunk.get("usage"), dict):
            self._response["usage"] = _usage(chunk["usage"])
        written = b""
        for choice in chunk.get("choices") or ():
            delta = as_dictionary(choice.get("delta"))
            if text := delta.get("content"):
                written += self._add_text(text)
            for call in delta.get("tool_calls") or ():
                written += self._add_call(call)
            if reason := INCOMPLETE.get(choice.get("finish_reason") or ""):
                self._response |= {
                    "status": "incomplete",
                    "incomplete_details": {"reason": reason},
                }
        return written

    def _add_text(self, text: str) -> bytes:
        written = b""
        if self._open is None or self._open["type"] != "message":
            item = _message(self._report, [], "in_progress")
            written = self._begin(item) + self._event(
                "response.content_part.added", **self._place(), content_index=0, part=_part("")
            )
            self._text = ""
        self._text += text
        return written + self._event(
            "response.output_text.delta",
            **self._place(),
            content_index=0,
            delta=text,
            logprobs=[],
        )

    def _add_call(self, call: Document) -> bytes:
        written = b""
        number = call.get("index", 0)
        is_open = self._open is not None and self._open["type"] == "function_call"
        if not is_open or number != self._tool:
            bare = {**call, "function": {**as_dictionary(call.get("function")), "arguments": ""}}
            written = self._begin(_function_call(self._report, number, bare, "in_progress"))
            self._tool = number
        arguments = as_dictionary(call.get("function")).get("arguments")
        if not arguments or self._open is None:
            return written
        self._open["arguments"] += arguments
        return written + self._event(
            "response.function_call_arguments.delta", **self._place(), delta=arguments
        )

    def _begin(self, item: Document) -> bytes:
        ended = self._finish()
        self._open = item
        added = self._event("response.output_item.added", output_index=len(self._done), item=item)
        return ended + added

    def _finish(self) -> bytes:
        """End the item that is open."""
        if self._open is None:
            return b""
        item, place = self._open, self._place()
        if item["type"] == "message":
            part = _part(self._text)
            item |= {"content": [part]}
            written = self._event(
                "response.output_text.done",
                **place,
                content_index=0,
                text=self._text,
                logprobs=[],
            ) + self._event("response.content_part.done", **place, content_index=0, part=part)
        else:
            written = self._event(
                "response.function_call_arguments.done",
                **place,
                name=item["name"],
                arguments=item["arguments"],
            )
        item["status"] = "completed"
        written += self._event("response.output_item.done", output_index=len(self._done), item=item)
        self._done.append(item)
        self._open = None
        return written

    def _place(self) -> Document:
        assert self._open is not None  # noqa: S101 - only while an item is open
        return {"item_id": self._open["id"], "output_index": len(self._done)}

    def end(self) -> bytes:
        written = self._finish()
        self._response["output"] = self._done
        if self._response["status"] == "incomplete":
            return written + self._event("response.incomplete", response=self._response)
        self._response["status"] = "completed"
        return written + self._event("response.completed", response=self._response)

    def fail(self, error: WireError) -> bytes:
        failed = {"code": error.code, "message": error.message}
        self._response |= {"status": "failed", "error": failed, "output": self._done}
        return self._event("response.failed", response=self._response)

    def _event(self, kind: str, **document: Any) -> bytes:
        self._number += 1
        data = orjson.dumps({"type": kind, "sequence_number": self._number, **document})
        return b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"
